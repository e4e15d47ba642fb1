package pixel

// #include "pixel.h"
import "C"

import (
	"fmt"
	"image"
	"math"
	"runtime"
)

// YUV is a picture of three planes of 8 bits. The slices are only read, and only during the call they are passed to.
type YUV struct {
	Planes         [3][]byte // Y, U, V
	Stride         [3]int    // bytes from one row to the next
	ShiftX, ShiftY int       // chroma has width >> ShiftX and height >> ShiftY samples, rounded up
	Width, Height  int       // of luma
	Kr, Kb         float64   // weights of red and blue in the luma, e.g. 0.299 and 0.114 for BT.601
	Full           bool      // luma is 0..255, else 16..235
}

// Geometry says what part of a picture becomes what. The crop is given in the picture as it is shown, after the rotation.
type Geometry struct {
	Rotation   int             // degrees clockwise from the stored to the shown picture: 0, 90, 180, 270
	Crop       image.Rectangle // of the shown picture, not empty, inside it
	OutH, OutW int             // of the result
	Flip       bool            // mirror the result left to right
	Aliased    bool            // interpolate between the nearest two samples also where the result is smaller
}

// Resizer crops, resizes, turns and mirrors pictures in one pass. Along each axis it interpolates linearly between pixel centres,
// antialiased where it makes smaller unless that is turned off, and takes nothing from outside the crop. It keeps its tables while geometry and format stay
// the same, as they do over the frames of a clip. The zero value is ready; it must not be used by two goroutines at once.
type Resizer struct {
	key       tableKey
	luma      [2]axis // y, x
	chroma    [2]axis
	transpose bool
	Scratch
}

// tableKey is all that the tables depend on.
type tableKey struct {
	g              Geometry
	width, height  int
	shiftX, shiftY int
}

// stored is a geometry in the coordinates of the stored picture.
type stored struct {
	crop         image.Rectangle
	outH, outW   int
	flipY, flipX bool
	transpose    bool
	aliased      bool
}

// toStored undoes the rotation: the picture is resized as it is stored, into the mirrored and perhaps transposed result.
func (g Geometry) toStored(width, height int) stored {
	c := g.Crop
	s := stored{crop: c, outH: g.OutH, outW: g.OutW, flipX: g.Flip, aliased: g.Aliased}
	switch g.Rotation {
	case 0:
	case 180:
		s.crop = image.Rect(width-c.Max.X, height-c.Max.Y, width-c.Min.X, height-c.Min.Y)
		s.flipY, s.flipX = true, !g.Flip
	case 90: // shown (x, y) is stored (y, height-1-x)
		s.crop = image.Rect(c.Min.Y, height-c.Max.X, c.Max.Y, height-c.Min.X)
		s.outH, s.outW, s.transpose = g.OutW, g.OutH, true
		s.flipY, s.flipX = !g.Flip, false
	case 270: // shown (x, y) is stored (width-1-y, x)
		s.crop = image.Rect(width-c.Max.Y, c.Min.X, width-c.Min.Y, c.Max.X)
		s.outH, s.outW, s.transpose = g.OutW, g.OutH, true
		s.flipY, s.flipX = g.Flip, true
	default:
		panic(fmt.Sprintf("pixel: rotation of %d degrees, want 0, 90, 180 or 270", g.Rotation))
	}
	return s
}

// Stored is the crop in the coordinates of the stored picture of width x height pixels.
func (g Geometry) Stored(width, height int) image.Rectangle { return g.toStored(width, height).crop }

// prepare makes the tables for a picture of width x height stored pixels.
func (r *Resizer) prepare(key tableKey) stored {
	g := key.g
	s := g.toStored(key.width, key.height)
	if s.crop.Empty() || !s.crop.In(image.Rect(0, 0, key.width, key.height)) || g.OutH < 1 || g.OutW < 1 {
		panic(fmt.Sprintf("pixel: crop %v of a %d x %d picture turned by %d to %d x %d", g.Crop, key.height, key.width, g.Rotation, g.OutH, g.OutW))
	}
	if r.key == key {
		return s
	}
	r.key = key
	setAxes(&r.luma, s, 0, 0)
	if key.shiftX != 0 || key.shiftY != 0 { // else they are those of luma
		setAxes(&r.chroma, s, key.shiftX, key.shiftY)
	}
	return s
}

func setAxes(a *[2]axis, s stored, shiftX, shiftY int) {
	c := s.crop
	a[0].set(shifted(c.Min.Y, c.Max.Y, shiftY, s.outH, s.aliased), s.outH, s.flipY)
	a[1].set(shifted(c.Min.X, c.Max.X, shiftX, s.outW, s.aliased), s.outW, s.flipX)
}

