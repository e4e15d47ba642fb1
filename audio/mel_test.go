package audio

import (
	"math"
	"testing"
)

// At every frequency between the tops of the first and the last triangle, the two that overlap there add up to 1.
func TestTrianglesAddUpToOne(t *testing.T) {
	const n, fft, rate = 20, 2048, 16000
	points := melPoints(n, 100, 7000)
	bank := triangles(n, fft, rate, 100, 7000)
	sums := make([]float64, fft/2+1)
	for _, f := range bank {
		for i, w := range f.weight {
			sums[f.first+i] += w
		}
	}
	for k, s := range sums {
		switch f := float64(k) * rate / fft; {
		case f >= points[1] && f <= points[n] && math.Abs(s-1) > 1e-9:
			t.Errorf("filters let %g through at %g Hz, want 1", s, f)
		case (f <= 100 || f >= 7000) && s > 1e-12:
			t.Errorf("filters let %g through at %g Hz, want nothing", s, f)
		}
	}
}

// A tone is loudest in the filter whose top lies nearest.
func TestToneIsFoundInItsFilter(t *testing.T) {
	const rate, tone = 16000, 1000.0
	c := MelConfig{STFT: STFTConfig{FFT: 1024, Length: 1024, Hop: 512, Window: Hann, Center: true}, Rate: rate, Mels: 30, Eps: 1e-6}
	x := make([]float32, rate/4)
	for i := range x {
		x[i] = float32(math.Sin(2 * math.Pi * tone * float64(i) / rate))
	}
	p := NewMel(c)
	frames := p.Frames(len(x))
	mel, logs := make([]float32, c.Mels*frames), make([]float32, c.Mels*frames)
	p.Transform(mel, logs, x)
	best, nearest := 0, 0
	for j := range c.Mels {
		if mel[j*frames+2] > mel[best*frames+2] {
			best = j
		}
		if top := melPoints(c.Mels, 0, rate/2); math.Abs(top[j+1]-tone) < math.Abs(top[nearest+1]-tone) {
			nearest = j
		}
	}
	if best != nearest {
		t.Errorf("a tone of %g Hz is loudest in filter %d, want %d", tone, best, nearest)
	}
	for i, e := range mel {
		if want := math.Log(float64(e) + 1e-6); math.Abs(float64(logs[i])-want) > 1e-4 {
			t.Fatalf("logarithm %d is %g, want %g", i, logs[i], want)
		}
	}
}

// Silence has the energy that the authors put for nothing, in every filter, however short it is.
func TestSilence(t *testing.T) {
	c := SeLaViSound(48000)
	p := NewLogMel(c)
	for _, n := range []int{0, 1, 959, 960, 961, 1440, 1441} {
		frames := p.Frames(n)
		want := 1
		if n > 960 {
			want = 1 + int(math.Ceil(float64(n-960)/480))
		}
		if frames != want {
			t.Errorf("%d samples give %d frames, want %d", n, frames, want)
		}
		dst := make([]float32, c.Mels*frames)
		p.Transform(dst, make([]float32, n))
		for _, v := range dst {
			if v != float32(math.Log(0x1p-52)) {
				t.Fatalf("silence of %d samples is %g, want %g", n, v, math.Log(0x1p-52))
			}
		}
	}
}

// Twice the amplitude is four times the energy, and normalisation is a scale and a shift of the result.
func TestLogMelScales(t *testing.T) {
	c := SeLaViSound(16000)
	c.Mels = 40
	x := noise(2, 4000)
	louder := make([]float32, len(x))
	for i, v := range x {
		louder[i] = 2 * v
	}
	run := func(c LogMelConfig, x []float32) []float32 {
		p := NewLogMel(c)
		dst := make([]float32, c.Mels*p.Frames(len(x)))
		p.Transform(dst, x)
		return dst
	}
	soft, loud := run(c, x), run(c, louder)
	c.Normalize = true
	scaled := run(c, x)
	empty := float32(math.Log(0x1p-52))
	for i := range soft {
		if d := float64(loud[i] - soft[i]); soft[i] != empty && math.Abs(d-math.Log(4)) > 1e-5 {
			t.Fatalf("energy %d rises by %g, want %g", i, d, math.Log(4))
		}
		if want := (float64(soft[i]) - 1.93) / 17.89; math.Abs(float64(scaled[i])-want) > 1e-5 {
			t.Fatalf("normalised energy %d is %g, want %g", i, scaled[i], want)
		}
	}
}
