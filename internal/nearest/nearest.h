// Exact nearest rows by blocked products; see nearest.go.
#ifndef VSSL_NEAREST_H
#define VSSL_NEAREST_H

#include <stdint.h>

// sizes of the kernel in use for elements of 4 or 8 bytes: rows of a tile, columns of a panel
int nearest_tile(int bytes);
int nearest_panel(int bytes);

// pack lays rows [n, d] out as panels [ceil(n/panel), d, panel], padded with zeros, and writes bias [ceil(n/panel)*panel]:
// the squared length of each row if squared, else 0; infinity for padding.
void nearest_pack_f32(const float *rows, int64_t n, int64_t d, int squared, float *packed, float *bias);
void nearest_pack_f64(const double *rows, int64_t n, int64_t d, int squared, double *packed, double *bias);

// argmin writes to label [n] the first k with the least bias_k + scale * x_n . c_k; work holds 8 tiles of d.
void nearest_argmin_f32(const float *x, int64_t n, int64_t d, const float *packed, const float *bias, int64_t k,
    float scale, int32_t *label, float *work);
void nearest_argmin_f64(const double *x, int64_t n, int64_t d, const double *packed, const double *bias, int64_t k,
    double scale, int32_t *label, double *work);

// best keeps for each row of x [n, d] a heap of the k least bias_j + scale * x_n . c_j over the m packed rows, which are numbered
// from first. value and id [n, k] hold the heaps between calls, worst first. The row x_i never meets number self + i; a self
// of -1 lets every row meet all. Calls must come with ascending first.
void nearest_best_f32(const float *x, int64_t n, int64_t d, const float *packed, const float *bias, int64_t m,
    float scale, int64_t first, int64_t self, int64_t k, float *value, int32_t *id, float *work);
void nearest_best_f64(const double *x, int64_t n, int64_t d, const double *packed, const double *bias, int64_t m,
    double scale, int64_t first, int64_t self, int64_t k, double *value, int32_t *id, double *work);

// gather adds the rows of x [n, d] whose label is in lo..hi-1 to sum [k, d], counts them and adds to cost [k] their squared
// distance to centre [k, d], or their product with it unless squared.
void nearest_gather_f32(const float *x, int64_t n, int64_t d, const int32_t *label, int32_t lo, int32_t hi,
    const float *centre, int squared, double *sum, int64_t *count, double *cost);
void nearest_gather_f64(const double *x, int64_t n, int64_t d, const int32_t *label, int32_t lo, int32_t hi,
    const double *centre, int squared, double *sum, int64_t *count, double *cost);

// exact writes to out [n, k] the squared distances of x_n to the rows id [n, k] of base, or their products unless squared;
// infinity where an id is -1.
void nearest_exact_f32(const float *x, int64_t n, int64_t d, const float *base, int64_t k, const int32_t *id,
    int squared, double *out);
void nearest_exact_f64(const double *x, int64_t n, int64_t d, const double *base, int64_t k, const int32_t *id,
    int squared, double *out);

// pairs writes to out [n] the squared distance of the rows of x [n, d] to y [d], or their product unless squared.
void nearest_pairs_f32(const float *x, int64_t n, int64_t d, const float *y, int squared, double *out);
void nearest_pairs_f64(const double *x, int64_t n, int64_t d, const double *y, int squared, double *out);

// limit asks for a version no wider than 0 (16 bytes), 1 (32) or 2 (64), for tests.
void nearest_limit(int width);

#endif
