package audio

import (
	"fmt"
	"math"
)

// filters is a bank of weighted sums over the bins of a spectrum; each filter covers a few neighbouring bins.
type filters []filter

type filter struct {
	first  int // bin of the first weight
	weight []float64
}

// of is the energy that filter j lets through.
func (f filters) of(j int, power []float64) float64 {
	sum := 0.0
	for i, p := range power[f[j].first : f[j].first+len(f[j].weight)] {
		sum += f[j].weight[i] * p
	}
	return sum
}

// mel is the HTK mel scale of a frequency in hertz, hertz its inverse.
func mel(f float64) float64   { return 2595 * math.Log10(1+f/700) }
func hertz(m float64) float64 { return 700 * (math.Pow(10, m/2595) - 1) }

// melPoints are n+2 frequencies in hertz, evenly spaced on the mel scale from lo to hi: the feet and tops of n triangles.
func melPoints(n int, lo, hi float64) []float64 {
	points := make([]float64, n+2)
	from, to := mel(lo), mel(hi)
	step := (to - from) / float64(n+1)
	for i := range points {
		points[i] = hertz(from + step*float64(i))
	}
	points[n+1] = hertz(to)
	return points
}

// triangles are filters max(0, min((f-lo)/(mid-lo), (hi-f)/(hi-mid))) at the exact frequencies of the bins, not
// normalised: HTK's form and torchaudio's default.
func triangles(n, fft int, rate, lo, hi float64) filters {
	points := melPoints(n, lo, hi)
	bank := make(filters, n)
	for j := range bank {
		left, top, right := points[j], points[j+1], points[j+2]
		f := &bank[j]
		for k := range fft/2 + 1 {
			at := float64(k) * rate / float64(fft)
			w := math.Min((at-left)/(top-left), (right-at)/(right-top))
			if w > 0 {
				if f.weight == nil {
					f.first = k
				}
				f.weight = append(f.weight, w)
			}
		}
	}
	return bank
}

// steppedTriangles are the filters of python_speech_features: feet and tops lie on whole bins, floor((fft+1) f /
// rate), so a filter whose bins coincide lets nothing through.
func steppedTriangles(n, fft int, rate float64) filters {
	points := melPoints(n, 0, rate/2)
	bin := make([]int, n+2)
	for i, f := range points {
		bin[i] = int(math.Floor(float64(fft+1) * f / rate))
	}
	bank := make(filters, n)
	for j := range bank {
		left, top, right := bin[j], bin[j+1], bin[j+2]
		bank[j].first = left
		for k := left; k < top; k++ {
			bank[j].weight = append(bank[j].weight, float64(k-left)/float64(top-left))
		}
		for k := top; k < right; k++ {
			bank[j].weight = append(bank[j].weight, float64(right-k)/float64(right-top))
		}
		if right > fft/2+1 {
			panic(fmt.Sprintf("audio: a filter ends at bin %d, want at most %d", right, fft/2+1))
		}
	}
	return bank
}
