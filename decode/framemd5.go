package decode

import (
	"context"
	"errors"
	"time"
)

// FrameMD5 lists the frames of a file as FFmpeg's framemd5 does (ffmpeg -copyts -fps_mode passthrough -noautorotate).
//
//	seek   nil: from the start; else the first frame at or after that time of the file's own clock, rounded to the
//	       nearest tick of the time base in which pts is given
//	count  how many frames at most; 0 or less: all
//	fn     index of the frame in the video; pts in ticks of one frame at the stream's nominal rate (1/30 s at 30 frames
//	       a second), or of the stream's time base where there is no rate; MD5 of the pixels in the decoder's own format,
//	       not rotated, 32 hexadecimal digits
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
	count int
	done  int
	gate  gate
	sure  bool // the pass starts at the start of the file
	fn    func(int, int64, string) error
}

func (l *listing) all(ctx context.Context) error {
	from := l.v.index.start(l.first)
	for {
		l.gate, l.sure = newGate(l.v.index, from), from == 0
		err := l.v.run(ctx, pass{from: from, last: len(l.v.index.packets) - 1, emit: l.emit})
		again := errors.Is(err, errMissing) || errors.Is(err, errDesync)
		if !again || from == 0 || l.done > 0 {
			return err
		}
		from = l.v.index.before(from)
	}
}

func (l *listing) emit(frame int) (more bool, err error) {
	if frame < 0 {
		return true, nil
	}
	if !l.sure && !l.gate.pass(frame, l.v.dec.frame) {
		return false, errMissing
	}
	if frame < l.first {
		return true, nil
	}
	sum, err := pixelMD5(l.v.dec.frame.UnsafePointer())
	if err != nil {
		return false, err
	}
	x := l.v.index
	if err := l.fn(frame, rescale(x.frames[frame].pts, x.tb, l.v.tick()), sum); err != nil {
		return false, callbackError{err}
	}
	l.done++
	return l.count <= 0 || l.done < l.count, nil
}
