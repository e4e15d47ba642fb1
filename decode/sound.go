package decode

// #include "av.h"
import "C"

import (
	"context"
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/asticode/go-astiav"
)

// Sound returns the sound of a span of the video, resampled and mixed.
//
//	start    from the first frame of the video; may be negative
//	length   of the span
//	rate     samples a second of the result
//	channels of the result, 1 or more
//
// The result has round(length*rate) samples for each channel, from -1 to 1, interleaved: [n] for one channel, [n, 2] for
// two. It is silent where the file has no sound: before it starts, after it ends, in a gap, where it does not decode, and
// throughout when the file has no sound stream (Info.HasSound). It panics unless rate and channels are positive and
// length is not negative. Errors are those of Index and of ctx.
func (v *Video) Sound(ctx context.Context, start, length time.Duration, rate, channels int) ([]float32, error) {
	if rate <= 0 || channels <= 0 || channels > 64 || length < 0 {
		panic(fmt.Sprintf("decode: sound of %v with %d channels at %d samples a second", length, channels, rate))
	}
	n := int(rescale(int64(length), nanoseconds, Rational{1, int64(rate)}))
	if v.closed {
		return nil, wrap(ctx, v.path, "sound", ErrClosed)
	}
	if !v.info.HasSound() || n == 0 {
		return make([]float32, n*channels), nil
	}
	defer v.stop.watch(ctx)()
	out, err := v.soundSpan(ctx, start, n, rate, channels)
	return out, wrap(ctx, v.path, "sound", err)
}

func (v *Video) soundSpan(ctx context.Context, start time.Duration, n, rate, channels int) ([]float32, error) {
	if v.index == nil {
		if err := v.buildIndex(ctx); err != nil {
			return nil, err
		}
	}
	if v.sound == nil {
		s, err := newSoundReader(ctx, v)
		if errors.Is(err, ErrNoDecoder) {
			return make([]float32, n*channels), nil
		}
		if err != nil {
			return nil, err
		}
		v.sound = s
	}
	w := newSoundWindow(start, n, rate, v.sound.rate, channels)
	if err := v.sound.fill(ctx, v, w); err != nil {
		return nil, err
	}
	return w.resampled()
}

// soundWindow is the part of the sound, at the file's own rate, that a span needs. Samples count from the first frame.
type soundWindow struct {
	first    int // sample
	channels int
	buf      []float32 // interleaved, silent where nothing was put
	rate     int       // of buf
	out      int       // samples of the result
	outRate  int
	drop     int // samples of the resampled window in front of the result
}

func newSoundWindow(start time.Duration, n, outRate, rate, channels int) *soundWindow {
	w := &soundWindow{channels: channels, rate: rate, out: n, outRate: outRate}
	w.first = int(rescale(int64(start), nanoseconds, Rational{1, int64(rate)}))
	samples := n
	if rate != outRate {
		// The filter looks to both sides. The margin is a whole number of samples at both rates, so that the result
		// is not shifted by a part of one.
		unit := rate / gcd(rate, outRate)
		margin := (rate/50/unit + 1) * unit
		w.first -= margin
		w.drop = margin / unit * (outRate / gcd(rate, outRate))
		samples = int(math.Ceil(float64(n)*float64(rate)/float64(outRate))) + 2*margin
	}
	w.buf = make([]float32, samples*channels)
	return w
}

func (w *soundWindow) end() int { return w.first + len(w.buf)/w.channels }

// put copies interleaved samples to where they belong, as far as that is inside the window.
func (w *soundWindow) put(at int, samples []float32) {
	from, to := max(at, w.first), min(at+len(samples)/w.channels, w.end())
	if from < to {
		copy(w.buf[(from-w.first)*w.channels:(to-w.first)*w.channels], samples[(from-at)*w.channels:])
	}
}

// resampled returns the result.
func (w *soundWindow) resampled() ([]float32, error) {
	if w.rate == w.outRate {
		return w.buf, nil
	}
	var c *C.vd_sound
	defer func() { C.vd_sound_free(c) }()
	if err := avError(int(C.vd_sound_from_float(&c, C.int(w.channels), C.int(w.rate), C.int(w.outRate)))); err != nil {
		return nil, err
	}
	need := w.drop + w.out
	out := make([]float32, need*w.channels)
	n := int(C.vd_sound_run(c, (*C.float)(&w.buf[0]), C.int(len(w.buf)/w.channels), (*C.float)(&out[0]), C.int(need)))
	if err := avError(n); err != nil {
		return nil, err
	}
	if n < need {
		rest := out[n*w.channels:]
		if err := avError(int(C.vd_sound_run(c, nil, 0, (*C.float)(&rest[0]), C.int(need-n)))); err != nil {
			return nil, err
		}
	}
	return out[w.drop*w.channels:], nil
}

func gcd(a, b int) int {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}

// soundReader decodes the sound stream through a source of its own, so that pictures and sound do not wait for each other.
type soundReader struct {
	src    *source
	dec    *decoder
	stream int
	tb     Rational
	rate   int // samples a second
	zero   int // sample of the file's clock at which the video's first frame is shown
	conv   *C.vd_sound
	mixed  int // channels that conv gives
	buf    []float32
	fresh  bool // the source stands at its start
}

func newSoundReader(ctx context.Context, v *Video) (*soundReader, error) {
	s := &soundReader{stream: v.info.Sound}
	if err := s.open(ctx, v); err != nil {
		s.close()
		return nil, err
	}
	facts := s.src.stream(s.stream)
	s.tb, s.rate = facts.tb(), v.info.Streams[v.info.Sound].SampleRate
	if len(v.index.frames) > 0 {
		f := v.index.frames[0]
		raw := f.pts - v.index.packets[f.packet].shift
		s.zero = int(rescale(raw, v.index.tb, Rational{1, int64(s.rate)}))
	}
	return s, nil
}