// shifted are the weights of the span lo..hi of luma samples over samples that lie 1<<shift luma samples apart, each in the
// middle of those that it stands for.
func shifted(lo, hi, shift, out int, aliased bool) triangles {
	unit := float64(int(1) << shift)
	up := (1 << shift) - 1
	return newTriangles(float64(lo)/unit, float64(hi-lo)/float64(out)/unit, lo>>shift, (hi+up)>>shift, aliased)
}

// YUV writes the picture's crop as planar RGB into dst [3, OutH, OutW]. It panics when the planes are shorter than sizes and strides demand.
func (r *Resizer) YUV(dst []uint8, f YUV, g Geometry) {
	s := r.prepare(tableKey{g, f.Width, f.Height, f.ShiftX, f.ShiftY})
	n := s.outH * s.outW
	out := grow(&r.planes, 3*n)
	r.plane(out[:n], f.Planes[0], f.Stride[0], 1, &r.luma)
	chroma := &r.chroma
	if f.ShiftX == 0 && f.ShiftY == 0 {
		chroma = &r.luma
	}
	r.plane(out[n:2*n], f.Planes[1], f.Stride[1], 1, chroma)
	r.plane(out[2*n:], f.Planes[2], f.Stride[2], 1, chroma)
	m := f.matrix()
	r.finish(dst, out, s, m[:])
}

// RGB writes the crop of a packed picture, src [height, width, 3], as planar RGB into dst [3, OutH, OutW].
func (r *Resizer) RGB(dst, src []uint8, width, height int, g Geometry) {
	s := r.prepare(tableKey{g, width, height, 0, 0})
	out := grow(&r.planes, 3*s.outH*s.outW)
	r.plane(out, src, 3*width, 3, &r.luma)
	r.finish(dst, out, s, identity[:])
}

// plane resizes channels interleaved in the rows of src.
func (r *Resizer) plane(dst []int16, src []byte, stride, channels int, a *[2]axis) {
	y, x := &a[0], &a[1]
	last := (y.lo+y.n-1)*stride + (x.lo+x.n)*channels
	if stride < (x.lo+x.n)*channels || len(src) < last {
		panic(fmt.Sprintf("pixel: a plane of %d bytes in rows of %d, want at least %d", len(src), stride, last))
	}
	up8 := func(n int) int { return (n + 7) &^ 7 }
	mid := grow(&r.shorts, 32*(up8(channels*x.n)+up8(len(x.start))))
	acc := grow(&r.longs, channels*x.n)
	C.vp_resize(i16(dst), u8(src[y.lo*stride+x.lo*channels:]), C.int64_t(stride), C.int32_t(channels), C.int32_t(x.n),
		i32(y.start), i16(y.weight), C.int32_t(y.taps), C.int32_t(len(y.start)),
		i32(x.start), i16(x.weight), C.int32_t(x.taps), C.int32_t(len(x.start)), i16(mid), i32(acc))
	runtime.KeepAlive(src)
}

// finish converts three resized planes to RGB.
func (r *Resizer) finish(dst []uint8, planes []int16, s stored, m []int32) {
	n := s.outH * s.outW
	Clip{1, s.outH, s.outW}.check(dst)
	transpose := C.int32_t(0)
	if s.transpose {
		transpose = 1
	}
	C.vp_matrix(u8(dst), i16(planes), i16(planes[n:]), i16(planes[2*n:]), C.int32_t(s.outW), C.int32_t(s.outH), transpose, i32(m))
}

const one = 1 << matrixBits

var identity = [12]int32{one, 0, 0, 0, one, 0, 0, 0, one}

// matrix returns the conversion to RGB: 3 x 3 coefficients and 3 offsets.
func (f YUV) matrix() [12]int32 {
	kg := 1 - f.Kr - f.Kb
	gain, span, black := 255.0/219, 255.0/112, 16.0
	if f.Full {
		gain, span, black = 1, 255.0/127.5, 0
	}
	red, blue := span*(1-f.Kr), span*(1-f.Kb)
	rows := [3][3]float64{
		{gain, 0, red},
		{gain, -blue * f.Kb / kg, -red * f.Kr / kg},
		{gain, blue, 0},
	}
	var m [12]int32
	for i, row := range rows {
		for j, v := range row {
			m[3*i+j] = int32(math.Round(v * one))
		}
		// The offset follows from the rounded coefficients, so that grey stays grey.
		off := -float64(m[3*i])*black - float64(m[3*i+1]+m[3*i+2])*128
		m[9+i] = int32(math.Round(off * (1 << sampleBits)))
	}
	return m
}
