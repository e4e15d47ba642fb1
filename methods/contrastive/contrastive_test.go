package contrastive_test

import (
	"math"
	"testing"

	"vssl/clips"
	"vssl/methods"
	_ "vssl/methods/contrastive" // registers what is tested
	"vssl/methods/methodtest"
	"vssl/models"
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
	scope := torch.NewScope()
	defer scope.Close()
	m, err := methods.New(name, []byte(small+params), methods.Env{
		Scope: scope, ModelName: "tiny3d", Model: models.Config{}, Augment: clips.Contrastive(64),
		Clip: clips.Recipe{Frames: 8, Stride: 3},
	})
	if err != nil {
		t.Fatal(err)
	}
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
	const b, frames, size, tau = 4, 2, 16, 0.1
	for name, factor := range map[string]float64{"cvrl": 2, "video-simclr": 1} {
		scope := torch.NewScope()
		torch.Seed(1)
		m, err := methods.New(name, []byte(small), methods.Env{
			Scope: scope, ModelName: "tiny3d", Augment: clips.Contrastive(size), Clip: clips.Recipe{Frames: frames, Stride: 1}})
		if err != nil {
			t.Fatal(err)
		}
		torch.In(func(*torch.Scope) {
			view := func() *torch.Tensor {
				return torch.Randn([]int{b, 3, frames, size, size}, torch.Float32, torch.CPU)
			}
			l := m.Loss(methods.Step{}, methods.Batch{Views: []*torch.Tensor{view(), view()}})
			want := factor * plainLoss(l.Features.Float64s(), 2*b, tau)
			if got := l.Total.Float(); math.Abs(got-want) > 1e-4*want {
				t.Errorf("%s: got %g, want %g", name, got, want)
			}
		})
		scope.Close()
	}
}

// plainLoss is the mean over n rows of -log of the share of the other view (row i + n/2) among all other rows.
func plainLoss(flat []float64, n int, tau float64) float64 {
	d := len(flat) / n
	cosine := func(i, j int) float64 {
		var ij, ii, jj float64
		for k := range d {
			a, b := flat[i*d+k], flat[j*d+k]
			ij, ii, jj = ij+a*b, ii+a*a, jj+b*b
		}
		return ij / math.Sqrt(ii*jj)
	}
	total := 0.0
	for i := range n {
		sum := 0.0
		for j := range n {
			if j != i {
				sum += math.Exp(cosine(i, j) / tau)
			}
		}
		total += math.Log(sum) - cosine(i, (i+n/2)%n)/tau
	}
	return total / float64(n)
}
