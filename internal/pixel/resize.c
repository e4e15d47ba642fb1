#include "pixel.h"

#include <string.h>

// Rows of the result that are made at once: the second pass works on as many values at a time.
enum { ROWS = 16 };

// column_pass weighs taps rows into one row of int16 with MID_BITS fractional bits.
INLINE void column_pass(int16_t *restrict mid, int32_t *restrict acc, const uint8_t *src, int64_t stride, const int16_t *weight, int32_t taps, int32_t n) {
	const int32_t half = 1 << (WEIGHT_BITS - MID_BITS - 1);
	for (int32_t x = 0; x < n; x++) acc[x] = half;
	for (int32_t k = 0; k < taps; k++) {
		const int32_t w = weight[k];
		const uint8_t *restrict row = src + k * stride;
		if (w == 0) continue;
		for (int32_t x = 0; x < n; x++) acc[x] += w * row[x];
	}
	for (int32_t x = 0; x < n; x++) mid[x] = (int16_t)(acc[x] >> (WEIGHT_BITS - MID_BITS));
}

typedef int16_t lane8 __attribute__((vector_size(16), aligned(2), may_alias));

// transpose8 writes the 8x8 block at src, rows src_stride apart, transposed to dst, rows dst_stride apart.
INLINE void transpose8(int16_t *dst, int64_t dst_stride, const int16_t *src, int64_t src_stride) {
	const lane8 low1 = {0, 8, 1, 9, 2, 10, 3, 11}, high1 = {4, 12, 5, 13, 6, 14, 7, 15};
	const lane8 low2 = {0, 1, 8, 9, 2, 3, 10, 11}, high2 = {4, 5, 12, 13, 6, 7, 14, 15};
	const lane8 low4 = {0, 1, 2, 3, 8, 9, 10, 11}, high4 = {4, 5, 6, 7, 12, 13, 14, 15};
	lane8 r[8], a[8], b[8];
	for (int i = 0; i < 8; i++) r[i] = *(const lane8 *)(src + i * src_stride);
	for (int i = 0; i < 4; i++) { // pairs of rows: columns 0..3 in a[2i], 4..7 in a[2i+1]
		a[2 * i] = __builtin_shuffle(r[2 * i], r[2 * i + 1], low1);
		a[2 * i + 1] = __builtin_shuffle(r[2 * i], r[2 * i + 1], high1);
	}
	for (int i = 0; i < 2; i++) { // fours of rows: columns 2k, 2k+1 in b[4i+k]
		for (int k = 0; k < 2; k++) {
			b[4 * i + 2 * k] = __builtin_shuffle(a[4 * i + k], a[4 * i + 2 + k], low2);
			b[4 * i + 2 * k + 1] = __builtin_shuffle(a[4 * i + k], a[4 * i + 2 + k], high2);
		}
	}
	for (int k = 0; k < 4; k++) {
		*(lane8 *)(dst + 2 * k * dst_stride) = __builtin_shuffle(b[k], b[4 + k], low4);
		*(lane8 *)(dst + (2 * k + 1) * dst_stride) = __builtin_shuffle(b[k], b[4 + k], high4);
	}
}

// turn_columns transposes ROWS rows of n values, n a multiple of 8, into n groups of ROWS; turn_rows does it back.
INLINE void turn_columns(int16_t *dst, const int16_t *rows, int64_t stride, int32_t n) {
	for (int32_t x = 0; x < n; x += 8)
		for (int32_t r = 0; r < ROWS; r += 8) transpose8(dst + (int64_t)x * ROWS + r, ROWS, rows + r * stride + x, stride);
}

INLINE void turn_rows(int16_t *rows, int64_t stride, const int16_t *src, int32_t n) {
	for (int32_t x = 0; x < n; x += 8)
		for (int32_t r = 0; r < ROWS; r += 8) transpose8(rows + r * stride + x, stride, src + (int64_t)x * ROWS + r, ROWS);
}

// One value of each of ROWS rows. Vectors are spelt out here, since the compiler's own choice was to go value by value.
typedef int16_t lanes16 __attribute__((vector_size(2 * ROWS), aligned(2), may_alias));
typedef int32_t lanes32 __attribute__((vector_size(4 * ROWS)));

// row_pass weighs neighbours within ROWS rows at once: from and to hold groups of ROWS values, step groups apart in from.
INLINE void row_pass(int16_t *restrict to, const int16_t *restrict from, int32_t step, const int32_t *restrict start, const int16_t *restrict weight, int32_t taps, int32_t out) {
	const int32_t shift = WEIGHT_BITS + MID_BITS - SAMPLE_BITS;
	for (int32_t i = 0; i < out; i++) {
		lanes32 sum = {0};
		sum += 1 << (shift - 1);
		for (int32_t k = 0; k < taps; k++) {
			const lanes16 *group = (const lanes16 *)(from + (int64_t)(start[i] + k) * step * ROWS);
			sum += weight[(int64_t)i * taps + k] * __builtin_convertvector(*group, lanes32);
		}
		*(lanes16 *)(to + (int64_t)i * ROWS) = __builtin_convertvector(sum >> shift, lanes16);
	}
}

