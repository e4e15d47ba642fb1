package pipelines

import (
	"math"
	"testing"
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
