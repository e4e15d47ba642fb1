package audio

import (
	"errors"
	"fmt"
	"math"
)

// LogMelConfig describes the logarithmic mel energies of SeLaVi (2006.13662), which are those of python_speech_features.
type LogMelConfig struct {
	Rate        int     `yaml:"sample_rate"` // samples a second, >= 1
	Length      float64 `yaml:"win_length"`  // seconds of a frame, > 0
	Hop         float64 `yaml:"hop"`         // seconds from one frame to the next, > 0
	FFT         int     `yaml:"n_fft"`       // a frame is filled up with zeros to this length; one that is longer loses its end
	Mels        int     `yaml:"n_mels"`      // filters from 0 to half the rate, >= 1
	Preemphasis float64 `yaml:"preemphasis"` // y[t] = x[t] - Preemphasis x[t-1]
	Window      Window  `yaml:"window"`      // of the frame before it is filled up
	Normalize   bool    `yaml:"normalize"`   // (v - Mean) / Std of the result
	Mean        float64 `yaml:"mean"`
	Std         float64 `yaml:"std"` // > 0 with Normalize
}

// SeLaViSound is the form of SeLaVi's second kind of spectrogram: 257 filters over frames of 20 ms, 10 ms apart. Its
// first kind has 40 filters. Its Mean and Std are the authors', which do not bring typical sound to mean 0 and
// deviation 1.
func SeLaViSound(rate int) LogMelConfig {
	return LogMelConfig{
		Rate: rate, Length: 0.02, Hop: 0.01, FFT: 1024, Mels: 257, Preemphasis: 0.97, Window: Rect, Mean: 1.93, Std: 17.89,
	}
}

// Validate returns an error that names each field outside its range, or nil.
func (c LogMelConfig) Validate() error {
	errs := []error{c.Window.Validate()}
	if c.Rate < 1 || c.FFT < 2 || c.Mels < 1 {
		const wants = "sample_rate, n_fft and n_mels are %d, %d and %d, want at least 1, 2 and 1"
		errs = append(errs, fmt.Errorf(wants, c.Rate, c.FFT, c.Mels))
	}
	if c.samples(c.Length) < 1 || c.samples(c.Hop) < 1 {
		errs = append(errs, fmt.Errorf("win_length and hop are %g and %g s, want at least a sample each", c.Length, c.Hop))
	}
	if c.Normalize && !(c.Std > 0) {
		errs = append(errs, fmt.Errorf("std is %g, want more than 0", c.Std))
	}
	return errors.Join(errs...)
}

// samples rounds a time in seconds to samples, halves up.
func (c LogMelConfig) samples(seconds float64) int {
	return int(math.Floor(seconds*float64(c.Rate) + 0.5))
}

// LogMel is a plan for logarithmic mel energies.
type LogMel struct {
	cfg         LogMelConfig
	length, hop int
	window      []float64
	spectrum    spectrum
	bank        filters
	power       []float64
}

// NewLogMel makes a plan. It panics if c is not valid.
func NewLogMel(c LogMelConfig) *LogMel {
	if err := c.Validate(); err != nil {
		panic(fmt.Sprintf("audio: %v", err))
	}
	p := &LogMel{cfg: c, length: c.samples(c.Length), hop: c.samples(c.Hop), spectrum: newSpectrum(c.FFT)}
	p.window = c.Window.weights(p.length)
	p.bank = steppedTriangles(c.Mels, c.FFT, float64(c.Rate))
	p.power = make([]float64, c.FFT/2+1)
	return p
}

// Frames is the number of frames of n samples: the last one is filled up with zeros.
func (p *LogMel) Frames(n int) int {
	if n <= p.length {
		return 1
	}
	return 1 + (n-p.length+p.hop-1)/p.hop
}

// Transform writes the natural logarithms of the mel energies of x, in the scale of 16-bit samples (-32768..32767), into dst
// [Mels, Frames]. An energy of exactly 0 counts as 2^-52, as the authors have it. It panics if dst has another length.
func (p *LogMel) Transform(dst, x []float32) {
	frames := p.Frames(len(x))
	checkLen("mel energies", len(dst), p.cfg.Mels*frames)
	for m := range frames {
		p.fill(x, m*p.hop)
		for k, v := range p.spectrum.transform() {
			p.power[k] = square(v) / float64(p.cfg.FFT)
		}
		for j := range p.bank {
			dst[j*frames+m] = p.level(p.bank.of(j, p.power))
		}
	}
}

func (p *LogMel) level(energy float64) float32 {
	const least = 0x1p-52
	if energy == 0 {
		energy = least
	}
	v := math.Log(energy)
	if p.cfg.Normalize {
		v = (v - p.cfg.Mean) / p.cfg.Std
	}
	return float32(v)
}

// fill puts the frame that begins at sample first, with its high frequencies raised, before the transform.
func (p *LogMel) fill(x []float32, first int) {
	in := p.spectrum.in
	clear(in)
	n := min(p.length, len(in), len(x)-first)
	for i := range n {
		t := first + i
		v := float64(x[t])
		if t > 0 {
			v -= p.cfg.Preemphasis * float64(x[t-1])
		}
		in[i] = v * p.window[i]
	}
}
