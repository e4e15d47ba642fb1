package methods_test

import (
	"math"
	"testing"

	"vssl/methods"
	"vssl/torch"
)

func TestMeasureCollapse(t *testing.T) {
	const n, d = 64, 16
	torch.In(func(*torch.Scope) {
		torch.Seed(1)
		spread := torch.Randn([]int{n, d}, torch.Float32, torch.CPU)
		one := torch.Ones([]int{n, d}, torch.Float32, torch.CPU).AddScaled(spread, 1e-6)
		line := torch.Randn([]int{n, 1}, torch.Float32, torch.CPU).Expand(n, d)
		for _, test := range []struct {
			name     string
			features *torch.Tensor
			std      float64
			rank     [2]float64
		}{
			{"spread", spread, 1, [2]float64{14, 16}},
			{"one point", one, 0, [2]float64{1, 1.01}},
			{"two ends of a line", line, 1, [2]float64{1, 1.01}},
			{"long and short", spread.MulScalar(1e6), 1, [2]float64{14, 16}},
		} {
			c := methods.MeasureCollapse(test.features)
			if math.Abs(c.Std-test.std) > 0.05 || c.Rank < test.rank[0] || c.Rank > test.rank[1] {
				t.Errorf("%s: got %+v, want deviation %g and rank in %v", test.name, c, test.std, test.rank)
			}
		}
		c := methods.MeasureCollapse(torch.Full([]int{n, d}, math.NaN(), torch.Float32, torch.CPU))
		if !math.IsNaN(c.Std) || !math.IsNaN(c.Rank) {
			t.Errorf("NaN: got %+v", c)
		}
		if c := methods.MeasureCollapse(torch.Zeros([]int{n, d}, torch.Float32, torch.CPU)); c.Std != 0 || c.Rank != 0 {
			t.Errorf("zeros: got %+v", c)
		}
	})
}
