package contrastive_test

import (
	"math"
	"testing"

	"vssl/clips"
	"vssl/methods"
	_ "vssl/methods/contrastive" // registers what is tested
	"vssl/methods/methodtest"
	"vssl/torch"
)

const small = "hidden: 32\noutput: 16\n"

func TestCVRL(t *testing.T) {
	methodtest.Run(t, "cvrl", methodtest.Options{Params: small, Golden: []string{"predictive/cvrl"}})
}

func TestVideoSimCLR(t *testing.T) {
	methodtest.Run(t, "video-simclr", methodtest.Options{Params: small, Golden: []string{"contrastive/nt_xent"}})
}

// recipe makes a method with the given keys and returns what it wants cut.
func recipe(t *testing.T, name, params string) clips.Recipe {
	t.Helper()
	m := methodtest.Build(t, name, small+params, methods.Env{
		ModelName: "tiny3d", Augment: clips.Contrastive(64), Clip: clips.Recipe{Frames: 8, Stride: 3}})
	return m.Recipe()
}

func TestCVRLRecipe(t *testing.T) {
	r := recipe(t, "cvrl", "")
	if r.Cuts != 2 || r.Frames != 8 || r.Stride != 3 || r.Interval != clips.Linear || len(r.Views) != 2 {
		t.Errorf("got %+v", r)
	}
	first, second := r.Views[0].Augment, r.Views[1].Augment
	if first.Blur.P != 1 || second.Blur.P != 0.1 || first.Solarize.P != 0 || second.Solarize.P != 0.2 || first.PerFrame {
		t.Errorf("views got %+v and %+v", first, second)
	}
	if r := recipe(t, "cvrl", "consistent: false"); !r.Views[0].Augment.PerFrame || !r.Views[1].Augment.PerFrame {
		t.Error("without consistency the augmentations are still held over time")
	}
	if r := recipe(t, "cvrl", "inflated: true"); r.Frames != 1 || r.Interval != clips.Zero {
		t.Errorf("inflated: got %+v", r)
	}
	if r := recipe(t, "cvrl", "interval: uniform"); r.Interval != clips.Uniform {
		t.Errorf("interval: got %q", r.Interval)
	}
}

func TestVideoSimCLRRecipe(t *testing.T) {
	r := recipe(t, "video-simclr", "")
	if r.Cuts != 1 || len(r.Views) != 2 || r.Views[0] != r.Views[1] {
		t.Errorf("got %+v, want one cut seen twice", r)
	}
}

func TestBadParameters(t *testing.T) {
	for params, want := range map[string]string{
		"temprature: 1":   `method cvrl: unknown key "temprature"; did you mean "temperature"?`,
		"temperature: 0":  "method cvrl: temperature is 0, want more than 0",
		"layers: 0":       "method cvrl: layers is 0, want 1 or more",
		"blur: [2, 0]":    "method cvrl: blur[0] is 2, want a probability",
		"solarize: [0,9]": "method cvrl: solarize[1] is 9, want a probability",
	} {
		if _, err := methods.New("cvrl", []byte(params), methods.Env{}); err == nil || err.Error() != want {
			t.Errorf("%s: got %v, want %s", params, err, want)
		}
	}
	for _, params := range []string{"interval: sometimes", "hidden: many", "- a\n- b"} {
		if _, err := methods.New("cvrl", []byte(params), methods.Env{}); err == nil {
			t.Errorf("%s: no error", params)
		}
	}
}

// TestLossPlainly holds the loss of a training step against the formula written out over the embeddings that the step
// reports.
func TestLossPlainly(t *testing.T) {
	const b, tau = 4, 0.1
	for name, factor := range map[string]float64{"cvrl": 2, "video-simclr": 1} {
		m := methodtest.Build(t, name, small, methods.Env{
			ModelName: "tiny3d", Augment: clips.Contrastive(16), Clip: clips.Recipe{Frames: 2, Stride: 1}})
		torch.In(func(*torch.Scope) {
			l := m.Loss(methods.Step{}, methodtest.Batch(m.Recipe(), 0, methodtest.InTurn(0, b)))
			methodtest.Near(t, name, l.Total.Float(), factor*plainLoss(methodtest.Rows(l.Features), tau))
		})
	}
}

// plainLoss is the mean over the rows of -log of the share of the other view (row i + n/2) among all other rows.
func plainLoss(z [][]float64, tau float64) float64 {
	n, total := len(z), 0.0
	for i := range z {
		sum := 0.0
		for j := range z {
			if j != i {
				sum += math.Exp(methodtest.Cosine(z[i], z[j]) / tau)
			}
		}
		total += math.Log(sum) - methodtest.Cosine(z[i], z[(i+n/2)%n])/tau
	}
	return total / float64(n)
}
