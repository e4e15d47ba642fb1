package decode

// #include "av.h"
import "C"

import (
	"context"
	"errors"
	"math"
	"time"

	"github.com/asticode/go-astiav"
)

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
	if err := s.decode(ctx, w); err != nil {
		return err
	}
	w.place()
	return nil
}

// decode reads on until the window's end, or that of the stream.
func (s *soundReader) decode(ctx context.Context, w *soundWindow) error {
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		readErr := s.src.read(s.stream)
		if readErr == nil {
			s.dec.send(s.src.packet, 0)
			s.src.packet.Unref()
		} else if ctx.Err() != nil {
			return ctx.Err()
		} else {
			s.dec.send(nil, 0)
		}
		if done, err := s.receive(w); done || err != nil || readErr != nil {
			return err
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

// receive adds the decoded sound to the window, and tells whether the window's end was reached.
func (s *soundReader) receive(w *soundWindow) (done bool, err error) {
	for s.dec.receive() {
		samples, err := s.convert(w.channels)
		if err != nil {
			return false, err
		}
		at := w.due()
		stamp := int64(factsOf(s.dec.frame).c.best)
		if stamp != noPTS {
			at = s.sample(stamp)
		} else if len(w.pieces) == 0 {
			at = -s.zero // a stream without times begins at 0 of the file's clock
		}
		w.add(at, samples)
		if at >= w.end() {
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
