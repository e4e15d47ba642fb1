package decode

import (
	"math"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestRescale(t *testing.T) {
	ms, ntsc := Rational{1, 1000}, Rational{1001, 30000}
	for _, c := range []struct {
		t        int64
		from, to Rational
		want     int64
	}{
		{1, ntsc, ms, 33}, {-1, ntsc, ms, -33}, {noPTS, ms, ntsc, noPTS}, {1, Rational{1, 2}, Rational{1, 1}, 1},
		{-1, Rational{1, 2}, Rational{1, 1}, -1}, {math.MaxInt64, Rational{1, 1}, ms, math.MaxInt64},
		{math.MaxInt64, Rational{1, 90000}, Rational{1, 45000}, 1 << 62}, {5, Rational{1, 10}, Rational{1, 1}, 1},
	} {
		if got := rescale(c.t, c.from, c.to); got != c.want {
			t.Errorf("%d x %v in %v is %d, want %d", c.t, c.from, c.to, got, c.want)
		}
	}
	if got := duration(45000, Rational{1, 90000}); got != 500*time.Millisecond {
		t.Errorf("half a second is %v", got)
	}
}

// The quick way and the one with big integers agree.
func TestRescaleAgreesWithBigIntegers(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		small := rapid.Int64Range(1, 1<<31)
		from := Rational{small.Draw(t, "num"), small.Draw(t, "den")}
		to := Rational{small.Draw(t, "num"), small.Draw(t, "den")}
		v := rapid.Int64Range(-math.MaxInt64, math.MaxInt64).Draw(t, "t")
		if got, want := rescale(v, from, to), rescaleBig(v, from, to); got != want {
			t.Fatalf("%d x %v in %v is %d, want %d", v, from, to, got, want)
		}
	})
}
