package clips

import (
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

var laws = []Interval{None, Zero, Uniform, Linear, "", "power-0.5", "power-1", "power-3", Exponential, "exponential-1.5", Increasing, Even}

func TestCutsLieInTheSample(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := Recipe{Cuts: rapid.IntRange(1, 5).Draw(t, "cuts"), Frames: rapid.IntRange(1, 40).Draw(t, "frames"), Stride: rapid.IntRange(1, 8).Draw(t, "stride")}
		r.Interval = rapid.SampledFrom(laws).Draw(t, "law")
		n := rapid.IntRange(1, 400).Draw(t, "length")
		seed := rapid.Uint64().Draw(t, "seed")
		starts := r.cutStarts(n, RNG(seed, 0, 1, 0))
		if again := r.cutStarts(n, RNG(seed, 0, 1, 0)); !slices.Equal(starts, again) {
			t.Fatalf("equal draws gave %v and %v", starts, again)
		}
		if len(starts) != r.Cuts {
			t.Fatalf("%d cuts, want %d", len(starts), r.Cuts)
		}
		for _, s := range starts {
			if s < 0 || s >= n {
				t.Fatalf("a cut starts at %d of %d", s, n)
			}
			if n > r.Span() && s+r.Span() >= n {
				t.Fatalf("a cut from %d over %d frames leaves a sample of %d", s, r.Span(), n)
			}
		}
		if r.Interval == Zero && r.Cuts > 1 && starts[0] != starts[1] {
			t.Fatalf("law zero gave %v", starts)
		}
	})
}

// The mean distance of each law is that of its density.
func TestLawsMeanDistance(t *testing.T) {
	const room, draws = 1000, 20000
	truncated := func(rate float64) float64 { return 1/rate - 1/(math.Exp(rate)-1) }
	for law, want := range map[Interval]float64{
		Uniform: 0.5, Linear: 1.0 / 3, "power-3": 0.4, "power-0.5": 0.3, Increasing: 2.0 / 3, Exponential: truncated(4), "exponential-1.5": truncated(1.5),
	} {
		rng, sum := RNG(1, 2, 3, 4), 0.0
		for range draws {
			sum += float64(distance(law.cdf(), room, rng.Float64())) / room
		}
		if got := sum / draws; math.Abs(got-want) > 0.01 {
			t.Errorf("%s: mean distance %.3f of the longest, want %.3f", law, got, want)
		}
	}
}

func TestUnknownLaws(t *testing.T) {
	for _, law := range []Interval{"lineal", "power", "power-0", "power--1", "power-x", "power-NaN", "exponential-", "linear-2", "uniform-1"} {
		if law.Validate() == nil {
			t.Errorf("law %q was accepted", law)
		}
	}
	for _, law := range laws {
		if err := law.Validate(); err != nil {
			t.Error(err)
		}
	}
}

func TestEvenCuts(t *testing.T) {
	r := Plain(3, 4, 2, 32)
	if got, want := r.cutStarts(100, nil), []int{15, 47, 78}; !slices.Equal(got, want) {
		t.Errorf("starts %v, want %v", got, want)
	}
	if got, want := r.cutStarts(3, nil), []int{0, 0, 0}; !slices.Equal(got, want) {
		t.Errorf("starts in a short sample %v, want %v", got, want)
	}
}
