// Kernels over 8-bit pixels. Plain C for the compiler's vectors: every function is compiled for three levels of x86-64 and the right
// one is bound when the program starts, so the binary runs everywhere. All arithmetic that could depend on the width of a vector is
// in integers, so the levels answer the same bytes.
#ifndef VSSL_PIXEL_H
#define VSSL_PIXEL_H

#include <stdint.h>

// Free the compiler to select without branches: no code here looks at traps, errno or the sign of zero. Products and sums stay
// apart (the standard of the language in CFLAGS sees to that too), since a fused one rounds differently.
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC optimize("no-trapping-math", "no-math-errno", "no-signed-zeros", "fp-contract=off")
#endif

// Fractional bits: of tap weights, of a row between the two passes, of a resized sample, of a matrix coefficient.
enum { WEIGHT_BITS = 14, MID_BITS = 7, SAMPLE_BITS = 6, MATRIX_BITS = 13 };

// Steps of the colour jitter.
enum { STEP_BRIGHTNESS, STEP_CONTRAST, STEP_SATURATION, STEP_HUE };

// vp_resize resizes channels interleaved in rows of src into one plane a channel, int16 with SAMPLE_BITS fractional bits,
// dst [channels, y_out, x_out]. Along each axis, output i is the sum over k < taps of weight[i*taps+k] * input[start[i]+k].
// cols is the number of columns read. mid is scratch of 32 * (up8(channels*cols) + up8(x_out)) int16, up8 rounding up to a
// multiple of 8; acc is scratch of channels * cols int32.
void vp_resize(int16_t *dst, const uint8_t *src, int64_t stride, int32_t channels, int32_t cols,
	const int32_t *y_start, const int16_t *y_weight, int32_t y_taps, int32_t y_out,
	const int32_t *x_start, const int16_t *x_weight, int32_t x_taps, int32_t x_out, int16_t *mid, int32_t *acc);

// vp_matrix turns three planes of w*h samples into planar 8-bit RGB, dst [3, h, w] or, transposed, [3, w, h].
// m holds 3 rows of 3 coefficients with MATRIX_BITS fractional bits, then 3 offsets with MATRIX_BITS+SAMPLE_BITS.
void vp_matrix(uint8_t *dst, const int16_t *a, const int16_t *b, const int16_t *c, int32_t w, int32_t h, int32_t transpose, const int32_t *m);

// vp_jitter runs steps colour steps in the given order over frames pictures of planar RGB, n pixels each.
// factor holds, by step: brightness, contrast, saturation, hue. scratch holds 3*n floats.
void vp_jitter(uint8_t *rgb, int32_t frames, int32_t n, const int32_t *order, int32_t steps, const float *factor, float *scratch);

// vp_jitter_float is the same on floats from 0 to 1, without the rounding at the end.
void vp_jitter_float(float *rgb, int32_t frames, int32_t n, const int32_t *order, int32_t steps, const float *factor, float *scratch);

// vp_grey replaces R, G and B by their luma, vp_grey_float in floats from 0 to 1.
void vp_grey(uint8_t *rgb, int32_t frames, int32_t n);
void vp_grey_float(float *rgb, int32_t frames, int32_t n);

// vp_colour blends each pixel with its grey, grey + f * (pixel - grey), clipped and cut to a whole number as Pillow does.
void vp_colour(uint8_t *rgb, int32_t frames, int32_t n, float f);

// vp_sharpness blends planes pictures of w*h likewise with their smoothed selves; copy is scratch of w*h bytes.
void vp_sharpness(uint8_t *v, int32_t planes, int32_t w, int32_t h, float f, uint8_t *copy);

// vp_solarize turns v >= threshold into 255-v, count values.
void vp_solarize(uint8_t *v, int64_t count, int32_t threshold);

// vp_blur smooths planes pictures of w*h with a symmetric kernel of 2*radius+1 weights, edges reflected.
// copy is scratch of w*h bytes, mid of w+2*radius int16.
void vp_blur(uint8_t *v, int32_t planes, int32_t w, int32_t h, const int16_t *weight, int32_t radius, uint8_t *copy, int16_t *mid, int32_t *acc);

// vp_blur_float is the same on floats; copy is scratch of w*h, mid of w+2*radius, acc of w floats.
void vp_blur_float(float *v, int32_t planes, int32_t w, int32_t h, const float *weight, int32_t radius, float *copy, float *mid, float *acc);

// vp_box runs three box blurs along the rows and three along the columns of planes pictures of w*h, edges repeated: the 2*radius+1 values
// in the middle weigh inner, the two beside them outer, in units of 2^-24. spare is scratch of 2*w*h bytes, acc of
// max(w, h) values.
void vp_box(uint8_t *v, int32_t planes, int32_t w, int32_t h, int32_t radius, uint32_t inner, uint32_t outer, uint8_t *spare, uint32_t *acc);

// vp_resize_float resizes planes pictures of w*h floats into [planes, y_out, x_out] by the tables of vp_resize with float weights; acc is
// scratch of w floats.
void vp_resize_float(float *dst, const float *src, int32_t planes, int32_t w, int32_t h,
	const int32_t *y_start, const float *y_weight, int32_t y_taps, int32_t y_out,
	const int32_t *x_start, const float *x_weight, int32_t x_taps, int32_t x_out, float *acc);

// vp_interleave turns planar [frames, 3, n] into packed [frames, n, 3].
void vp_interleave(uint8_t *dst, const uint8_t *src, int32_t frames, int32_t n);

#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && defined(__linux__)
#define CLONES __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define CLONES
#endif
#define INLINE static inline __attribute__((always_inline))

// The grey of Pillow's mode "L".
#define PILLOW_GREY(r, g, b) ((19595 * (r) + 38470 * (g) + 7471 * (b) + 32768) >> 16)

INLINE uint8_t clamp8(int32_t v) { return v < 0 ? 0 : v > 255 ? 255 : (uint8_t)v; }

#endif
