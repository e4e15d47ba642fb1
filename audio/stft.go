package audio

import (
	"errors"
	"fmt"

	"gonum.org/v1/gonum/dsp/fourier"
)

// STFTConfig says how a short-time Fourier transform cuts sound into frames.
type STFTConfig struct {
	FFT    int    `yaml:"n_fft"`      // samples of a frame as it is transformed, >= 2; a spectrum has FFT/2+1 bins
	Length int    `yaml:"win_length"` // samples of the window, 1 to FFT; zeros on both sides fill the frame
	Hop    int    `yaml:"hop"`        // samples from one frame to the next, >= 1
	Window Window `yaml:"window"`
	Center bool   `yaml:"center"` // frame m has its middle on sample m*Hop: the sound is mirrored by FFT/2 samples at its ends
}

// Validate returns an error that names each field outside its range, or nil.
func (c STFTConfig) Validate() error {
	var errs []error
	if c.FFT < 2 {
		errs = append(errs, fmt.Errorf("n_fft is %d, want at least 2", c.FFT))
	}
	if c.Length < 1 || c.Length > c.FFT {
		errs = append(errs, fmt.Errorf("win_length is %d, want 1 to n_fft, %d", c.Length, c.FFT))
	}
	if c.Hop < 1 {
		errs = append(errs, fmt.Errorf("hop is %d, want at least 1", c.Hop))
	}
	return errors.Join(append(errs, c.Window.Validate())...)
}

// STFT is a plan for short-time spectra, X[k, m] = sum over n of x[m Hop + n] w[n] e^(-2 pi i k n / FFT), unscaled.
type STFT struct {
	cfg      STFTConfig
	spectrum spectrum
	window   []float64 // FFT numbers
}

// NewSTFT makes a plan. It panics if c is not valid.
func NewSTFT(c STFTConfig) *STFT {
	if err := c.Validate(); err != nil {
		panic(fmt.Sprintf("audio: %v", err))
	}
	p := &STFT{cfg: c, spectrum: newSpectrum(c.FFT), window: make([]float64, c.FFT)}
	copy(p.window[(c.FFT-c.Length)/2:], c.Window.weights(c.Length))
	return p
}

// Bins is the number of frequencies, FFT/2+1; bin k lies at k/FFT of the sample rate.
func (p *STFT) Bins() int { return p.cfg.FFT/2 + 1 }

// Frames is the number of frames of n samples. It panics where there are too few: a frame must fit, and with Center the ends
// must be long enough to be mirrored, n > FFT/2.
func (p *STFT) Frames(n int) int {
	c := p.cfg
	if c.Center {
		if n <= c.FFT/2 {
			panic(fmt.Sprintf("audio: %d samples, want more than half of n_fft %d", n, c.FFT))
		}
		n += c.FFT / 2 * 2
	}
	if n < c.FFT {
		panic(fmt.Sprintf("audio: %d samples, want at least n_fft %d", n, c.FFT))
	}
	return 1 + (n-c.FFT)/c.Hop
}

// Transform writes the spectra of x, real and imaginary parts, [Bins, Frames]. It panics as Frames does, and where re and im
// do not have that many elements.
func (p *STFT) Transform(re, im, x []float32) {
	frames := p.Frames(len(x))
	checkLen("real parts", len(re), p.Bins()*frames)
	checkLen("imaginary parts", len(im), p.Bins()*frames)
	for m := range frames {
		for k, v := range p.frame(x, m) {
			re[k*frames+m], im[k*frames+m] = float32(real(v)), float32(imag(v))
		}
	}
}

// Power writes the squared magnitudes, [Bins, Frames]. It panics as Transform does.
func (p *STFT) Power(dst, x []float32) {
	frames := p.Frames(len(x))
	checkLen("powers", len(dst), p.Bins()*frames)
	for m := range frames {
		for k, v := range p.frame(x, m) {
			dst[k*frames+m] = float32(square(v))
		}
	}
}

// frame transforms frame m; the result is valid until the next call.
func (p *STFT) frame(x []float32, m int) []complex128 {
	first := m * p.cfg.Hop
	if p.cfg.Center {
		first -= p.cfg.FFT / 2
	}
	in := p.spectrum.in
	if first >= 0 && first+len(in) <= len(x) {
		for i, v := range x[first : first+len(in)] {
			in[i] = float64(v) * p.window[i]
		}
		return p.spectrum.transform()
	}
	for i := range in {
		in[i] = float64(x[mirrored(first+i, len(x))]) * p.window[i]
	}
	return p.spectrum.transform()
}

// mirrored brings an index back into 0..n-1 without repeating the edge; it is less than n outside.
func mirrored(i, n int) int {
	if i < 0 {
		i = -i
	}
	if i >= n {
		i = 2*(n-1) - i
	}
	return i
}

// spectrum transforms one frame of real numbers again and again in the same memory.
type spectrum struct {
	fft *fourier.FFT
	in  []float64
	out []complex128
}

func newSpectrum(n int) spectrum {
	return spectrum{fourier.NewFFT(n), make([]float64, n), make([]complex128, n/2+1)}
}

func (s *spectrum) transform() []complex128 { return s.fft.Coefficients(s.out, s.in) }

func square(v complex128) float64 { return real(v)*real(v) + imag(v)*imag(v) }

func checkLen(what string, got, want int) {
	if got != want {
		panic(fmt.Sprintf("audio: room for %d %s, want %d", got, what, want))
	}
}
