#include "pixel.h"

#include <string.h>

// reflect mirrors an index at the edges without repeating them; it is at most n-1 outside.
INLINE int32_t reflect(int32_t i, int32_t n) {
	i = i < 0 ? -i : i;
	return i >= n ? 2 * (n - 1) - i : i;
}

CLONES void vp_blur(uint8_t *v, int32_t planes, int32_t w, int32_t h, const int16_t *weight, int32_t radius, uint8_t *copy, int16_t *mid, int32_t *acc) {
	const int32_t down = WEIGHT_BITS - MID_BITS, across = WEIGHT_BITS + MID_BITS;
	for (int32_t p = 0; p < planes; p++, v += (int64_t)w * h) {
		memcpy(copy, v, (int64_t)w * h);
		for (int32_t y = 0; y < h; y++) {
			for (int32_t x = 0; x < w; x++) acc[x] = 1 << (down - 1);
			for (int32_t k = -radius; k <= radius; k++) {
				const int32_t f = weight[k + radius];
				const uint8_t *restrict row = copy + (int64_t)reflect(y + k, h) * w;
				for (int32_t x = 0; x < w; x++) acc[x] += f * row[x];
			}
			int16_t *line = mid + radius;
			for (int32_t x = 0; x < w; x++) line[x] = (int16_t)(acc[x] >> down);
			for (int32_t k = 1; k <= radius; k++) {
				line[-k] = line[reflect(-k, w)];
				line[w - 1 + k] = line[reflect(w - 1 + k, w)];
			}
			for (int32_t x = 0; x < w; x++) acc[x] = 1 << (across - 1);
			for (int32_t k = 0; k <= 2 * radius; k++) {
				const int32_t f = weight[k];
				const int16_t *restrict from = mid + k;
				for (int32_t x = 0; x < w; x++) acc[x] += f * from[x];
			}
			uint8_t *restrict out = v + (int64_t)y * w;
			for (int32_t x = 0; x < w; x++) out[x] = (uint8_t)(acc[x] >> across);
		}
	}
}
