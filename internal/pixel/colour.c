#include "pixel.h"

// A tile of three planes fits the first cache.
enum { TILE = 512 };

INLINE float clampf(float v) { return v < 0 ? 0 : v > 255 ? 255 : v; }
INLINE float minf(float a, float b) { return a < b ? a : b; }
INLINE float maxf(float a, float b) { return a > b ? a : b; }
INLINE float luma(float r, float g, float b) { return 0.2989f * r + 0.587f * g + 0.114f * b; }

// mix blends a tile with a level: f*v + (1-f)*level.
INLINE void mix(float *restrict v, int32_t n, float f, float level) {
	const float rest = (1 - f) * level;
	for (int32_t i = 0; i < n; i++) v[i] = clampf(f * v[i] + rest);
}

INLINE void saturation(float *restrict r, float *restrict g, float *restrict b, int32_t n, float f) {
	for (int32_t i = 0; i < n; i++) {
		const float rest = (1 - f) * luma(r[i], g[i], b[i]);
		r[i] = clampf(f * r[i] + rest);
		g[i] = clampf(f * g[i] + rest);
		b[i] = clampf(f * b[i] + rest);
	}
}

// wrap brings a hue in sixths of the circle back into 0..6; it is less than one turn outside.
INLINE float wrap(float h) {
	h = h < 0 ? h + 6 : h;
	return h >= 6 ? h - 6 : h;
}

// channel is a colour channel of the hue h: the largest value less the part of the span that the hue takes away from it.
INLINE float channel(float h, float phase, float top, float span) {
	const float k = wrap(h + phase);
	return top - span * maxf(0, minf(1, minf(k, 4 - k)));
}

// hue turns the colour circle by shift sixths. HSV is never stored: value is the largest channel, value times saturation the
// span from the smallest, so one division a pixel is left and no branch.
INLINE void hue(float *restrict r, float *restrict g, float *restrict b, int32_t n, float shift) {
	for (int32_t i = 0; i < n; i++) {
		const float top = maxf(r[i], maxf(g[i], b[i]));
		const float span = top - minf(r[i], minf(g[i], b[i]));
		const float over = 1 / (span < 1e-30f ? 1 : span); // of a span so small that it is none, the inverse would be infinite
		const float red = (g[i] - b[i]) * over, green = 2 + (b[i] - r[i]) * over, blue = 4 + (r[i] - g[i]) * over;
		const float h = wrap((top == r[i] ? red : top == g[i] ? green : blue) + shift);
		r[i] = channel(h, 5, top, span);
		g[i] = channel(h, 3, top, span);
		b[i] = channel(h, 1, top, span);
	}
}

// step runs one step over a tile; level is the mean luma that contrast blends with.
INLINE void step(float *r, float *g, float *b, int32_t n, int32_t which, const float *factor, float level) {
	const float f = factor[which];
	if (which == STEP_SATURATION) {
		saturation(r, g, b, n, f);
	} else if (which == STEP_HUE) {
		hue(r, g, b, n, 6 * f);
	} else {
		const float to = which == STEP_CONTRAST ? level : 0;
		mix(r, n, f, to);
		mix(g, n, f, to);
		mix(b, n, f, to);
	}
}

// A picture comes as bytes or as floats from 0 to 1; the steps between load and store are the same, in grey levels.
enum form { BYTES, FLOATS };

INLINE void load_bytes(float *restrict to, const uint8_t *restrict from, int32_t n) {
	for (int32_t i = 0; i < n; i++) to[i] = from[i];
}

INLINE void load_floats(float *restrict to, const float *restrict from, int32_t n) {
	for (int32_t i = 0; i < n; i++) to[i] = 255 * from[i];
}

INLINE void load(float *to, const void *from, int64_t at, int32_t n, enum form form) {
	if (form == BYTES) {
		load_bytes(to, (const uint8_t *)from + at, n);
	} else {
		load_floats(to, (const float *)from + at, n);
	}
}

INLINE void store_bytes(uint8_t *restrict to, const float *restrict from, int32_t n) {
	for (int32_t i = 0; i < n; i++) to[i] = (uint8_t)(int32_t)(from[i] + 0.5f);
}

INLINE void store_floats(float *restrict to, const float *restrict from, int32_t n) {
	for (int32_t i = 0; i < n; i++) to[i] = from[i] / 255;
}

INLINE void store(void *to, int64_t at, const float *from, int32_t n, enum form form) {
	if (form == BYTES) {
		store_bytes((uint8_t *)to + at, from, n);
	} else {
		store_floats((float *)to + at, from, n);
	}
}

// luma_sum adds up the luma of a tile in units of 1/64: integers, so that the order of adding does not matter.
INLINE int32_t luma_sum(const float *restrict r, const float *restrict g, const float *restrict b, int32_t n) {
	int32_t sum = 0;
	for (int32_t i = 0; i < n; i++) sum += (int32_t)(luma(r[i], g[i], b[i]) * 64 + 0.5f);
	return sum;
}

