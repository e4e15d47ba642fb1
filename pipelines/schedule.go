package pipelines

import "math"

// schedule gives the rate of a step: a linear warm-up to peak, then half a cosine down to final times peak (SGDR, 1608.03983,
// one period), or with drops a rate that stays and falls to factor of itself at each. The unit of time is the caller's: epochs
// done so far, or steps done so far.
type schedule struct {
	peak, final   float64
	warmup, total float64   // in the caller's unit of time
	drops         []float64 // shares of total
	factor        float64
}

// rate is the learning rate for the step that begins at time t, 0 <= t < total.
func (s schedule) rate(t float64) float64 {
	if t < s.warmup {
		return s.peak * t / s.warmup
	}
	if len(s.drops) > 0 {
		return s.stepped(t)
	}
	if s.total <= s.warmup {
		return s.peak
	}
	x := min(1, (t-s.warmup)/(s.total-s.warmup))
	return s.peak * (s.final + (1-s.final)*(1+math.Cos(math.Pi*x))/2)
}

// stepped is the rate after the drops that are past.
func (s schedule) stepped(t float64) float64 {
	rate := s.peak
	for _, share := range s.drops {
		if t >= share*s.total {
			rate *= s.factor
		}
	}
	return rate
}
