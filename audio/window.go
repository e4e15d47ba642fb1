package audio

import (
	"fmt"
	"math"
)

// Window is the shape that a frame of sound is weighted with.
type Window string

// The windows.
const (
	Hann Window = "hann" // 0.5 - 0.5 cos(2 pi n / N), n = 0..N-1: periodic, as spectra want it
	Rect Window = "rect" // all ones
)

// Validate returns an error that lists the windows when w is none of them.
func (w Window) Validate() error {
	if w != Hann && w != Rect {
		return fmt.Errorf("window is %q, want hann or rect", string(w))
	}
	return nil
}

// UnmarshalText refuses what is no window.
func (w *Window) UnmarshalText(text []byte) error {
	*w = Window(text)
	return w.Validate()
}

// weights are the n numbers of the window.
func (w Window) weights(n int) []float64 {
	v := make([]float64, n)
	for i := range v {
		v[i] = 1
		if w == Hann && n > 1 {
			v[i] = 0.5 - 0.5*math.Cos(2*math.Pi*float64(i)/float64(n))
		}
	}
	return v
}

// kaiser are the n numbers of the Kaiser window, I0(beta sqrt(1 - x^2)) / I0(beta) for x from -1 to 1.
func kaiser(n int, beta float64) []float64 {
	v := make([]float64, n)
	for i := range v {
		x := 2*float64(i)/float64(n-1) - 1
		v[i] = besselI0(beta*math.Sqrt(math.Max(0, 1-x*x))) / besselI0(beta)
	}
	return v
}

// besselI0 is the modified Bessel function of the first kind and order 0, by its power series: x is small here.
func besselI0(x float64) float64 {
	sum, term := 1.0, 1.0
	for k := 1.0; term > 1e-17*sum; k++ {
		term *= (x / 2 / k) * (x / 2 / k)
		sum += term
	}
	return sum
}
