package decode

// #include "av.h"
import "C"

import (
	"crypto/md5"
	"encoding/hex"
	"fmt"
	"image"
	"time"
	"unsafe"

	"github.com/asticode/go-astiav"
)

// Frame is a decoded frame, lent to a callback: it and its planes must not be used after the callback returns. Its
// methods panic when they are.
type Frame struct {
	Index         int           // of the frame in the video; of a replacement: its own
	Width, Height int           // pixels, as coded, before rotation
	PTS           int64         // ticks of the stream's time base, on the file's own clock
	Time          time.Duration // from the first frame of the video
	Rotation      int           // degrees clockwise to turn the picture before it is shown: 0, 90, 180, 270

	v     *Video
	av    *astiav.Frame
	facts frameFacts
}

// newFrame refuses pixel formats that have no conversion to RGB, so that RGB cannot fail.
func newFrame(v *Video, av *astiav.Frame, index int) (*Frame, error) {
	f := &Frame{Index: index, v: v, av: av, facts: factsOf(av)}
	f.Width, f.Height = int(f.facts.c.width), int(f.facts.c.height)
	f.PTS, f.Time = v.index.frames[index].pts, v.index.Time(index)
	if !v.opts.NoRotate {
		f.Rotation = v.info.Streams[v.info.Video].Rotation
	}
	if C.vd_frame_convertible(av.UnsafePointer()) == 0 {
		return nil, fmt.Errorf("pixel format %s: %w", f.PixelFormat(), ErrNoDecoder)
	}
	return f, nil
}

// release makes later use a panic instead of a read of freed memory.
func (f *Frame) release() { f.av = nil }

func (f *Frame) lent() unsafe.Pointer {
	if f.av == nil {
		panic("decode: Frame used after its callback returned")
	}
	return f.av.UnsafePointer()
}

// RGB converts a part of the frame to packed RGB, not rotated.
//
//	dst   is used when it has room for the result, else a new slice is made
//	crop  in pixels of the coded frame; it panics unless crop is not empty and inside the frame
//
// The result is [crop.Dy(), crop.Dx(), 3], full range. Matrix and range are those that the stream names; a stream that
// names no matrix is taken as BT.601, which is FFmpeg's convention.
func (f *Frame) RGB(dst []uint8, crop image.Rectangle) []uint8 {
	frame := f.lent()
	if crop.Empty() || !crop.In(image.Rect(0, 0, f.Width, f.Height)) {
		panic(fmt.Sprintf("decode: crop %v of a frame of %dx%d", crop, f.Width, f.Height))
	}
	n := crop.Dx() * crop.Dy() * 3
	if cap(dst) < n {
		dst = make([]uint8, n)
	}
	dst = dst[:n]
	if f.v.rgb == nil {
		f.v.rgb = C.vd_rgb_new()
	}
	ret := C.vd_rgb_convert(f.v.rgb, frame, C.int(crop.Min.X), C.int(crop.Min.Y), C.int(crop.Dx()), C.int(crop.Dy()),
		(*C.uint8_t)(unsafe.SliceData(dst)))
	if err := avError(int(ret)); err != nil { // the format was checked in newFrame, so this is memory
		panic(fmt.Sprintf("decode: %s to RGB: %v", f.PixelFormat(), err))
	}
	return dst
}

// Bounds is the whole frame as coded, for RGB.
func (f *Frame) Bounds() image.Rectangle { return image.Rect(0, 0, f.Width, f.Height) }

// PixelFormat is FFmpeg's name of the format in which the decoder gave the frame.
func (f *Frame) PixelFormat() string { return astiav.PixelFormat(f.facts.c.format).Name() }

// MD5 returns the MD5 of the pixels in the decoder's own format, rows without padding, as FFmpeg's framemd5 gives it:
// 32 hexadecimal digits.
func (f *Frame) MD5() string {
	sum, err := pixelMD5(f.lent())
	if err != nil {
		panic(fmt.Sprintf("decode: MD5 of a %s frame: %v", f.PixelFormat(), err))
	}
	return sum
}

func pixelMD5(frame unsafe.Pointer) (string, error) {
	n := int(C.vd_frame_bytes(frame))
	if err := avError(n); err != nil {
		return "", err
	}
	buf := make([]byte, n)
	if n > 0 {
		if err := avError(int(C.vd_frame_copy(frame, (*C.uint8_t)(&buf[0]), C.int(n)))); err != nil {
			return "", err
		}
	}
	sum := md5.Sum(buf)
	return hex.EncodeToString(sum[:]), nil
}