// open opens the source at its start.
func (s *soundReader) open(ctx context.Context, v *Video) (err error) {
	s.close()
	if s.src, err = openSource(ctx, v.stop, v.path, v.index.format, v.opts.MaxPixels); err != nil {
		return err
	}
	if !headerFormats[v.index.format] {
		if err = s.src.findStreams(); err != nil {
			return notVideo(err)
		}
	}
	if s.src.streams() <= s.stream {
		return errDesync
	}
	s.src.only(s.stream)
	s.fresh = true
	s.dec, err = newDecoder(s.src, s.stream, s.src.stream(s.stream), 0, 0, v.opts)
	return err
}

func (s *soundReader) close() {
	if s.dec != nil {
		s.dec.close()
		s.dec = nil
	}
	if s.src != nil {
		s.src.close()
		s.src = nil
	}
	C.vd_sound_free(s.conv)
	s.conv = nil
}

// preroll is how much sound is decoded before the part that is wanted: codecs need up to a quarter of a second to be
// what they would be without the seek.
const preroll = 300 * time.Millisecond

// fill decodes into the window all that falls into it.
func (s *soundReader) fill(ctx context.Context, v *Video, w *soundWindow) error {
	from := w.first + s.zero - int(rescale(int64(preroll), nanoseconds, Rational{1, int64(s.rate)}))
	if err := s.moveTo(from); err != nil || s.late(w) {
		// The container cannot seek there: from the start, then.
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := s.open(ctx, v); err != nil {
			return err
		}
	}
	s.fresh = false
	next := math.MinInt // sample at which the next frame is due
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		err := s.src.read(s.stream)
		if err == nil {
			s.dec.send(s.src.packet, 0)
			s.src.packet.Unref()
		} else if ctx.Err() != nil {
			return ctx.Err()
		} else {
			s.dec.send(nil, 0)
		}
		done, convErr := s.receive(w, &next)
		if done || convErr != nil || err != nil {
			return convErr
		}
	}
}

// moveTo seeks to a sample of the file's clock. A fresh source that shall go to its start is left alone.
func (s *soundReader) moveTo(sample int) error {
	start := int64(s.src.stream(s.stream).c.start)
	ts := rescale(int64(sample), Rational{1, int64(s.rate)}, s.tb)
	if s.fresh && (start != noPTS && ts <= start || ts <= 0) {
		return nil
	}
	s.src.drop()
	s.dec.flush()
	if err := s.src.seekTime(s.stream, ts); err != nil {
		return err
	}
	s.fresh = false
	return nil
}

// late looks at the packet after a seek, and tells whether it comes too late for the window.
func (s *soundReader) late(w *soundWindow) bool {
	if s.fresh {
		return false
	}
	if err := s.src.read(s.stream); err != nil {
		return !errors.Is(err, astiav.ErrEof)
	}
	s.src.held = true
	pts := s.src.packet.Pts()
	return pts == noPTS || s.sample(pts) > w.first && s.sample(pts) > s.startSample()
}

// sample converts a time of the stream to samples from the first frame of the video.
func (s *soundReader) sample(pts int64) int {
	return int(rescale(pts, s.tb, Rational{1, int64(s.rate)})) - s.zero
}

func (s *soundReader) startSample() int {
	if start := int64(s.src.stream(s.stream).c.start); start != noPTS {
		return s.sample(start)
	}
	return math.MinInt
}

// receive puts the decoded sound into the window, and tells whether the window's end was reached.
func (s *soundReader) receive(w *soundWindow, next *int) (done bool, err error) {
	for s.dec.receive() {
		samples, err := s.convert(w.channels)
		if err != nil {
			return false, err
		}
		at := *next
		if best := int64(factsOf(s.dec.frame).c.best); best != noPTS {
			// Times are rounded to the container's ticks; only a real gap moves the sound.
			if stamped := s.sample(best); at == math.MinInt || max(at-stamped, stamped-at) > s.rate/50 {
				at = stamped
			}
		}
		if at == math.MinInt {
			at = -s.zero // a stream without times begins at 0 of the file's clock
		}
		w.put(at, samples)
		if *next = at + len(samples)/w.channels; *next >= w.end() {
			return true, nil
		}
	}
	return false, nil
}

// convert mixes the decoded frame into interleaved floats, valid until the next call.
func (s *soundReader) convert(channels int) ([]float32, error) {
	frame := s.dec.frame.UnsafePointer()
	if s.conv == nil || s.mixed != channels || C.vd_sound_matches(s.conv, frame) == 0 {
		C.vd_sound_free(s.conv)
		s.conv = nil
		if err := avError(int(C.vd_sound_new(&s.conv, frame, C.int(channels), C.int(s.rate)))); err != nil {
			return nil, err
		}
		s.mixed = channels
	}
	facts := factsOf(s.dec.frame)
	room := int(facts.c.samples) + 64
	if r := int(facts.c.sample_rate); r != s.rate && r > 0 {
		room = int(facts.c.samples)*s.rate/r + 64
	}
	if cap(s.buf) < room*channels {
		s.buf = make([]float32, room*channels)
	}
	n := int(C.vd_sound_frame(s.conv, frame, (*C.float)(&s.buf[:1][0]), C.int(room)))
	if err := avError(n); err != nil {
		return nil, err
	}
	return s.buf[:n*channels], nil
}
