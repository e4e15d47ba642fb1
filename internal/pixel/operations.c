#include "pixel.h"

#include <string.h>

// blend is Pillow's: from a towards b and, with f above 1, beyond it; clipped, and cut to a whole number.
INLINE uint8_t blend(int32_t a, int32_t b, float f) {
	const float v = a + f * (b - a);
	return (uint8_t)(int32_t)(v < 0 ? 0 : v > 255 ? 255 : v);
}

CLONES void vp_colour(uint8_t *rgb, int32_t frames, int32_t n, float f) {
	for (int32_t t = 0; t < frames; t++, rgb += 3 * (int64_t)n) {
		uint8_t *r = rgb, *g = rgb + n, *b = rgb + 2 * (int64_t)n;
#pragma GCC ivdep
		for (int32_t i = 0; i < n; i++) {
			const int32_t grey = PILLOW_GREY(r[i], g[i], b[i]);
			r[i] = blend(grey, r[i], f);
			g[i] = blend(grey, g[i], f);
			b[i] = blend(grey, b[i], f);
		}
	}
}

CLONES void vp_sharpness(uint8_t *v, int32_t planes, int32_t w, int32_t h, float f, uint8_t *copy) {
	for (int32_t p = 0; p < planes; p++, v += (int64_t)w * h) {
		memcpy(copy, v, (int64_t)w * h);
		for (int32_t y = 1; y < h - 1; y++) {
			const uint8_t *above = copy + (int64_t)(y - 1) * w, *here = above + w, *below = here + w;
			uint8_t *restrict out = v + (int64_t)y * w;
			for (int32_t x = 1; x < w - 1; x++) {
				const int32_t sum = above[x - 1] + above[x] + above[x + 1] + here[x - 1] + 5 * here[x] + here[x + 1]
					+ below[x - 1] + below[x] + below[x + 1];
				out[x] = blend((sum + 6) / 13, here[x], f);
			}
		}
	}
}
