#include "pixel.h"

INLINE int32_t inside(int32_t i, int32_t n) { return i < 0 ? 0 : i >= n ? n - 1 : i; }

INLINE uint8_t weighed(uint32_t middle, uint32_t beside, uint32_t inner, uint32_t outer) {
	return (uint8_t)((middle * inner + beside * outer + (1u << 23)) >> 24);
}

// box_columns blurs a picture along its columns, all sums sliding down together.
INLINE void box_columns(uint8_t *to, const uint8_t *from, int32_t w, int32_t h, int32_t radius,
	uint32_t inner, uint32_t outer, uint32_t *restrict sum) {
	for (int32_t x = 0; x < w; x++) sum[x] = 0;
	for (int32_t k = -radius; k <= radius; k++) {
		const uint8_t *restrict row = from + (int64_t)inside(k, h) * w;
		for (int32_t x = 0; x < w; x++) sum[x] += row[x];
	}
	for (int32_t y = 0; y < h; y++, to += w) {
		const uint8_t *restrict next = from + (int64_t)inside(y + radius + 1, h) * w;
		const uint8_t *restrict before = from + (int64_t)inside(y - radius - 1, h) * w;
		const uint8_t *restrict last = from + (int64_t)inside(y - radius, h) * w;
		uint8_t *restrict out = to;
		for (int32_t x = 0; x < w; x++) {
			out[x] = weighed(sum[x], (uint32_t)before[x] + next[x], inner, outer);
			sum[x] += (uint32_t)next[x] - last[x];
		}
	}
}

// turn writes a picture transposed, in tiles that stay in the first cache.
INLINE void turn(uint8_t *restrict to, const uint8_t *restrict from, int32_t w, int32_t h) {
	enum { SIDE = 16 };
	for (int32_t y = 0; y < h; y += SIDE) {
		for (int32_t x = 0; x < w; x += SIDE) {
			const int32_t down = h - y < SIDE ? h - y : SIDE, across = w - x < SIDE ? w - x : SIDE;
			for (int32_t i = 0; i < across; i++)
				for (int32_t j = 0; j < down; j++) to[(int64_t)(x + i) * h + y + j] = from[(int64_t)(y + j) * w + x + i];
		}
	}
}

// Sums slide down all columns at once, which is what vectors are good at, so rows are blurred as columns of the
// transposed picture.
CLONES void vp_box(uint8_t *v, int32_t planes, int32_t w, int32_t h, int32_t radius,
	uint32_t inner, uint32_t outer, uint8_t *spare, uint32_t *acc) {
	uint8_t *a = spare, *b = spare + (int64_t)w * h;
	for (int32_t p = 0; p < planes; p++, v += (int64_t)w * h) {
		turn(a, v, w, h);
		box_columns(b, a, h, w, radius, inner, outer, acc);
		box_columns(a, b, h, w, radius, inner, outer, acc);
		box_columns(b, a, h, w, radius, inner, outer, acc);
		turn(v, b, h, w);
		box_columns(a, v, w, h, radius, inner, outer, acc);
		box_columns(b, a, w, h, radius, inner, outer, acc);
		box_columns(v, b, w, h, radius, inner, outer, acc);
	}
}