INLINE int32_t up8(int32_t n) { return (n + 7) & ~7; }

CLONES void vp_resize(int16_t *dst, const uint8_t *src, int64_t stride, int32_t channels, int32_t cols,
	const int32_t *y_start, const int16_t *y_weight, int32_t y_taps, int32_t y_out,
	const int32_t *x_start, const int16_t *x_weight, int32_t x_taps, int32_t x_out, int16_t *mid, int32_t *acc) {
	const int32_t n = cols * channels, wide = up8(n), narrow = up8(x_out);
	int16_t *groups = mid + ROWS * wide, *sums = groups + ROWS * wide, *lines = sums + ROWS * narrow;
	memset(mid, 0, sizeof(int16_t) * ROWS * wide);
	memset(sums, 0, sizeof(int16_t) * ROWS * narrow);
	for (int32_t y = 0; y < y_out; y += ROWS) {
		const int32_t count = y_out - y < ROWS ? y_out - y : ROWS;
		for (int32_t r = 0; r < count; r++)
			column_pass(mid + r * wide, acc, src + y_start[y + r] * stride, stride, y_weight + (int64_t)(y + r) * y_taps, y_taps, n);
		turn_columns(groups, mid, wide, wide);
		for (int32_t c = 0; c < channels; c++) {
			row_pass(sums, groups + c * ROWS, channels, x_start, x_weight, x_taps, x_out);
			turn_rows(lines, narrow, sums, narrow);
			for (int32_t r = 0; r < count; r++)
				memcpy(dst + ((int64_t)c * y_out + y + r) * x_out, lines + r * narrow, sizeof(int16_t) * x_out);
		}
	}
}

CLONES void vp_resize_float(float *dst, const float *src, int32_t planes, int32_t w, int32_t h,
	const int32_t *y_start, const float *y_weight, int32_t y_taps, int32_t y_out,
	const int32_t *x_start, const float *x_weight, int32_t x_taps, int32_t x_out, float *acc) {
	for (int32_t p = 0; p < planes; p++, src += (int64_t)w * h) {
		for (int32_t y = 0; y < y_out; y++, dst += x_out) {
			for (int32_t x = 0; x < w; x++) acc[x] = 0;
			for (int32_t k = 0; k < y_taps; k++) {
				const float f = y_weight[(int64_t)y * y_taps + k];
				const float *restrict row = src + (int64_t)(y_start[y] + k) * w;
				for (int32_t x = 0; x < w; x++) acc[x] += f * row[x];
			}
			for (int32_t x = 0; x < x_out; x++) {
				float sum = 0;
				for (int32_t k = 0; k < x_taps; k++) sum += x_weight[(int64_t)x * x_taps + k] * acc[x_start[x] + k];
				dst[x] = sum;
			}
		}
	}
}

enum { BLOCK = 256 };

INLINE void matrix_block(uint8_t *restrict out, const int16_t *restrict a, const int16_t *restrict b, const int16_t *restrict c, const int32_t *m, int32_t offset, int32_t n) {
	const int32_t ma = m[0], mb = m[1], mc = m[2], shift = MATRIX_BITS + SAMPLE_BITS;
	for (int32_t i = 0; i < n; i++) out[i] = clamp8((ma * a[i] + mb * b[i] + mc * c[i] + offset) >> shift);
}

CLONES void vp_matrix(uint8_t *dst, const int16_t *a, const int16_t *b, const int16_t *c, int32_t w, int32_t h, int32_t transpose, const int32_t *m) {
	uint8_t block[BLOCK];
	const int64_t n = (int64_t)w * h;
	for (int32_t p = 0; p < 3; p++) {
		const int32_t *row = m + 3 * p;
		const int32_t offset = m[9 + p] + (1 << (MATRIX_BITS + SAMPLE_BITS - 1));
		uint8_t *out = dst + p * n;
		if (!transpose) {
			matrix_block(out, a, b, c, row, offset, (int32_t)n);
			continue;
		}
		for (int32_t y = 0; y < h; y++) {
			for (int32_t x = 0; x < w; x += BLOCK) {
				const int32_t count = w - x < BLOCK ? w - x : BLOCK;
				const int64_t at = (int64_t)y * w + x;
				matrix_block(block, a + at, b + at, c + at, row, offset, count);
				for (int32_t i = 0; i < count; i++) out[(int64_t)(x + i) * h + y] = block[i];
			}
		}
	}
}
