package pixel

// #include "pixel.h"
import "C"

import (
	"fmt"
	"image"
)

// The kernels on pictures of floats from 0 to 1, [T, 3, H, W]: the same arithmetic without the rounding to 8 bits,
// for checks of it.

func (c Clip) checkFloats(v []float32) {
	if c.T < 1 || c.H < 1 || c.W < 1 || len(v) < c.Len() {
		panic(fmt.Sprintf("pixel: %d floats for a clip of %d x 3 x %d x %d", len(v), c.T, c.H, c.W))
	}
}

// JitterFloats is Jitter on floats, clipped to 0..1.
func JitterFloats(clip []float32, c Clip, order []Step, factor [4]float32, s *Scratch) {
	c.checkFloats(clip)
	if checkOrder(order); len(order) == 0 {
		return
	}
	scratch := grow(&s.floats, 3*c.pixels())
	C.vp_jitter_float(f32(clip), C.int32_t(c.T), C.int32_t(c.pixels()),
		steps(order), C.int32_t(len(order)), f32(factor[:]), f32(scratch))
}

// GreyFloats is Grey on floats.
func GreyFloats(clip []float32, c Clip) {
	c.checkFloats(clip)
	C.vp_grey_float(f32(clip), C.int32_t(c.T), C.int32_t(c.pixels()))
}

// BlurFloats is Blur on floats.
func BlurFloats(clip []float32, c Clip, kernel int, sigma float64) {
	c.checkFloats(clip)
	radius := checkBlur(c, kernel, sigma)
	weight := normalised(gaussian(radius, sigma))
	tmp, mid, acc := make([]float32, c.pixels()), make([]float32, c.W+2*radius), make([]float32, c.W)
	C.vp_blur_float(f32(clip), C.int32_t(3*c.T), C.int32_t(c.W), C.int32_t(c.H),
		f32(weight), C.int32_t(radius), f32(tmp), f32(mid), f32(acc))
}

// ResizeFloats crops and resizes pictures of floats as Resizer does, without turning or mirroring them: the part crop of src
// becomes dst [T, 3, outH, outW].
func ResizeFloats(dst, src []float32, c Clip, crop image.Rectangle, outH, outW int, aliased bool) {
	c.checkFloats(src)
	Clip{c.T, outH, outW}.checkFloats(dst)
	if crop.Empty() || !crop.In(image.Rect(0, 0, c.W, c.H)) {
		panic(fmt.Sprintf("pixel: crop %v of a picture of %d x %d", crop, c.H, c.W))
	}
	yStart, yWeight, yTaps := floatTable(shifted(crop.Min.Y, crop.Max.Y, 0, outH, aliased), outH)
	xStart, xWeight, xTaps := floatTable(shifted(crop.Min.X, crop.Max.X, 0, outW, aliased), outW)
	acc := make([]float32, c.W)
	C.vp_resize_float(f32(dst), f32(src), C.int32_t(3*c.T), C.int32_t(c.W), C.int32_t(c.H),
		i32(yStart), f32(yWeight), C.int32_t(yTaps), C.int32_t(outH),
		i32(xStart), f32(xWeight), C.int32_t(xTaps), C.int32_t(outW), f32(acc))
}

// floatTable is the table of one axis with float weights; starts count from the edge of the picture.
func floatTable(t triangles, out int) (start []int32, weight []float32, taps int) {
	tap := make([]float64, t.taps)
	for i := range out {
		first, sum := t.weigh(i, tap)
		start = append(start, int32(t.lo+first))
		weight = append(weight, normalised(tap, sum)...)
	}
	return start, weight, t.taps
}

func normalised(tap []float64, sum float64) []float32 {
	weight := make([]float32, len(tap))
	for k, t := range tap {
		weight[k] = float32(t / sum)
	}
	return weight
}
