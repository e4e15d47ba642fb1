package decode

// #include "av.h"
import "C"

import (
	"math"
	"slices"
	"time"
)

// soundWindow is the part of the sound, at the file's own rate, that a span needs. Samples count from the first frame.
type soundWindow struct {
	first    int // sample
	channels int
	buf      []float32 // interleaved, silent where nothing was put
	rate     int       // of buf
	out      int       // samples of the result
	outRate  int
	drop     int // samples of the resampled window in front of the result
	pieces   []soundPiece
}

// soundPiece is what one frame gave.
type soundPiece struct {
	stamp   int       // sample at which its time puts it
	n       int       // samples
	samples []float32 // interleaved; nil for one that lies before the window
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

// add takes the next frame, which its time puts at a sample.
func (w *soundWindow) add(stamp int, samples []float32) {
	p := soundPiece{stamp: stamp, n: len(samples) / w.channels}
	if stamp+p.n > w.first-w.rate {
		p.samples = slices.Clone(samples)
	}
	w.pieces = append(w.pieces, p)
}

// due is the sample at which the next frame should begin.
func (w *soundWindow) due() int {
	if len(w.pieces) == 0 {
		return 0
	}
	last := w.pieces[len(w.pieces)-1]
	return last.stamp + last.n
}

// place copies the pieces to where they belong. Times are rounded to the container's ticks, and those of codecs with
// blocks of several lengths (Vorbis) come up to a block late, so pieces whose times follow one another within some
// hundredths of a second are taken as unbroken, and moved together to where the earliest of their times puts them.
func (w *soundWindow) place() {
	tolerance := w.rate / 25
	for from := 0; from < len(w.pieces); {
		start, last := w.pieces[from].stamp, w.pieces[from].stamp // of the run, as each of its pieces tells it
		n, to := w.pieces[from].n, from+1
		for ; to < len(w.pieces); to++ {
			told := w.pieces[to].stamp - n
			if max(told-last, last-told) > tolerance {
				break
			}
			start, last = min(start, told), told
			n += w.pieces[to].n
		}
		for ; from < to; from++ {
			w.put(start, w.pieces[from].samples)
			start += w.pieces[from].n
		}
	}
}

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
