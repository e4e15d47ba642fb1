package audio

import (
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// slowResample is the definition: insert zeros, filter, take every down-th sample.
func slowResample(x []float32, up, down int) []float64 {
	wide := max(up, down)
	half := 10 * wide
	h := make([]float64, 2*half+1)
	sum := 0.0
	for i := range h {
		at := float64(i - half)
		h[i] = besselI0(5*math.Sqrt(1-at*at/float64(half*half))) / besselI0(5)
		if i != half {
			h[i] *= math.Sin(math.Pi*at/float64(wide)) / (math.Pi * at / float64(wide))
		}
		sum += h[i]
	}
	long := make([]float64, len(x)*up)
	for i, v := range x {
		long[i*up] = float64(v)
	}
	var y []float64
	for at := 0; at < len(long); at += down {
		total := 0.0
		for k := range h {
			if j := at + k - half; j >= 0 && j < len(long) {
				total += h[k] * float64(up) / sum * long[j]
			}
		}
		y = append(y, total)
	}
	return y
}

// What comes in pieces of any size comes out as by the definition.
func TestResampleIsTheDefinition(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rate := rapid.IntRange(1, 12)
		from, to := rate.Draw(t, "from"), rate.Draw(t, "to")
		x := noise(rapid.Uint64().Draw(t, "seed"), rapid.IntRange(0, 200).Draw(t, "length"))
		r := NewResampler(from, to)
		var got []float32
		for rest := x; len(rest) > 0; {
			n := rapid.IntRange(1, len(rest)).Draw(t, "piece")
			got = r.Append(got, rest[:n])
			rest = rest[n:]
		}
		got = r.Flush(got)
		want := slowResample(x, r.up, r.down)
		if len(got) != len(want) || len(got) != r.Len(len(x)) {
			t.Fatalf("%d samples, want %d", len(got), len(want))
		}
		for i := range want {
			if math.Abs(float64(got[i])-want[i]) > 1e-5 {
				t.Fatalf("sample %d is %g, want %g", i, got[i], want[i])
			}
		}
		if again := r.Resample(nil, x); from != to && !slices.Equal(again, got) {
			t.Fatal("in one piece it comes out otherwise, or the stream before was not forgotten")
		}
	})
}

func TestEqualRatesChangeNothing(t *testing.T) {
	x := noise(3, 50)
	if y := NewResampler(8000, 8000).Resample(nil, x); !slices.Equal(x, y) {
		t.Errorf("got %v, want %v", y, x)
	}
}

// A stream holds no more than the reach of the filter, however long it runs.
func TestStreamStaysSmall(t *testing.T) {
	r := NewResampler(44100, 48000)
	x := noise(4, 1000)
	var y []float32
	for range 500 {
		y = r.Append(y[:0], x)
	}
	if n := len(r.recent); n > 2*r.taps {
		t.Errorf("%d samples are held, want at most %d", n, 2*r.taps)
	}
}
