// The kernels for one instruction set; sinkhorn.c includes this file once for each.
//
//   LANES          doubles of a vector
//   NAME(f)        the name of f in this version
//   TARGET         attribute that selects the instruction set
//   WIDEN, NARROW  a vector of float to double, and back
//
// All are undefined again at the end. All arithmetic is in double. Sums run in STEP lanes whatever the vectors, and nothing is
// contracted, so that every version gives the same bits.

typedef double NAME(vec) __attribute__((vector_size(LANES * 8)));
typedef int64_t NAME(ivec) __attribute__((vector_size(LANES * 8)));
typedef double NAME(vec_f64) __attribute__((vector_size(LANES * 8), aligned(8)));
typedef float NAME(vec_f32) __attribute__((vector_size(LANES * 4), aligned(4)));
typedef uint16_t NAME(vec_u16) __attribute__((vector_size(LANES * 2), aligned(2)));
typedef uint32_t NAME(vec_u32) __attribute__((vector_size(LANES * 4)));
typedef float NAME(single) __attribute__((vector_size(LANES * 4)));

#define INLINE static inline __attribute__((always_inline)) TARGET
#define VEC NAME(vec)
#define IVEC NAME(ivec)
#define PARTS (STEP / LANES)

INLINE VEC NAME(load_f64)(const double *p) { return (VEC)*(const NAME(vec_f64) *)p; }
INLINE VEC NAME(load_f32)(const float *p) { return WIDEN(*(const NAME(vec_f32) *)p); }
INLINE VEC NAME(load_u16)(const uint16_t *p) {
    NAME(vec_u32) bits = __builtin_convertvector(*(const NAME(vec_u16) *)p, NAME(vec_u32)) << 14;
    return WIDEN((NAME(single))bits);
}
INLINE double NAME(number_f64)(double v) { return v; }
INLINE double NAME(number_f32)(float v) { return v; }
INLINE double NAME(number_u16)(uint16_t v) {
    union { uint32_t bits; float f; } u = {(uint32_t)v << 14};
    return u.f;
}
INLINE void NAME(store_f64)(double *p, VEC v) { *(NAME(vec_f64) *)p = (NAME(vec_f64))v; }
INLINE void NAME(store_f32)(float *p, VEC v) { *(NAME(vec_f32) *)p = (NAME(vec_f32))NARROW(v); }

INLINE VEC NAME(select)(IVEC where, VEC a, VEC b) { return (VEC)((where & (IVEC)a) | (~where & (IVEC)b)); }
INLINE VEC NAME(larger)(VEC a, VEC b) { return NAME(select)(a > b, a, b); }

// exponential of a <= 0, by a power of 2 and a polynomial on what is left, within half the logarithm of 2; NaN stays.
INLINE VEC NAME(exponential)(VEC a, int degree) {
    const VEC shifter = (VEC){0} + 0x1.8p52;
    VEC whole = a * 0x1.71547652b82fep0 + shifter;
    VEC n = whole - shifter;
    VEC r = (a - n * 0x1.62e42fee00000p-1) - n * 0x1.a39ef35793c76p-33;
    VEC p = (VEC){0} + inverse_factorial[degree];
#pragma GCC unroll 16
    for (int i = degree - 1; i >= 0; i--) p = p * r + inverse_factorial[i];
    VEC power = (VEC)(((IVEC)whole + 1023) << 52);
    return (VEC)((IVEC)(p * power) & ~(a < -708.0)); // the least normal number is exp(-708.4)
}

#define TYPE f64
#define REAL double
#define DEGREE 13
#include "rows.h"
#define TYPE f32
#define REAL float
#define DEGREE 7
#include "rows.h"
#define TYPE u16
#define REAL uint16_t
#include "rows.h"

#undef INLINE
#undef VEC
#undef IVEC
#undef PARTS
#undef LANES
#undef NAME
#undef TARGET
#undef WIDEN
#undef NARROW
