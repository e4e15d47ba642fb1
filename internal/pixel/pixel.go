// Package pixel holds the kernels over 8-bit pixels, written in C for the compiler's vectors.
//
// Pictures are planar here, [3, H, W] R, G, B, and clips [T, 3, H, W]: planes are what vectors like. Interleave makes the packed
// layout that leaves the package clips. One call covers a whole clip where it can, so that the price of crossing into C does not
// show. Functions panic when a slice is shorter than the sizes given beside it demand.
package pixel

/*
#cgo CFLAGS: -O3 -std=c11
#include "pixel.h"
*/
import "C"

import (
	"fmt"
	"unsafe"
)

// Step is one step of the colour jitter.
type Step int32

// The steps, in the order in which torchvision names them.
const (
	Brightness Step = C.STEP_BRIGHTNESS
	Contrast   Step = C.STEP_CONTRAST
	Saturation Step = C.STEP_SATURATION
	Hue        Step = C.STEP_HUE
)

// Clip is the shape of the pictures in a slice: T pictures of H x W, three planes each.
type Clip struct{ T, H, W int }

func (c Clip) pixels() int { return c.H * c.W }

// Len is the number of bytes of the clip.
func (c Clip) Len() int { return 3 * c.T * c.H * c.W }

func (c Clip) check(v []uint8) {
	if c.T < 1 || c.H < 1 || c.W < 1 || len(v) < c.Len() {
		panic(fmt.Sprintf("pixel: %d bytes for a clip of %d x 3 x %d x %d", len(v), c.T, c.H, c.W))
	}
}

// Scratch is working memory that grows to what the kernels need. It must not be used by two goroutines at once.
type Scratch struct {
	floats []float32
	bytes  []uint8
	shorts []int16
	longs  []int32
	sums   []uint32
	planes []int16
}

func grow[T any](s *[]T, n int) []T {
	if cap(*s) < n {
		*s = make([]T, n)
	}
	return (*s)[:n]
}

func u8(v []uint8) *C.uint8_t    { return (*C.uint8_t)(unsafe.Pointer(unsafe.SliceData(v))) }
func i16(v []int16) *C.int16_t   { return (*C.int16_t)(unsafe.Pointer(unsafe.SliceData(v))) }
func i32(v []int32) *C.int32_t   { return (*C.int32_t)(unsafe.Pointer(unsafe.SliceData(v))) }
func u32(v []uint32) *C.uint32_t { return (*C.uint32_t)(unsafe.Pointer(unsafe.SliceData(v))) }
func f32(v []float32) *C.float   { return (*C.float)(unsafe.Pointer(unsafe.SliceData(v))) }
func steps(v []Step) *C.int32_t  { return (*C.int32_t)(unsafe.Pointer(unsafe.SliceData(v))) }

// Jitter runs the colour steps of order, each at most once, over every picture of planar clip. factor holds the factors of
// brightness, contrast and saturation, >= 0, and the shift of the hue in turns, -0.5..0.5, by Step. With g = 0.2989R + 0.587G +
// 0.114B, the steps give f x, f x + (1-f) mean of g over the picture, f x + (1-f) g, and x with its hue shifted, each
// clipped to 0..255; the result is rounded once, at the end.
func Jitter(clip []uint8, c Clip, order []Step, factor [4]float32, s *Scratch) {
	c.check(clip)
	if checkOrder(order); len(order) == 0 {
		return
	}
	scratch := grow(&s.floats, 3*c.pixels())
	C.vp_jitter(u8(clip), C.int32_t(c.T), C.int32_t(c.pixels()), steps(order), C.int32_t(len(order)), f32(factor[:]), f32(scratch))
}

func checkOrder(order []Step) {
	if len(order) > 4 {
		panic(fmt.Sprintf("pixel: %d colour steps, want at most 4", len(order)))
	}
}

// Grey replaces the three channels of each pixel by 0.2989R + 0.587G + 0.114B.
func Grey(clip []uint8, c Clip) {
	c.check(clip)
	C.vp_grey(u8(clip), C.int32_t(c.T), C.int32_t(c.pixels()))
}

// Solarize turns each value v >= threshold into 255-v.
func Solarize(clip []uint8, c Clip, threshold int) {
	c.check(clip)
	C.vp_solarize(u8(clip), C.int64_t(c.Len()), C.int32_t(threshold))
}

// Blur smooths every plane with the weights exp(-i^2 / (2 sigma^2)), i = -kernel/2..kernel/2, normalised, along both axes; edges are
// reflected without repeating them. kernel is odd and at most 2*min(H, W) - 1, sigma > 0 in pixels.
func Blur(clip []uint8, c Clip, kernel int, sigma float64, s *Scratch) {
	c.check(clip)
	radius := checkBlur(c, kernel, sigma)
	tap, sum := gaussian(radius, sigma)
	weight := make([]int16, len(tap))
	fixed(weight, tap, sum)
	tmp := grow(&s.bytes, c.pixels())
	mid := grow(&s.shorts, c.W+2*radius)
	acc := grow(&s.longs, c.W)
	C.vp_blur(u8(clip), C.int32_t(3*c.T), C.int32_t(c.W), C.int32_t(c.H), i16(weight), C.int32_t(radius), u8(tmp), i16(mid), i32(acc))
}

// checkBlur returns the reach of the kernel.
func checkBlur(c Clip, kernel int, sigma float64) (radius int) {
	radius = kernel / 2
	if kernel%2 == 0 || radius >= min(c.H, c.W) || !(sigma > 0) {
		panic(fmt.Sprintf("pixel: blur with %d taps, sigma %g of %d x %d pixels", kernel, sigma, c.H, c.W))
	}
	return radius
}

// Interleave writes planar src [T, 3, H, W] as packed dst [T, H, W, 3].
func Interleave(dst, src []uint8, c Clip) {
	c.check(dst)
	c.check(src)
	C.vp_interleave(u8(dst), u8(src), C.int32_t(c.T), C.int32_t(c.pixels()))
}
