package clips

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Interval names the law by which the distance in time between the two cuts of a pair is drawn, as studied in CVRL (2008.03800).
// With x the distance as a share of the longest one that fits, the densities are:
//
//	none         no law: each cut starts anywhere, alone
//	zero         the two cuts are the same span of time
//	uniform      1
//	linear       2 (1 - x): the default, and CVRL's best
//	power-N      (N+1)/N (1 - x^N), N > 0; power-1 is linear
//	exponential  ~ e^(-4x); exponential-R has the rate R > 0
//	increasing   2 x: distant cuts are likelier, the paper's counterexample
//	even         nothing is drawn: the cuts are spread evenly over the sample, for evaluation
type Interval string

// The laws without a parameter.
const (
	None        Interval = "none"
	Zero        Interval = "zero"
	Uniform     Interval = "uniform"
	Linear      Interval = "linear"
	Exponential Interval = "exponential"
	Increasing  Interval = "increasing"
	Even        Interval = "even"
)

// Validate returns an error that lists the laws when v is none of them.
func (v Interval) Validate() error {
	switch v {
	case "", None, Zero, Even:
		return nil
	}
	if v.cdf() == nil {
		return fmt.Errorf("interval is %q, want none, zero, uniform, linear, power-N, exponential, exponential-R, increasing or even", string(v))
	}
	return nil
}

// UnmarshalText refuses what is no law.
func (v *Interval) UnmarshalText(text []byte) error {
	*v = Interval(text)
	return v.Validate()
}

// cdf returns the share of distances that are at most x, for x in 0..1; nil when the law has none.
func (v Interval) cdf() func(x float64) float64 {
	name, arg, has := strings.Cut(string(v), "-")
	n, err := strconv.ParseFloat(arg, 64)
	if has && (err != nil || !(n > 0) || n > 100) {
		return nil
	}
	switch {
	case v == Uniform:
		return func(x float64) float64 { return x }
	case v == Linear || v == "":
		return powerCDF(1)
	case v == Increasing:
		return func(x float64) float64 { return x * x }
	case v == Exponential:
		return exponentialCDF(4)
	case has && name == "power":
		return powerCDF(n)
	case has && name == "exponential":
		return exponentialCDF(n)
	}
	return nil
}

func powerCDF(n float64) func(float64) float64 {
	return func(x float64) float64 { return ((n+1)*x - math.Pow(x, n+1)) / n }
}

func exponentialCDF(rate float64) func(float64) float64 {
	return func(x float64) float64 { return math.Expm1(-rate*x) / math.Expm1(-rate) }
}

// distance draws the distance between two cuts in frames, 0 <= d < room, by halving the interval as CVRL's authors do: u in 0..1
// is the draw, room > 0 the number of places at which a cut may start.
func distance(cdf func(float64) float64, room int, u float64) int {
	lo, up, k := 0, room, room/2
	for up-lo > 1 {
		if cdf(float64(k)/float64(room)) > u {
			up = k
			k = (k + lo) / 2
		} else {
			lo = k
			k = (up + k) / 2
		}
	}
	return k
}
