package pipelines

import "math"

// schedule gives the rate of a step: a linear warm-up to Peak, then half a cosine down to Final times Peak (SGDR, 1608.03983, one period).
// The unit of time is the caller's: epochs done so far, or steps done so far.
type schedule struct {
	peak, final   float64
	warmup, total float64 // in the caller's unit of time
}

// rate is the learning rate for the step that begins at time t, 0 <= t < total.
func (s schedule) rate(t float64) float64 {
	if t < s.warmup {
		return s.peak * t / s.warmup
	}
	if s.total <= s.warmup {
		return s.peak
	}
	x := min(1, (t-s.warmup)/(s.total-s.warmup))
	return s.peak * (s.final + (1-s.final)*(1+math.Cos(math.Pi*x))/2)
}
