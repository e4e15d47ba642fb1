#include "sinkhorn.h"

#include <math.h>
#include <string.h>

// -std=c11 keeps gcc from contracting products and sums, this clang.
#ifdef __clang__
#pragma STDC FP_CONTRACT OFF
#endif

enum { STEP = 16 }; // lanes that a sum runs in

static const double inverse_factorial[] = {
    1.0, 1.0, 1.0 / 2, 1.0 / 6, 1.0 / 24, 1.0 / 120, 1.0 / 720, 1.0 / 5040, 1.0 / 40320, 1.0 / 362880, 1.0 / 3628800,
    1.0 / 39916800, 1.0 / 479001600, 1.0 / 6227020800,
};

#if defined(__x86_64__)
#include <immintrin.h>
#define TARGET __attribute__((target("avx512f,avx512dq,avx512bw,avx512vl")))
#define LANES 8
#define NAME(f) f##_wide
#define WIDEN(v) (VEC)_mm512_cvtps_pd((__m256)(v))
#define NARROW(v) _mm512_cvtpd_ps((__m512d)(v))
#include "kernel.h"

#define TARGET __attribute__((target("avx2")))
#define LANES 4
#define NAME(f) f##_half
#define WIDEN(v) (VEC)_mm256_cvtps_pd((__m128)(v))
#define NARROW(v) _mm256_cvtpd_ps((__m256d)(v))
#include "kernel.h"
#endif

#define TARGET
#define LANES 2
#define NAME(f) f##_plain
#define WIDEN(v) __builtin_convertvector(v, VEC)
#define NARROW(v) __builtin_convertvector(v, NAME(single))
#include "kernel.h"

// The widest version that the processor has, or a narrower one where a test asks for it.
enum { PLAIN, HALF_WIDE, FULL_WIDE };
static int limit = FULL_WIDE;

void sinkhorn_limit(int width) { limit = width; }

#if defined(__x86_64__)
static int width(void) {
    int have = PLAIN;
    if (__builtin_cpu_supports("avx2")) have = HALF_WIDE;
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512bw") &&
        __builtin_cpu_supports("avx512vl"))
        have = FULL_WIDE;
    return have < limit ? have : limit;
}

#define CHOOSE(f, ...)                                                                                                    \
    switch (width()) {                                                                                                    \
    case FULL_WIDE: f##_wide(__VA_ARGS__); break;                                                                         \
    case HALF_WIDE: f##_half(__VA_ARGS__); break;                                                                         \
    default: f##_plain(__VA_ARGS__);                                                                                      \
    }
#else
#define CHOOSE(f, ...) f##_plain(__VA_ARGS__);
#endif

#define EXPORT_PRODUCTS(type, real)                                                                                       \
    void sinkhorn_products_##type(const real *e, int64_t n, int64_t k, const double *rate, double *row, double *sum) {    \
        CHOOSE(products_##type, e, n, k, rate, row, sum)                                                                  \
    }

#define EXPORT(type, real)                                                                                                \
    EXPORT_PRODUCTS(type, real)                                                                                           \
    void sinkhorn_lift_##type(const real *x, int64_t n, int64_t k, double power, const double *base, real *e,             \
                              double *peak) {                                                                             \
        CHOOSE(lift_##type, x, n, k, power, base, e, peak)                                                                \
    }                                                                                                                     \
    void sinkhorn_columns_##type(const real *x, int64_t n, int64_t k, double power, double *most, double *sum,            \
                                 double *work) {                                                                          \
        CHOOSE(columns_##type, x, n, k, power, most, sum, work)                                                           \
    }                                                                                                                     \
    void sinkhorn_choose_##type(const real *x, int64_t n, int64_t k, const double *rate, const double *shift,             \
                                int32_t *label) {                                                                         \
        CHOOSE(choose_##type, x, n, k, rate, shift, label)                                                                \
    }                                                                                                                     \
    void sinkhorn_pack_##type(const real *e, int64_t n, uint16_t *half) { CHOOSE(pack_##type, e, n, half) }

EXPORT(f32, float)
EXPORT(f64, double)
EXPORT_PRODUCTS(u16, uint16_t)
