package catalogue_test

import (
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"vssl/internal/golden"
	"vssl/methods/catalogue"
	"vssl/torch"
)

// cases are the golden files that are there: those of testdata, and the shared ones where VSSL_SHARED is set.
func cases(t *testing.T) []string {
	t.Helper()
	own, err := filepath.Glob("testdata/*.safetensors")
	if err != nil {
		t.Fatal(err)
	}
	root := os.Getenv("VSSL_SHARED")
	if root == "" {
		t.Log("VSSL_SHARED not set: only the cases of testdata are checked")
		return own
	}
	shared, err := filepath.Glob(filepath.Join(root, "golden", "*", "*.safetensors"))
	if err != nil || len(shared) == 0 {
		t.Fatalf("no cases below %s (%v)", root, err)
	}
	return append(own, shared...)
}

// skipSlow leaves the training cases of networks out with -short.
func skipSlow(t *testing.T, path string) {
	t.Helper()
	if name := short(path); testing.Short() && strings.HasPrefix(name, "networks/") && strings.HasSuffix(name, "_train") {
		t.Skip("training cases of networks are left out with -short")
	}
}

// short is the family and name of a case.
func short(path string) string {
	return strings.TrimSuffix(filepath.Join(filepath.Base(filepath.Dir(path)), filepath.Base(path)), ".safetensors")
}

// TestGolden answers every case as `vssl objective check` does.
func TestGolden(t *testing.T) {
	before := torch.Live()
	for _, path := range cases(t) {
		t.Run(short(path), func(t *testing.T) {
			skipSlow(t, path)
			if r := catalogue.CheckFile(path); r.Fail != nil {
				t.Errorf("%s: %v", r.Objective, r.Fail)
			}
		})
	}
	if d := torch.Live() - before; d != 0 {
		t.Errorf("%d tensors outlive the checks", d)
	}
}

// TestGoldenInFloat32 answers them in the type of a training step; the limit is ten times as wide.
func TestGoldenInFloat32(t *testing.T) {
	for _, path := range cases(t) {
		c, e := load(t, path)
		if e.Single || e.Evaluate == nil {
			continue // checked in float32 above, or not at all
		}
		t.Run(short(path), func(t *testing.T) {
			skipSlow(t, path)
			if e.Double != "" {
				t.Skip(e.Double)
			}
			c.RTol, c.ATol, c.Float = 10*c.RTol, 10*c.ATol, torch.Float32
			if _, err := c.Check(e.Evaluate); err != nil {
				t.Errorf("%s: %v", c.Objective, err)
			}
		})
	}
}

// TestGradientsByDifferences holds every gradient against central differences of the loss in float64.
func TestGradientsByDifferences(t *testing.T) {
	const h = 1e-6
	for _, path := range cases(t) {
		c, e := load(t, path)
		if e.Single || e.Evaluate == nil || len(c.Differentiated()) == 0 {
			continue
		}
		t.Run(short(path), func(t *testing.T) {
			if e.Constant != "" && !withoutConstant(c) {
				t.Skipf("the gradient holds constant: %s", e.Constant)
			}
			_, gradients := c.Gradients(e.Evaluate)
			for _, name := range c.Differentiated() {
				compareDifferences(t, c, e.Evaluate, name, gradients[name], h)
			}
		})
	}
}

// withoutConstant gives a case parameters under which its gradient holds nothing constant, where there are such: the constant Z
// handed in rather than estimated, no term that has a teacher, a bound with a gradient of its own.
func withoutConstant(c *golden.Case) bool {
	set := map[string]map[string]any{
		"contrastive.nce":  {"Z": 30.0},
		"contrastive.crd":  {"Z_s": 30.0, "Z_t": 40.0},
		"contrastive.cmc":  {"Z_l": 30.0, "Z_ab": 40.0},
		"contrastive.pirl": {"Z": 30.0},
		"contrastive.clsa": {"alpha": 0.0},
	}[c.Objective]
	for name, v := range set {
		c.Params[name] = v
	}
	if c.Objective == "predictive.mi_bounds" {
		return slices.Contains([]string{"nwj", "infonce", "dv", "js_fgan", "tuba"}, c.Text("estimator"))
	}
	return set != nil
}

// compareDifferences moves up to 24 elements of an input, spread evenly over it.
func compareDifferences(t *testing.T, c *golden.Case, f golden.Evaluate, name string, gradient []float64, h float64) {
	t.Helper()
	values := c.Floats(name)
	largest := 0.0
	for _, g := range gradient {
		largest = math.Max(largest, math.Abs(g))
	}
	const most = 24
	for i := 0; i < len(values); i += max(1, len(values)/most) {
		difference := func(h float64) float64 {
			v := values[i]
			values[i] = v + h
			up := c.Loss(f)
			values[i] = v - h
			down := c.Loss(f)
			values[i] = v
			return (up - down) / (2 * h)
		}
		off := func(want float64) bool { return math.Abs(gradient[i]-want) > 1e-6+1e-4*largest }
		want := difference(h)
		if off(want) {
			want = difference(h / 10) // a loss that curves strongly, as over a chain of crops, needs the smaller step
		}
		if off(want) {
			t.Errorf("%s: gradient of %s[%d] is %g, differences say %g", c.Objective, name, i, gradient[i], want)
			return
		}
	}
}

func load(t *testing.T, path string) (*golden.Case, catalogue.Entry) {
	t.Helper()
	c, err := golden.Load(path)
	if err != nil {
		t.Fatal(err)
	}
	e, _ := catalogue.Lookup(c.Objective)
	e.Prepare(c)
	return c, e
}

// TestEntriesSayWhatTheyAre: the list is documentation.
func TestEntriesSayWhatTheyAre(t *testing.T) {
	for _, e := range catalogue.All() {
		family, _, dotted := strings.Cut(e.Name, ".")
		if !dotted || !slices.Contains([]string{"contrastive", "clustering", "predictive", "networks", "audio", "image", "clip"}, family) {
			t.Errorf("%s: not of a family", e.Name)
		}
		if e.About == "" || e.Paper == "" || len(e.Inputs) == 0 || e.Outputs == "" {
			t.Errorf("%s: the entry leaves something out: %+v", e.Name, e)
		}
		for _, in := range e.Inputs {
			if in.Name == "" || !strings.HasPrefix(in.Shape, "[") || in.About == "" {
				t.Errorf("%s: input %+v says too little", e.Name, in)
			}
		}
		for _, p := range e.Params {
			if p.Name == "" || p.About == "" {
				t.Errorf("%s: parameter %+v says too little", e.Name, p)
			}
		}
	}
}
