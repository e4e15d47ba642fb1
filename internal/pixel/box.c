#include "pixel.h"

INLINE int32_t inside(int32_t i, int32_t n) { return i < 0 ? 0 : i >= n ? n - 1 : i; }

INLINE uint8_t weighed(uint32_t middle, uint32_t beside, uint32_t inner, uint32_t outer) {
	return (uint8_t)((middle * inner + beside * outer + (1u << 23)) >> 24);
}

// box_row blurs one row; the sum slides along it.
INLINE void box_row(uint8_t *restrict to, const uint8_t *restrict from, int32_t w, int32_t radius, uint32_t inner, uint32_t outer) {
	uint32_t sum = 0;
	for (int32_t k = -radius; k <= radius; k++) sum += from[inside(k, w)];
	for (int32_t x = 0; x < w; x++) {
		const uint32_t next = from[inside(x + radius + 1, w)];
		to[x] = weighed(sum, from[inside(x - radius - 1, w)] + next, inner, outer);
		sum += next - from[inside(x - radius, w)];
	}
}

// box_columns blurs a picture along its columns, all sums sliding down together.
INLINE void box_columns(uint8_t *to, const uint8_t *from, int32_t w, int32_t h, int32_t radius, uint32_t inner, uint32_t outer, uint32_t *restrict sum) {
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

CLONES void vp_box(uint8_t *v, int32_t planes, int32_t w, int32_t h, int32_t radius, uint32_t inner, uint32_t outer, uint8_t *spare, uint32_t *acc) {
	uint8_t *a = spare, *b = spare + (int64_t)w * h;
	for (int32_t p = 0; p < planes; p++, v += (int64_t)w * h) {
		for (int32_t y = 0; y < h; y++) {
			uint8_t *row = v + (int64_t)y * w;
			box_row(a, row, w, radius, inner, outer);
			box_row(b, a, w, radius, inner, outer);
			box_row(row, b, w, radius, inner, outer);
		}
		box_columns(a, v, w, h, radius, inner, outer, acc);
		box_columns(b, a, w, h, radius, inner, outer, acc);
		box_columns(v, b, w, h, radius, inner, outer, acc);
	}
}
