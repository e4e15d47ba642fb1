// Passes of Sinkhorn's scaling over rows; see sinkhorn.go. Rows are [n, k], row-major; a half is a float's bits 14..29.
#ifndef VSSL_SINKHORN_H
#define VSSL_SINKHORN_H

#include <stdint.h>

// lift writes e = exp(power*x + base - peak), where peak [n] is what makes a row's largest 1; it is NaN where the row has none.
void sinkhorn_lift_f32(const float *x, int64_t n, int64_t k, double power, const double *base, float *e, double *peak);
void sinkhorn_lift_f64(const double *x, int64_t n, int64_t k, double power, const double *base, double *e, double *peak);

// columns adds power*x to the sums of exponentials exp(most) * sum of the columns; most starts as -infinity. work holds k.
void sinkhorn_columns_f32(const float *x, int64_t n, int64_t k, double power, double *most, double *sum, double *work);
void sinkhorn_columns_f64(const double *x, int64_t n, int64_t k, double power, double *most, double *sum, double *work);

// products writes to row [n] the products of the rows with rate, and adds to sum [k] the rows over these.
void sinkhorn_products_f32(const float *e, int64_t n, int64_t k, const double *rate, double *row, double *sum);
void sinkhorn_products_f64(const double *e, int64_t n, int64_t k, const double *rate, double *row, double *sum);
void sinkhorn_products_u16(const uint16_t *e, int64_t n, int64_t k, const double *rate, double *row, double *sum);

// choose writes to label [n] the first column with the largest x*rate + shift.
void sinkhorn_choose_f32(const float *x, int64_t n, int64_t k, const double *rate, const double *shift, int32_t *label);
void sinkhorn_choose_f64(const double *x, int64_t n, int64_t k, const double *rate, const double *shift, int32_t *label);

// pack rounds n numbers in 0..1 to halves.
void sinkhorn_pack_f32(const float *e, int64_t n, uint16_t *half);
void sinkhorn_pack_f64(const double *e, int64_t n, uint16_t *half);

// limit asks for a version no wider than 0 (16 bytes), 1 (32) or 2 (64), for tests.
void sinkhorn_limit(int width);

#endif
