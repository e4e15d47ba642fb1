package catalogue_test

import (
	"math"
	"testing"

	"vssl/internal/golden"
	"vssl/methods/catalogue"
	"vssl/torch"
)

// selaviTargets are the targets that the entry answers for one head whose clusters become the more massive the higher their
// number, drawn sizes falling.
func selaviTargets(t *testing.T, params map[string]any) (target []float64) {
	t.Helper()
	const n, k = 40, 4
	logits := make([]float64, n*k)
	for i := range logits {
		logits[i] = float64(i%k) + math.Sin(float64(i*i))
	}
	c := golden.New("clustering.selavi.sinkhorn", params)
	c.Put("logits_v", false, logits, 1, n, k)
	c.Put("logits_a", false, logits, 1, n, k)
	c.Put("draws", false, []float64{2, 1, 0, -1}, 1, k)
	e, _ := catalogue.Lookup("clustering.selavi.sinkhorn")
	e.Prepare(c)
	torch.In(func(*torch.Scope) { target = e.Evaluate(c)["target"].Float64s() })
	return target
}

// TestSeLaViMarginals: what is uniform, what follows the code (sizes in the order drawn, inverted) and what the paper (sorted by
// mass, proportional).
func TestSeLaViMarginals(t *testing.T) {
	cases := []struct {
		distribution, form string
		want               []float64 // up to scale
	}{
		{"default", "code", []float64{1, 1, 1, 1}},
		{"zipf", "code", []float64{1, 1, 1, 1}},
		{"gauss", "code", []float64{1 / 1.2, 1 / 1.1, 1, 1 / 0.9}},
		{"gauss", "paper", []float64{0.9, 1, 1.1, 1.2}},
		{"zipf", "paper", []float64{1. / 4, 1. / 3, 1. / 2, 1}},
	}
	for _, tc := range cases {
		total := 0.0
		for _, w := range tc.want {
			total += w
		}
		got := selaviTargets(t, map[string]any{"distribution": tc.distribution, "marginal_form": tc.form})
		for i, w := range tc.want {
			if math.Abs(got[i]-w/total) > 1e-9 {
				t.Errorf("%s in the form of the %s: got %v, want %v up to scale", tc.distribution, tc.form, got, tc.want)
				break
			}
		}
	}
}
