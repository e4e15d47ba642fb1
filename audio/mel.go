package audio

import (
	"errors"
	"fmt"
	"math"
)

// MelConfig describes a mel spectrogram in the form of torchaudio's defaults: HTK's mel scale, triangles that are not
// normalised, power of 2.
type MelConfig struct {
	STFT STFTConfig `yaml:"stft"`
	Rate int        `yaml:"sample_rate"` // samples a second, >= 1
	Mels int        `yaml:"n_mels"`      // filters, >= 1
	Low  float64    `yaml:"f_min"`       // hertz, >= 0
	High float64    `yaml:"f_max"`       // hertz, > Low; 0 is half the rate
	Eps  float64    `yaml:"eps"`         // added before the logarithm, > 0
}

// Validate returns an error that names each field outside its range, or nil.
func (c MelConfig) Validate() error {
	errs := []error{c.STFT.Validate()}
	if c.Rate < 1 {
		errs = append(errs, fmt.Errorf("sample_rate is %d, want at least 1", c.Rate))
	}
	if c.Mels < 1 {
		errs = append(errs, fmt.Errorf("n_mels is %d, want at least 1", c.Mels))
	}
	if !(c.Low >= 0 && c.Low < c.high()) {
		errs = append(errs, fmt.Errorf("f_min and f_max are %g and %g, want 0 <= f_min < f_max", c.Low, c.high()))
	}
	if !(c.Eps >= 0) {
		errs = append(errs, fmt.Errorf("eps is %g, want at least 0", c.Eps))
	}
	return errors.Join(errs...)
}

func (c MelConfig) high() float64 {
	if c.High == 0 {
		return float64(c.Rate) / 2
	}
	return c.High
}

// Mel is a plan for mel spectrograms.
type Mel struct {
	cfg   MelConfig
	stft  *STFT
	bank  filters
	power []float64
}

// NewMel makes a plan. It panics if c is not valid.
func NewMel(c MelConfig) *Mel {
	if err := c.Validate(); err != nil {
		panic(fmt.Sprintf("audio: %v", err))
	}
	p := &Mel{cfg: c, stft: NewSTFT(c.STFT)}
	p.bank = triangles(c.Mels, c.STFT.FFT, float64(c.Rate), c.Low, c.high())
	p.power = make([]float64, p.stft.Bins())
	return p
}

// Frames is the number of frames of n samples; it panics as STFT.Frames does.
func (p *Mel) Frames(n int) int { return p.stft.Frames(n) }

// Transform writes the energies of x into mel and log(mel + Eps) into logMel, each [Mels, Frames]; a nil one is left out. It
// panics where a slice has another length, and as Frames does.
func (p *Mel) Transform(mel, logMel, x []float32) {
	frames := p.Frames(len(x))
	for _, dst := range [][]float32{mel, logMel} {
		if dst != nil {
			checkLen("mel energies", len(dst), p.cfg.Mels*frames)
		}
	}
	for m := range frames {
		for k, v := range p.stft.frame(x, m) {
			p.power[k] = square(v)
		}
		for j := range p.bank {
			e := p.bank.of(j, p.power)
			if mel != nil {
				mel[j*frames+m] = float32(e)
			}
			if logMel != nil {
				logMel[j*frames+m] = float32(math.Log(e + p.cfg.Eps))
			}
		}
	}
}
