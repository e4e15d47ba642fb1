#include "pixel.h"

#include <string.h>

// reflect mirrors an index at the edges without repeating them; it is at most n-1 outside.
INLINE int32_t reflect(int32_t i, int32_t n) {
	i = i < 0 ? -i : i;
	return i >= n ? 2 * (n - 1) - i : i;
}

#define BLUR vp_blur
#define PIXEL uint8_t
#define MID int16_t
#define SUM int32_t
#define WEIGHT int16_t
#define HALF(bits) (1 << ((bits) - 1))
#define DOWN(sum, bits) ((sum) >> (bits))
#include "blur_body.h"

#define BLUR vp_blur_float
#define PIXEL float
#define MID float
#define SUM float
#define WEIGHT float
#define HALF(bits) 0
#define DOWN(sum, bits) (sum)
#include "blur_body.h"
