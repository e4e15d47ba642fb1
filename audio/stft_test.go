package audio

import (
	"math"
	"math/cmplx"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"
)

func noise(seed uint64, n int) []float32 {
	r := rand.New(rand.NewPCG(seed, 1))
	x := make([]float32, n)
	for i := range x {
		x[i] = float32(r.NormFloat64())
	}
	return x
}

// The definition, summed up as it stands, over sound that was mirrored beforehand.
func TestTransformIsTheDefinition(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := STFTConfig{FFT: rapid.IntRange(2, 33).Draw(t, "fft"), Hop: rapid.IntRange(1, 20).Draw(t, "hop")}
		c.Length = rapid.IntRange(1, c.FFT).Draw(t, "length")
		c.Window = rapid.SampledFrom([]Window{Hann, Rect}).Draw(t, "window")
		c.Center = rapid.Bool().Draw(t, "center")
		x := noise(rapid.Uint64().Draw(t, "seed"), c.FFT+rapid.IntRange(0, 50).Draw(t, "more"))
		p := NewSTFT(c)
		frames := p.Frames(len(x))
		re, im := make([]float32, p.Bins()*frames), make([]float32, p.Bins()*frames)
		p.Transform(re, im, x)
		long := x
		if half := c.FFT / 2; c.Center {
			long = nil
			for i := -half; i < len(x)+half; i++ {
				j := max(i, -i)
				if j >= len(x) {
					j = 2*len(x) - 2 - j
				}
				long = append(long, x[j])
			}
		}
		if want := 1 + (len(long)-c.FFT)/c.Hop; frames != want {
			t.Fatalf("%d frames, want %d", frames, want)
		}
		for k := range p.Bins() {
			for m := range frames {
				want := complex(0, 0)
				for n := range c.Length {
					w := 1.0
					if c.Window == Hann && c.Length > 1 {
						w = 0.5 - 0.5*math.Cos(2*math.Pi*float64(n)/float64(c.Length))
					}
					at := n + (c.FFT-c.Length)/2
					turn := cmplx.Exp(complex(0, -2*math.Pi*float64(k*at)/float64(c.FFT)))
					want += complex(float64(long[m*c.Hop+at])*w, 0) * turn
				}
				if got := complex(float64(re[k*frames+m]), float64(im[k*frames+m])); cmplx.Abs(got-want) > 1e-5 {
					t.Fatalf("bin %d of frame %d is %g, want %g", k, m, got, want)
				}
			}
		}
	})
}

func TestTooShortSoundIsNamed(t *testing.T) {
	for name, c := range map[string]STFTConfig{
		"centred": {FFT: 16, Length: 16, Hop: 4, Window: Hann, Center: true}, "plain": {FFT: 16, Length: 16, Hop: 4, Window: Hann},
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: 8 samples of 16 did not panic", name)
				}
			}()
			NewSTFT(c).Frames(8)
		}()
	}
}

func TestConfigsAreValidated(t *testing.T) {
	stft := STFTConfig{FFT: 16, Length: 16, Hop: 4, Window: Hann}
	for name, c := range map[string]interface{ Validate() error }{
		"window longer than the frame": STFTConfig{FFT: 16, Length: 17, Hop: 4, Window: Hann},
		"no hop":                       STFTConfig{FFT: 16, Length: 16, Window: Hann},
		"no such window":               STFTConfig{FFT: 16, Length: 16, Hop: 4, Window: "hamming"},
		"low above high":               MelConfig{STFT: stft, Rate: 100, Mels: 4, Low: 60},
		"no filters":                   MelConfig{STFT: stft, Rate: 100},
		"a frame of no samples":        LogMelConfig{Rate: 10, Length: 0.02, Hop: 0.1, FFT: 4, Mels: 2, Window: Rect},
		"no deviation":                 LogMelConfig{Rate: 100, Length: 0.02, Hop: 0.1, FFT: 4, Mels: 2, Window: Rect, Normalize: true},
	} {
		if c.Validate() == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	if err := SeLaViSound(48000).Validate(); err != nil {
		t.Error(err)
	}
}

// A plan is used again for every clip, so it must not allocate.
func TestPlansDoNotAllocate(t *testing.T) {
	x := noise(1, 16000)
	mel := NewMel(MelConfig{STFT: STFTConfig{FFT: 400, Length: 400, Hop: 160, Window: Hann, Center: true}, Rate: 16000, Mels: 40})
	log := NewLogMel(SeLaViSound(16000))
	a, b := make([]float32, 40*mel.Frames(len(x))), make([]float32, 257*log.Frames(len(x)))
	n := testing.AllocsPerRun(3, func() {
		mel.Transform(nil, a, x)
		log.Transform(b, x)
	})
	if n > 0 {
		t.Errorf("%g allocations a clip, want none", n)
	}
}
