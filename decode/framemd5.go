package decode

// #include "av.h"
import "C"

import (
	"context"
	"errors"
	"time"

	"github.com/asticode/go-astiav"
)

// FrameMD5 lists the frames of a file as FFmpeg's framemd5 does (ffmpeg -copyts -fps_mode passthrough -noautorotate).
//
//	seek   nil: from the start; else the first frame at or after that time of the file's own clock, rounded to the
//	       nearest tick of the time base in which pts is given
//	count  how many frames at most; 0 or less: all
//	fn     index of the frame in the video; pts in ticks of one frame at the stream's nominal rate (1/30 s at 30 frames
//	       a second), or of the stream's time base where there is no rate; MD5 of the pixels in the decoder's own format,
//	       not rotated, 32 hexadecimal digits; where the size changes in the middle of the stream, of the pixels scaled
//	       to the first size
//
// A frame that does not decode has no line. Errors are those of Open and Frames, and fn's, which ends the listing.
func FrameMD5(ctx context.Context, path string, seek *time.Duration, count int, fn func(index int, pts int64, md5 string) error) error {
	v, err := Open(ctx, path, Options{})
	if err != nil {
		return err
	}
	defer v.Close()
	if err := v.frameMD5(ctx, seek, count, fn); err != nil {
		var own callbackError
		if errors.As(err, &own) {
			return own.error
		}
		return wrap(ctx, path, "frame MD5s", err)
	}
	return nil
}

func (v *Video) frameMD5(ctx context.Context, seek *time.Duration, count int, fn func(int, int64, string) error) error {
	defer v.stop.watch(ctx)()
	if err := v.ensure(ctx); err != nil {
		return err
	}
	l := listing{v: v, count: count, fn: fn}
	if seek != nil {
		l.first = v.index.atOrAfter(rescale(int64(*seek), nanoseconds, v.tick()), v.tick())
	}
	if l.first == len(v.index.frames) {
		return nil
	}
	return l.all(ctx)
}

// tick is the time base of framemd5's listing: one frame at the nominal rate.
func (v *Video) tick() Rational {
	if rate := v.info.Streams[v.info.Video].TickRate; rate.known() {
		return rate.inverse()
	}
	return v.index.tb
}

// atOrAfter returns the first frame whose time in a time base is not before t; Frames() when there is none.
func (x *Index) atOrAfter(t int64, tb Rational) int {
	for i, f := range x.frames {
		if rescale(f.pts, x.tb, tb) >= t {
			return i
		}
	}
	return len(x.frames)
}

// listing is one call of FrameMD5.
type listing struct {
	v     *Video
	first int // frame to begin with
	next  int // frame after those that are out
	count int
	done  int
	last  int64 // pts of the line before
	gate  gate
	final bool // the pass starts at the start of the file
	fn    func(int, int64, string) error
}

// all runs a pass, and others that start earlier when it cannot be trusted.
func (l *listing) all(ctx context.Context) error {
	x := l.v.index
	from := x.start(l.first)
	for {
		l.gate, l.final = newGate(x, from), from == 0
		err := l.v.run(ctx, pass{from: from, last: len(x.packets) - 1, stamp: l.final, emit: l.emit})
		if l.final || !errors.Is(err, errMissing) && !errors.Is(err, errDesync) {
			return err
		}
		l.first = max(l.first, l.next)
		from = x.before(from)
	}
}

func (l *listing) emit(frame int) (more bool, err error) {
	if frame < 0 {
		return true, nil
	}
	if !l.final && !l.gate.pass(frame, l.v.dec.frame) {
		return false, errMissing
	}
	if frame < l.first {
		return true, nil
	}
	sum, err := l.sum()
	if err != nil {
		return false, err
	}
	l.next = max(l.next, frame+1)
	if err := l.fn(frame, l.time(frame), sum); err != nil {
		return false, callbackError{err}
	}
	l.done++
	return l.count <= 0 || l.done < l.count, nil
}

// time is the pts to print for the current frame. Where the whole stream was decoded it is the decoder's best guess, as
// in FFmpeg: in a damaged stream that may differ from the packet's. Times do not run backwards.
func (l *listing) time(frame int) int64 {
	x := l.v.index
	pts := x.frames[frame].pts
	if best := int64(factsOf(l.v.dec.frame).c.best); l.final && x.plain && best != noPTS {
		pts = best
	}
	pts = rescale(pts, x.tb, l.v.tick())
	if l.done > 0 {
		pts = max(pts, l.last)
	}
	l.last = pts
	return pts
}

// sum is the MD5 of the current frame in the size and format with which the stream began.
func (l *listing) sum() (string, error) {
	frame := l.v.dec.frame.UnsafePointer()
	st := l.v.info.VideoStream()
	format := astiav.FindPixelFormatByName(st.Pixels)
	if st.Width <= 0 || st.Height <= 0 || format < 0 {
		return pixelMD5(frame)
	}
	scaled := astiav.AllocFrame()
	defer scaled.Free()
	ret := int(C.vd_frame_scale(frame, C.int(st.Width), C.int(st.Height), C.int(format), scaled.UnsafePointer()))
	if ret > 0 {
		frame = scaled.UnsafePointer()
	}
	if err := avError(ret); err != nil {
		return "", err
	}
	return pixelMD5(frame)
}
