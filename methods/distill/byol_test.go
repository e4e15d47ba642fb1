package distill_test

import (
	"fmt"
	"math"
	"testing"

	"vssl/methods"
	_ "vssl/methods/distill" // registers what is tested
	"vssl/methods/methodtest"
	"vssl/models/nn"
	"vssl/torch"
)

const (
	small = "hidden: 32\noutput: 16\n"
	batch = 4
)

func TestBYOL(t *testing.T) {
	methodtest.Run(t, "byol", methodtest.Options{Params: small, Model: "tiny2d", Still: true,
		Golden: []string{"contrastive/byol", "contrastive/byol_ema"}})
}

func newBYOL(t *testing.T, params string) methods.Method {
	t.Helper()
	return methodtest.Build(t, "byol", params, methodtest.Pictures(16, 0, batch))
}

func TestBYOLRecipe(t *testing.T) {
	r := newBYOL(t, "").Recipe()
	first, second := r.Views[0].Augment, r.Views[1].Augment
	if first.Blur.P != 1 || second.Blur.P != 0.1 || first.Solarize.P != 0 || second.Solarize.P != 0.2 {
		t.Errorf("views got %+v and %+v", first, second)
	}
	r = newBYOL(t, "blur: [0.5, 0.25]\nsolarize: [0, 0]").Recipe()
	if r.Views[0].Augment.Blur.P != 0.5 || r.Views[1].Augment.Blur.P != 0.25 || r.Views[1].Augment.Solarize.P != 0 {
		t.Errorf("got %+v", r.Views)
	}
}

func TestBYOLBadParameters(t *testing.T) {
	for params, want := range map[string]string{
		"final: .nan":      "method byol: final is NaN, want a share, 0 to 1",
		"momentum: -1":     "method byol: momentum is -1, want a share, 0 to 1",
		"hidden: 0":        "method byol: hidden is 0, want 1 or more",
		"blur: [0, 7]":     "method byol: blur[1] is 7, want a probability",
		"solarize: [2, 0]": "method byol: solarize[0] is 2, want a probability",
	} {
		if _, err := methods.New("byol", []byte(params), methods.Env{}); err == nil || err.Error() != want {
			t.Errorf("%s: got %v, want %s", params, err, want)
		}
	}
}

// TestBYOLPlainly holds the loss of a step against the formula: predictions are recomputed from what the step reports.
func TestBYOLPlainly(t *testing.T) {
	m := newBYOL(t, small)
	torch.In(func(*torch.Scope) {
		// A target like the network makes of a view what the network does, before the first update.
		l := m.Loss(methods.Step{}, methodtest.Batch(m.Recipe(), 0, methodtest.InTurn(0, batch)))
		z := methodtest.Rows(l.Features)
		want := 0.0
		for i := range batch {
			p1, p2 := predictPlainly(t, m.Modules(), z[:batch])[i], predictPlainly(t, m.Modules(), z[batch:])[i]
			want += (4 - 2*methodtest.Cosine(p1, z[batch+i]) - 2*methodtest.Cosine(p2, z[i])) / batch
		}
		methodtest.Near(t, "loss", l.Total.Float(), want)
	})
}

// predictPlainly is the predictor written out: linear, normalisation over the rows, ReLU, linear.
func predictPlainly(t *testing.T, n *nn.Node, z [][]float64) [][]float64 {
	first := methodtest.Rows(methodtest.Tensor(t, n, "predictor.0.weight"))
	second := methodtest.Rows(methodtest.Tensor(t, n, "predictor.3.weight"))
	hidden := product(z, first)
	for h := range first {
		var mean, variance float64
		for _, row := range hidden {
			mean += row[h] / float64(len(z))
		}
		for _, row := range hidden {
			variance += (row[h] - mean) * (row[h] - mean) / float64(len(z))
		}
		for _, row := range hidden {
			row[h] = max(0, (row[h]-mean)/math.Sqrt(variance+1e-5))
		}
	}
	return product(hidden, second)
}

// product is x times the transpose of w.
func product(x, w [][]float64) [][]float64 {
	out := make([][]float64, len(x))
	for i := range x {
		out[i] = make([]float64, len(w))
		for o := range w {
			for k := range x[i] {
				out[i][o] += x[i][k] * w[o][k]
			}
		}
	}
	return out
}

// TestBYOLFollows: the share that the target keeps of itself rises along half a cosine.
func TestBYOLFollows(t *testing.T) {
	for progress, keep := range map[float64]float64{0: 0.9, 0.5: 0.95, 1: 1} {
		t.Run(fmt.Sprint(progress), func(t *testing.T) {
			methodtest.Follows(t, newBYOL(t, small+"momentum: 0.9\n"), batch, progress, keep)
		})
	}
}
