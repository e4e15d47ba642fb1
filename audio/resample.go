package audio

import (
	"fmt"
	"math"
)

// Of the low-pass filter: zero crossings of the sinc on each side, counted at the lower rate, and the shape of the Kaiser window.
const (
	crossings = 10
	beta      = 5.0
)

// Resampler changes the sample rate of a stream by a ratio of whole numbers. It is the low-pass filter that scipy's resample_poly
// uses by default, split into one short filter for each place that an output can have between two inputs: no product with an
// inserted zero is formed, and what comes in pieces comes out as if it had come at once.
type Resampler struct {
	up, down int
	half     int         // reach of the filter, in steps of 1/up of an input
	taps     int         // inputs that an output is made of
	phases   [][]float64 // up filters of taps weights, by input
	recent   []float32   // inputs that are still wanted; zeros stand before the first
	base     int         // place of recent[0] in the stream, below 0 at its beginning
	next     int         // output that is due
	fed      int         // inputs so far
}

// NewResampler makes a plan for a change from one rate to another, in samples a second. It panics unless both are positive.
func NewResampler(from, to int) *Resampler {
	if from < 1 || to < 1 {
		panic(fmt.Sprintf("audio: rates are %d and %d, want at least 1", from, to))
	}
	g := gcd(from, to)
	r := &Resampler{up: to / g, down: from / g}
	wide := max(r.up, r.down)
	r.half = crossings * wide
	r.taps = 2*r.half/r.up + 1
	low := lowPass(r.half, wide, float64(r.up))
	for phase := range r.up {
		r.phases = append(r.phases, phaseOf(low, phase, r.up, r.taps))
	}
	r.Reset()
	return r
}

func gcd(a, b int) int {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}

// lowPass are 2*half+1 taps of an ideal low-pass with cutoff 1/wide of the Nyquist frequency under a Kaiser window, which
// add up to gain.
func lowPass(half, wide int, gain float64) []float64 {
	h := kaiser(2*half+1, beta)
	sum := 0.0
	for i := range h {
		if x := math.Pi * float64(i-half) / float64(wide); i != half {
			h[i] *= math.Sin(x) / x
		}
		sum += h[i]
	}
	for i := range h {
		h[i] *= gain / sum
	}
	return h
}

// phaseOf picks the taps phase, phase+up, ... of the filter, the latest input last; what lies beyond the filter is 0.
func phaseOf(h []float64, phase, up, taps int) []float64 {
	w := make([]float64, taps)
	for t := range taps {
		if k := phase + t*up; k < len(h) {
			w[taps-1-t] = h[k]
		}
	}
	return w
}

// Len is the number of samples that n samples become, n*to/from rounded up.
func (r *Resampler) Len(n int) int { return (n*r.up + r.down - 1) / r.down }

// Reset forgets the stream so far.
func (r *Resampler) Reset() {
	r.recent = append(r.recent[:0], make([]float32, r.taps)...)
	r.base, r.next, r.fed = -r.taps, 0, 0
}

// Append takes the next samples of the stream and appends the samples that they complete to dst.
func (r *Resampler) Append(dst, x []float32) []float32 {
	r.fed += len(x)
	r.recent = append(r.recent, x...)
	return r.drain(dst, math.MaxInt)
}

// Flush ends the stream as if silence followed, appends its last samples to dst, Len of all that came in altogether, and is
// ready for another.
func (r *Resampler) Flush(dst []float32) []float32 {
	r.recent = append(r.recent, make([]float32, r.half/r.up+1)...)
	dst = r.drain(dst, r.Len(r.fed))
	r.Reset()
	return dst
}

// Resample appends the whole of a sound at the new rate to dst; it forgets a stream that was begun.
func (r *Resampler) Resample(dst, x []float32) []float32 {
	if r.up == r.down {
		return append(dst, x...)
	}
	r.Reset()
	return r.Flush(r.Append(dst, x))
}

// drain appends the outputs before end whose inputs are all there, and forgets the inputs that no later one needs.
func (r *Resampler) drain(dst []float32, end int) []float32 {
	for ; r.next < end; r.next++ {
		at := r.next*r.down + r.half
		last := at/r.up - r.base // of the inputs of this output, in recent
		if last >= len(r.recent) {
			break
		}
		in := r.recent[last+1-r.taps : last+1]
		sum := 0.0
		for i, w := range r.phases[at%r.up] {
			sum += w * float64(in[i])
		}
		dst = append(dst, float32(sum))
	}
	if done := (r.next*r.down+r.half)/r.up + 1 - r.taps - r.base; done > 0 {
		done = min(done, len(r.recent))
		r.recent = r.recent[:copy(r.recent, r.recent[done:])]
		r.base += done
	}
	return dst
}
