#include "pixel.h"

#include <string.h>

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

// row_pass weighs neighbours of one row into x_out samples. The fixed count of 8 lets the compiler use a dot product.
INLINE void row_pass(int16_t *restrict dst, const int16_t *restrict mid, const int32_t *restrict start, const int16_t *restrict weight, int32_t taps, int32_t out) {
	const int32_t shift = WEIGHT_BITS + MID_BITS - SAMPLE_BITS;
	for (int32_t i = 0; i < out; i++) {
		const int16_t *m = mid + start[i];
		const int16_t *w = weight + (int64_t)i * taps;
		int32_t sum = 1 << (shift - 1);
		for (int32_t k = 0; k < taps; k += 8) {
			int32_t part = 0;
			for (int32_t j = 0; j < 8; j++) part += (int32_t)m[k + j] * w[k + j];
			sum += part;
		}
		dst[i] = (int16_t)(sum >> shift);
	}
}

CLONES void vp_resize(int16_t *dst, const uint8_t *src, int64_t stride, int32_t channels, int32_t cols,
	const int32_t *y_start, const int16_t *y_weight, int32_t y_taps, int32_t y_out,
	const int32_t *x_start, const int16_t *x_weight, int32_t x_taps, int32_t x_out, int16_t *mid, int32_t *acc) {
	int16_t *split = mid + channels * (cols + x_taps);
	memset(split, 0, sizeof(int16_t) * (cols + x_taps));
	memset(mid, 0, sizeof(int16_t) * channels * (cols + x_taps));
	for (int32_t y = 0; y < y_out; y++) {
		column_pass(mid, acc, src + y_start[y] * stride, stride, y_weight + (int64_t)y * y_taps, y_taps, cols * channels);
		for (int32_t c = 0; c < channels; c++) {
			const int16_t *row = mid;
			if (channels > 1) {
				for (int32_t x = 0; x < cols; x++) split[x] = mid[x * channels + c];
				row = split;
			}
			row_pass(dst + ((int64_t)c * y_out + y) * x_out, row, x_start, x_weight, x_taps, x_out);
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
