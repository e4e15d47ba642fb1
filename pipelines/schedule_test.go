package pipelines

import (
	"math"
	"testing"

	"vssl/methods"
)

func TestScheduleRate(t *testing.T) {
	s := schedule{peak: 2, final: 0.1, warmup: 10, total: 110}
	for _, c := range []struct{ at, want float64 }{
		{0, 0},
		{5, 1},
		{10, 2},
		{60, 2 * (0.1 + 0.9*0.5)}, // half of the cosine
		{35, 2 * (0.1 + 0.9*(1+math.Cos(math.Pi/4))/2)},
		{110, 0.2},
		{500, 0.2},
	} {
		if got := s.rate(c.at); math.Abs(got-c.want) > 1e-12 {
			t.Errorf("rate(%g) = %g, want %g", c.at, got, c.want)
		}
	}
	flat := schedule{peak: 1, warmup: 0, total: 4}
	if got := flat.rate(0); got != 1 {
		t.Errorf("without warm-up the first rate is %g, want 1", got)
	}
}

func TestScheduleDrops(t *testing.T) {
	s := schedule{peak: 2, warmup: 10, total: 200, drops: []float64{0.6, 0.8}, factor: 0.1}
	for _, c := range []struct{ at, want float64 }{
		{5, 1}, {10, 2}, {119.9, 2}, {120, 0.2}, {159, 0.2}, {160, 0.02}, {200, 0.02},
	} {
		if got := s.rate(c.at); math.Abs(got-c.want) > 1e-12 {
			t.Errorf("rate(%g) = %g, want %g", c.at, got, c.want)
		}
	}
}

func TestScheduleDropsAreShares(t *testing.T) {
	for _, c := range []struct {
		drops  []float64
		factor float64
		ok     bool
	}{
		{nil, 0.1, true}, {[]float64{0.6, 0.8}, 0.1, true}, {[]float64{0.5}, 1, true},
		{[]float64{120, 160}, 0.1, false}, {[]float64{0}, 0.1, false}, {[]float64{math.NaN()}, 0.1, false},
		{[]float64{0.5}, 0, false}, {nil, 2, false},
	} {
		cfg := Defaults(methods.Video)
		cfg.Schedule.Drops, cfg.Schedule.Factor = c.drops, c.factor
		if err := cfg.Validate(); (err == nil) != c.ok {
			t.Errorf("drops %v by %g: got %v", c.drops, c.factor, err)
		}
	}
}
