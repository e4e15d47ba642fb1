package pixel

// #include "pixel.h"
import "C"

import (
	"fmt"
	"math"
)

// The operations of RandAugment that the other kernels do not cover, with Pillow's arithmetic. Where an operation
// depends on statistics of the picture, they are taken over the whole clip, so that equal pixels stay equal from
// frame to frame.

// Box smooths every plane with three box blurs along each axis, Pillow's approximation of a Gaussian of standard
// deviation sigma >= 0 in pixels; edges are repeated.
func Box(clip []uint8, c Clip, sigma float64, s *Scratch) {
	c.check(clip)
	if !(sigma >= 0) || sigma > maxSigma {
		panic(fmt.Sprintf("pixel: sigma is %g, want 0 to %d", sigma, maxSigma))
	}
	b := boxRadius(float32(sigma))
	radius := int(b)
	inner := uint32(float32(1<<24) / (2*b + 1))
	outer := (1<<24 - uint32(2*radius+1)*inner) / 2
	spare := grow(&s.bytes, 2*c.pixels())
	acc := grow(&s.sums, max(c.W, c.H))
	C.vp_box(u8(clip), C.int32_t(3*c.T), C.int32_t(c.W), C.int32_t(c.H),
		C.int32_t(radius), C.uint32_t(inner), C.uint32_t(outer), u8(spare), u32(acc))
}

const maxSigma = 1 << 12 // beyond it, sums of 32 bits lose their meaning

// boxRadius is the half width of the box, less half a pixel, whose variance is a third of sigma squared.
func boxRadius(sigma float32) float32 {
	v := sigma * sigma / 3
	l := float32(math.Sqrt(12*float64(v) + 1))
	n := float32(math.Floor((float64(l) - 1) / 2))
	a := (2*n + 1) * (n*(n+1) - 3*v)
	return n + a/(6*(v-(n+1)*(n+1)))
}

// Tables replaces each value of the three channels by its entry in the table of the channel.
func Tables(clip []uint8, c Clip, table *[3][256]uint8) {
	c.check(clip)
	n := c.pixels()
	for p := range 3 * c.T {
		t := &table[p%3]
		plane := clip[p*n : (p+1)*n]
		for i, v := range plane {
			plane[i] = t[v]
		}
	}
}

// Histograms counts the values of the three channels.
func Histograms(clip []uint8, c Clip) (count [3][256]int) {
	c.check(clip)
	n := c.pixels()
	for p := range 3 * c.T {
		h := &count[p%3]
		for _, v := range clip[p*n : (p+1)*n] {
			h[v]++
		}
	}
	return count
}

// MeanGrey is the mean of Pillow's grey, (19595R + 38470G + 7471B + 32768) >> 16.
func MeanGrey(clip []uint8, c Clip) float64 {
	c.check(clip)
	sum, n := 0, c.pixels()
	for t := range c.T {
		r := clip[3*t*n:]
		g, b := r[n:2*n], r[2*n:3*n]
		for i, v := range r[:n] {
			sum += (19595*int(v) + 38470*int(g[i]) + 7471*int(b[i]) + 32768) >> 16
		}
	}
	return float64(sum) / float64(c.T*n)
}

// Blend is the value a moved towards b by the share f and, with f above 1, beyond it; clipped to 0..255 and cut to a
// whole number.
func Blend(a, b uint8, f float64) uint8 {
	v := float32(a) + float32(f)*(float32(b)-float32(a))
	return uint8(max(0, min(v, 255)))
}

// Colour blends every pixel with its grey, as Blend does: 0 is grey, 1 changes nothing.
func Colour(clip []uint8, c Clip, f float64) {
	c.check(clip)
	C.vp_colour(u8(clip), C.int32_t(c.T), C.int32_t(c.pixels()), C.float(f))
}

// Sharpness blends every picture with itself under the filter 1 1 1, 1 5 1, 1 1 1 over 13, as Blend does; the
// outermost pixels stay.
func Sharpness(clip []uint8, c Clip, f float64, s *Scratch) {
	c.check(clip)
	copied := grow(&s.bytes, c.pixels())
	C.vp_sharpness(u8(clip), C.int32_t(3*c.T), C.int32_t(c.W), C.int32_t(c.H), C.float(f), u8(copied))
}

// Affine moves pixels: (x, y) of the result is what was at (m[0] x + m[1] y + m[2], m[3] x + m[4] y + m[5]), between
// the middles of pixels, the nearest, and black where that lies outside. Places are counted in units of 2^-16, as
// Pillow does.
func Affine(clip []uint8, c Clip, m [6]float64, s *Scratch) {
	c.check(clip)
	n := c.pixels()
	from := grow(&s.longs, n)
	fix := func(v float64) int { return int(math.Floor(v*65536 + 0.5)) }
	acrossX, acrossY := fix(m[0]), fix(m[3])
	rowX, rowY := fix(m[2]+m[0]/2+m[1]/2), fix(m[5]+m[3]/2+m[4]/2)
	for y := range c.H {
		atX, atY := rowX, rowY
		for x := range c.W {
			from[y*c.W+x] = int32(n) // black
			if i, j := atX>>16, atY>>16; i >= 0 && i < c.W && j >= 0 && j < c.H {
				from[y*c.W+x] = int32(j*c.W + i)
			}
			atX, atY = atX+acrossX, atY+acrossY
		}
		rowX, rowY = rowX+fix(m[1]), rowY+fix(m[4])
	}
	old := grow(&s.bytes, n+1)
	old[n] = 0
	for p := range 3 * c.T {
		plane := clip[p*n : (p+1)*n]
		copy(old, plane)
		for i, at := range from {
			plane[i] = old[at]
		}
	}
}
