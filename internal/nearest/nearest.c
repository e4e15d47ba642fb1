#include "nearest.h"

#include <math.h>
#include <string.h>

#if defined(__x86_64__)
#include <immintrin.h>
#define WIDE __attribute__((target("avx512f,avx512dq,avx512bw,avx512vl,fma")))
#define HALF __attribute__((target("avx2,fma")))

#define TARGET WIDE
#define MR 14
#define REAL float
#define WHOLE int32_t
#define LANES 16
#define NAME(f) f##_f32_wide
#define BELOW(v, t) _mm512_cmp_ps_mask((__m512)(v), _mm512_set1_ps(t), _CMP_LT_OQ)
#include "kernel.h"
#define REAL double
#define WHOLE int64_t
#define LANES 8
#define NAME(f) f##_f64_wide
#define BELOW(v, t) _mm512_cmp_pd_mask((__m512d)(v), _mm512_set1_pd(t), _CMP_LT_OQ)
#include "kernel.h"
#undef MR
#undef TARGET

#define TARGET HALF
#define MR 6
#define REAL float
#define WHOLE int32_t
#define LANES 8
#define NAME(f) f##_f32_half
#define BELOW(v, t) (unsigned)_mm256_movemask_ps(_mm256_cmp_ps((__m256)(v), _mm256_set1_ps(t), _CMP_LT_OQ))
#include "kernel.h"
#define REAL double
#define WHOLE int64_t
#define LANES 4
#define NAME(f) f##_f64_half
#define BELOW(v, t) (unsigned)_mm256_movemask_pd(_mm256_cmp_pd((__m256d)(v), _mm256_set1_pd(t), _CMP_LT_OQ))
#include "kernel.h"
#undef MR
#undef TARGET
#endif

#define TARGET
#define MR 4
#define REAL float
#define WHOLE int32_t
#define LANES 4
#define NAME(f) f##_f32_plain
#define BELOW(v, t) (unsigned)(((v)[0] < (t)) | ((v)[1] < (t)) << 1 | ((v)[2] < (t)) << 2 | ((v)[3] < (t)) << 3)
#include "kernel.h"
#define REAL double
#define WHOLE int64_t
#define LANES 2
#define NAME(f) f##_f64_plain
#define BELOW(v, t) (unsigned)(((v)[0] < (t)) | ((v)[1] < (t)) << 1)
#include "kernel.h"

#undef MR
#undef TARGET

// The widest version that the processor has, or a narrower one where a test asks for it.
enum { PLAIN, HALF_WIDE, FULL_WIDE };
static int limit = FULL_WIDE;

void nearest_limit(int width) { limit = width; }

static int width(void) {
    int have = PLAIN;
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) have = HALF_WIDE;
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512bw") &&
        __builtin_cpu_supports("avx512vl"))
        have = FULL_WIDE;
#endif
    return have < limit ? have : limit;
}

int nearest_tile(int bytes) {
    (void)bytes;
    return width() == FULL_WIDE ? 14 : width() == HALF_WIDE ? 6 : 4;
}

int nearest_panel(int bytes) { return 2 * (width() == FULL_WIDE ? 64 : width() == HALF_WIDE ? 32 : 16) / bytes; }

#if defined(__x86_64__)
#define CHOOSE(f, type, ...)                                                                                              \
    switch (width()) {                                                                                                    \
    case FULL_WIDE: f##_##type##_wide(__VA_ARGS__); break;                                                                \
    case HALF_WIDE: f##_##type##_half(__VA_ARGS__); break;                                                                \
    default: f##_##type##_plain(__VA_ARGS__);                                                                             \
    }
#else
#define CHOOSE(f, type, ...) f##_##type##_plain(__VA_ARGS__);
#endif

#define EXPORT(type, real)                                                                                                \
    void nearest_pack_##type(const real *rows, int64_t n, int64_t d, int squared, real *packed, real *bias) {             \
        CHOOSE(pack, type, rows, n, d, squared, packed, bias)                                                             \
    }                                                                                                                     \
    void nearest_argmin_##type(const real *x, int64_t n, int64_t d, const real *packed, const real *bias, int64_t k,      \
                               real scale, int32_t *label, real *work) {                                                  \
        CHOOSE(argmin, type, x, n, d, packed, bias, k, scale, label, work)                                                \
    }                                                                                                                     \
    void nearest_best_##type(const real *x, int64_t n, int64_t d, const real *packed, const real *bias, int64_t m,        \
                             real scale, int64_t first, int64_t self, int64_t k, real *value, int32_t *id, real *work) {  \
        CHOOSE(best, type, x, n, d, packed, bias, m, scale, first, self, k, value, id, work)                              \
    }                                                                                                                     \
    void nearest_gather_##type(const real *x, int64_t n, int64_t d, const int32_t *label, int32_t lo, int32_t hi,         \
                               const real *centre, int squared, double *sum, int64_t *count, double *cost) {              \
        CHOOSE(gather, type, x, n, d, label, lo, hi, centre, squared, sum, count, cost)                                   \
    }                                                                                                                     \
    void nearest_exact_##type(const real *x, int64_t n, int64_t d, const real *base, int64_t k, const int32_t *id,        \
                              int squared, double *out) {                                                                 \
        CHOOSE(exact, type, x, n, d, base, k, id, squared, out)                                                           \
    }                                                                                                                     \
    void nearest_pairs_##type(const real *x, int64_t n, int64_t d, const real *y, int squared, double *out) {             \
        CHOOSE(pairs, type, x, n, d, y, squared, out)                                                                     \
    }

EXPORT(f32, float)
EXPORT(f64, double)
