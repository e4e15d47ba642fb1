package decode

// #include "still.h"
import "C"

import (
	"fmt"
	"image"
	"unsafe"

	"github.com/asticode/go-astiav"
)

// Size is the picture as it was decoded, before rotation, in pixels.
func (p *Still) Size() image.Point { return p.size }

// decoded panics unless there are pixels.
func (p *Still) decoded() {
	if p.decoder == nil && p.packed == nil {
		panic("decode: a Still that is not decoded")
	}
}

// Planes lends the planes of a picture that was decoded to 8-bit YCbCr, valid as long as the picture; otherwise it returns false,
// and RGB is the way.
func (p *Still) Planes() (Planar, bool) {
	p.decoded()
	if p.packed != nil {
		return Planar{}, false
	}
	return planesOf(&p.facts, p.size.X, p.size.Y)
}

// RGB converts a part of the picture to packed RGB, not rotated. Of samples of 16 bits the higher 8 are taken; alpha is dropped.
//
//	dst   is used when it has room for the result, else a new slice is made
//	crop  in pixels of the decoded picture; it panics unless crop is not empty and inside
//
// The result is [crop.Dy(), crop.Dx(), 3].
func (p *Still) RGB(dst []uint8, crop image.Rectangle) ([]uint8, error) {
	p.decoded()
	if crop.Empty() || !crop.In(image.Rectangle{Max: p.size}) {
		panic(fmt.Sprintf("decode: crop %v of a picture of %v", crop, p.size))
	}
	n := crop.Dx() * crop.Dy() * 3
	if cap(dst) < n {
		dst = make([]uint8, n)
	}
	dst = dst[:n]
	if p.packed != nil {
		row := 3 * crop.Dx()
		for y := range crop.Dy() {
			copy(dst[y*row:(y+1)*row], p.packed[3*((crop.Min.Y+y)*p.size.X+crop.Min.X):])
		}
		return dst, nil
	}
	if p.owner.rgb == nil {
		p.owner.rgb = C.vd_rgb_new()
	}
	ret := C.vd_still_rgb(p.decoder, p.owner.rgb, C.int(crop.Min.X), C.int(crop.Min.Y), C.int(crop.Dx()), C.int(crop.Dy()),
		(*C.uint8_t)(unsafe.SliceData(dst)))
	if err := avError(int(ret)); err != nil {
		return nil, fmt.Errorf("%s: to RGB: %w", p.Format, err)
	}
	return dst, nil
}

// PixelFormat is FFmpeg's name of the format in which the decoder gave the picture.
func (p *Still) PixelFormat() string {
	p.decoded()
	if p.packed != nil {
		return "rgb24"
	}
	return astiav.PixelFormat(p.facts.format).Name()
}
