package decode

// #include "av.h"
import "C"

import "unsafe"

// Matrix is how Y, Cb, Cr come from R, G, B.
type Matrix uint8

// The matrices that occur in video files. Unspecified ones are taken as BT.601, which is FFmpeg's convention.
const (
	BT601 Matrix = iota
	BT709
	BT2020
	FCC
	SMPTE240M
)

// Weights returns the share of red and blue in luma; that of green is the rest to 1.
func (m Matrix) Weights() (kr, kb float64) {
	switch m {
	case BT709:
		return 0.2126, 0.0722
	case BT2020:
		return 0.2627, 0.0593
	case FCC:
		return 0.30, 0.11
	case SMPTE240M:
		return 0.212, 0.087
	default:
		return 0.299, 0.114
	}
}

// String returns "bt709" and the like.
func (m Matrix) String() string {
	return [...]string{"bt601", "bt709", "bt2020", "fcc", "smpte240m"}[m]
}

// matrixOf maps FFmpeg's colour space (AVColorSpace, the numbers of ITU-T H.273).
func matrixOf(space int) Matrix {
	switch space {
	case 1:
		return BT709
	case 4:
		return FCC
	case 7:
		return SMPTE240M
	case 9, 10:
		return BT2020
	default:
		return BT601
	}
}

// Planar is a frame of 8-bit planes, lent with the frame.
type Planar struct {
	Y, Cb, Cr        []uint8 // rows of Stride bytes; the last row ends with its last pixel
	StrideY, StrideC int     // bytes from one row to the next; of Cb and Cr the same
	Width, Height    int     // of Y, pixels
	ShiftX, ShiftY   uint    // chroma has (Width + 1<<ShiftX - 1) >> ShiftX columns, and rows likewise
	Matrix           Matrix
	FullRange        bool // Y from 0 to 255, chroma 1 to 255; else 16 to 235 and 16 to 240
	ChromaW, ChromaH int  // of Cb and Cr, pixels
}

// Planes lends the frame's planes when the decoder gave 8-bit planar YCbCr without alpha (4:2:0, 4:2:2, 4:4:4 and the
// like); otherwise it returns false, and RGB is the way.
func (f *Frame) Planes() (Planar, bool) {
	f.lent()
	return planesOf(&f.facts.c, f.Width, f.Height)
}

// planesOf lends the planes of a picture of width x height pixels.
func planesOf(c *C.vd_frame, width, height int) (Planar, bool) {
	if c.planar8 == 0 || c.linesize[1] != c.linesize[2] {
		return Planar{}, false
	}
	p := Planar{
		Width: width, Height: height, StrideY: int(c.linesize[0]), StrideC: int(c.linesize[1]),
		ShiftX: uint(c.chroma_w), ShiftY: uint(c.chroma_h), Matrix: matrixOf(int(c.space)), FullRange: c._range != 0,
	}
	p.ChromaW = (p.Width + 1<<p.ShiftX - 1) >> p.ShiftX
	p.ChromaH = (p.Height + 1<<p.ShiftY - 1) >> p.ShiftY
	p.Y = plane(c.data[0], p.StrideY, p.Width, p.Height)
	p.Cb = plane(c.data[1], p.StrideC, p.ChromaW, p.ChromaH)
	p.Cr = plane(c.data[2], p.StrideC, p.ChromaW, p.ChromaH)
	return p, true
}

func plane(data *C.uint8_t, stride, w, h int) []uint8 {
	return unsafe.Slice((*uint8)(data), (h-1)*stride+w)
}