// before runs the steps in front of contrast over the picture at offset base into the scratch picture and returns the mean luma there.
INLINE float before(float *scratch, const void *rgb, int64_t base, int32_t n, const int32_t *order, int32_t steps, const float *factor, enum form form) {
	int64_t sum = 0;
	for (int32_t at = 0; at < n; at += TILE) {
		const int32_t count = n - at < TILE ? n - at : TILE;
		float *r = scratch + at, *g = r + n, *b = g + n;
		load(r, rgb, base + at, count, form);
		load(g, rgb, base + n + at, count, form);
		load(b, rgb, base + 2 * (int64_t)n + at, count, form);
		for (int32_t k = 0; k < steps; k++) step(r, g, b, count, order[k], factor, 0);
		sum += luma_sum(r, g, b, count);
	}
	return (float)((double)sum / 64 / n);
}

INLINE void jitter(void *rgb, int32_t frames, int32_t n, const int32_t *order, int32_t steps, const float *factor, float *scratch, enum form form) {
	float tile[3][TILE];
	int32_t first = 0;
	while (first < steps && order[first] != STEP_CONTRAST) first++;
	const int32_t split = first < steps;
	if (!split) first = 0;
	for (int32_t f = 0; f < frames; f++) {
		const int64_t base = 3 * (int64_t)n * f;
		// Contrast needs the mean of the whole picture as it stands then, so the pixels are passed over twice.
		const float level = split ? before(scratch, rgb, base, n, order, first, factor, form) : 0;
		for (int32_t at = 0; at < n; at += TILE) {
			const int32_t count = n - at < TILE ? n - at : TILE;
			float *p[3];
			for (int32_t c = 0; c < 3; c++) {
				p[c] = split ? scratch + c * (int64_t)n + at : tile[c];
				if (!split) load(p[c], rgb, base + c * (int64_t)n + at, count, form);
			}
			for (int32_t k = first; k < steps; k++) step(p[0], p[1], p[2], count, order[k], factor, level);
			for (int32_t c = 0; c < 3; c++) store(rgb, base + c * (int64_t)n + at, p[c], count, form);
		}
	}
}

CLONES void vp_jitter(uint8_t *rgb, int32_t frames, int32_t n, const int32_t *order, int32_t steps, const float *factor, float *scratch) {
	jitter(rgb, frames, n, order, steps, factor, scratch, BYTES);
}

CLONES void vp_jitter_float(float *rgb, int32_t frames, int32_t n, const int32_t *order, int32_t steps, const float *factor, float *scratch) {
	jitter(rgb, frames, n, order, steps, factor, scratch, FLOATS);
}

// 0.2989, 0.587, 0.114 in units of 2^-16; their sum is 0.9999, so 255 stays 255 after rounding.
#define LUMA16(r, g, b) (19589u * (r) + 38470u * (g) + 7471u * (b))

CLONES void vp_grey(uint8_t *rgb, int32_t frames, int32_t n) {
	for (int32_t f = 0; f < frames; f++, rgb += 3 * (int64_t)n) {
		uint8_t *r = rgb, *g = rgb + n, *b = rgb + 2 * (int64_t)n;
#pragma GCC ivdep
		for (int32_t i = 0; i < n; i++) r[i] = g[i] = b[i] = (uint8_t)((LUMA16(r[i], g[i], b[i]) + 32768u) >> 16);
	}
}

CLONES void vp_grey_float(float *rgb, int32_t frames, int32_t n) {
	for (int32_t f = 0; f < frames; f++, rgb += 3 * (int64_t)n) {
		float *r = rgb, *g = rgb + n, *b = rgb + 2 * (int64_t)n;
#pragma GCC ivdep
		for (int32_t i = 0; i < n; i++) r[i] = g[i] = b[i] = LUMA16(r[i], g[i], b[i]) / 65536;
	}
}

CLONES void vp_solarize(uint8_t *v, int64_t count, int32_t threshold) {
	for (int64_t i = 0; i < count; i++) v[i] = v[i] >= threshold ? 255 - v[i] : v[i];
}

CLONES void vp_interleave(uint8_t *restrict dst, const uint8_t *restrict src, int32_t frames, int32_t n) {
	for (int32_t f = 0; f < frames; f++) {
		const uint8_t *r = src + 3 * (int64_t)n * f, *g = r + n, *b = g + n;
		uint8_t *out = dst + 3 * (int64_t)n * f;
		for (int32_t i = 0; i < n; i++) {
			out[3 * i] = r[i];
			out[3 * i + 1] = g[i];
			out[3 * i + 2] = b[i];
		}
	}
}
