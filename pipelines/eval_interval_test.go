package pipelines

import (
	"math"
	"testing"
)

// Known values: Wilson's interval of 8 of 10 is 0.490 to 0.943, that of 0 of 10 ends at 0.278; Student's quantile of two degrees of
// freedom is 4.3027.
func TestIntervals(t *testing.T) {
	for _, c := range []struct {
		name            string
		got             Estimate
		value, low, top float64
	}{
		{"8 of 10", wilson(8, 10), 0.8, 0.4901625, 0.9433178},
		{"0 of 10", wilson(0, 10), 0, 0, 0.2775328},
		{"10 of 10", wilson(10, 10), 1, 0.7224672, 1},
		{"55 of 80", wilson(55, 80), 0.6875, 0.5793222, 0.7784960},
		{"mean of four", meanOfMany([]float64{0.4, 0.5, 0.6, 0.7}), 0.55, 0.55 - 1.959964*0.1290994/2, 0.55 + 1.959964*0.1290994/2},
		{"mean of three seeds", meanOfFew([]float64{0.4, 0.5, 0.6}), 0.5, 0.5 - 4.302653*0.1/math.Sqrt(3), 0.5 + 4.302653*0.1/math.Sqrt(3)},
		{"one seed", meanOfFew([]float64{0.4}), 0.4, 0.4, 0.4},
		{"equal episodes", meanOfMany([]float64{1, 1, 1}), 1, 1, 1},
	} {
		for _, pair := range [][2]float64{{c.got.Value, c.value}, {c.got.Low, c.low}, {c.got.High, c.top}} {
			if math.Abs(pair[0]-pair[1]) > 1e-6 {
				t.Errorf("%s: %+v, want %g in %g..%g", c.name, c.got, c.value, c.low, c.top)
				break
			}
		}
	}
}
