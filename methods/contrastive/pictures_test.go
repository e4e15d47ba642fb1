package contrastive_test

import (
	"math"
	"slices"
	"strings"
	"testing"

	"vssl/clips"
	"vssl/methods"
	"vssl/methods/methodtest"
	"vssl/models"
	"vssl/models/nn"
	"vssl/torch"
)

// keyParams make the methods with a queue small: a queue that a few batches fill, two groups of the batch of two each.
const keyParams = small + "queue: 12\ngroups: 2\n"

// tiny are the surroundings of a method of pictures.
func tiny(scope *torch.Scope, batch int) methods.Env {
	return methods.Env{
		Scope: scope, ModelName: "tiny2d", Model: models.Config{Stem: models.StemSmall}, Augment: clips.Contrastive(16),
		Clip: clips.Recipe{Frames: 1, Stride: 1}, Batch: batch,
	}
}

// pictures makes a method of pictures in a scope that the test closes.
func pictures(t *testing.T, name, params string, batch int) methods.Method {
	t.Helper()
	scope := torch.NewScope()
	t.Cleanup(scope.Close)
	torch.Seed(1)
	m, err := methods.New(name, []byte(params), tiny(scope, batch))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// views are two views of b pictures of noise.
func views(b int) methods.Batch {
	view := func() *torch.Tensor { return torch.Randn([]int{b, 3, 1, 16, 16}, torch.Float32, torch.CPU) }
	return methods.Batch{Views: []*torch.Tensor{view(), view()}}
}

func still(params string, golden ...string) methodtest.Options {
	return methodtest.Options{Params: params, Model: "tiny2d", Still: true, Golden: golden}
}

func TestSimCLR(t *testing.T) { methodtest.Run(t, "simclr", still(small, "contrastive/nt_xent")) }

func TestMoCo(t *testing.T) {
	methodtest.Run(t, "moco", still(keyParams, "contrastive/info_nce_queue"))
}

func TestMoCo2(t *testing.T) {
	methodtest.Run(t, "moco2", still(keyParams, "contrastive/info_nce_queue"))
}

func TestBYOL(t *testing.T) {
	methodtest.Run(t, "byol", still(small, "contrastive/byol", "contrastive/byol_ema"))
}

func TestPictureRecipes(t *testing.T) {
	for _, name := range []string{"simclr", "moco", "moco2"} {
		r := pictures(t, name, "", 16).Recipe()
		twice := len(r.Views) == 2 && r.Views[0] == r.Views[1] && r.Views[0].Augment == clips.Contrastive(16)
		if r.Cuts != 1 || r.Frames != 1 || !twice {
			t.Errorf("%s: got %+v, want one cut seen twice, augmented as the run says", name, r)
		}
	}
	r := pictures(t, "byol", "", 16).Recipe()
	first, second := r.Views[0].Augment, r.Views[1].Augment
	if first.Blur.P != 1 || second.Blur.P != 0.1 || first.Solarize.P != 0 || second.Solarize.P != 0.2 {
		t.Errorf("byol: views got %+v and %+v", first, second)
	}
	r = pictures(t, "byol", "blur: [0.5, 0.25]\nsolarize: [0, 0]", 16).Recipe()
	if r.Views[0].Augment.Blur.P != 0.5 || r.Views[1].Augment.Blur.P != 0.25 || r.Views[1].Augment.Solarize.P != 0 {
		t.Errorf("byol: got %+v", r.Views)
	}
}

func TestBadPictureParameters(t *testing.T) {
	for _, test := range []struct{ name, params, want string }{
		{"simclr", "temperature: -1", "method simclr: temperature is -1, want more than 0"},
		{"simclr", "tau: 1", `method simclr: unknown key "tau"`},
		{"moco", "queue: 0", "method moco: queue is 0, want 1 or more"},
		{"moco", "momentum: 1.5", "method moco: momentum is 1.5, want a share, 0 to 1"},
		{"moco2", "layers: 0", "method moco2: layers is 0, want 1 or more"},
		{"moco2", "groups: 3", "method moco2: groups is 3, want a number that cuts the batch of 8 into equal parts of 2"},
		{"moco2", "groups: 8", "method moco2: groups is 8, want a number that cuts the batch of 8 into equal parts of 2"},
		{"byol", "final: .nan", "method byol: final is NaN, want a share, 0 to 1"},
		{"byol", "blur: [0, 7]", "method byol: blur[1] is 7, want a probability"},
	} {
		scope := torch.NewScope()
		_, err := methods.New(test.name, []byte(test.params), tiny(scope, 8))
		if err == nil || !strings.HasPrefix(err.Error(), test.want) {
			t.Errorf("%s %s: got %v, want %s", test.name, test.params, err, test.want)
		}
		scope.Close()
	}
}

// rows cuts a flat list into rows of d.
func rows(flat []float64, d int) [][]float64 { return slices.Collect(slices.Chunk(flat, d)) }

func cosine(a, b []float64) float64 {
	var ab, aa, bb float64
	for i := range a {
		ab, aa, bb = ab+a[i]*b[i], aa+a[i]*a[i], bb+b[i]*b[i]
	}
	return ab / math.Sqrt(aa*bb)
}

func about(t *testing.T, what string, got, want float64) {
	t.Helper()
	if !(math.Abs(got-want) <= 1e-4*max(1, math.Abs(want))) {
		t.Errorf("%s: got %g, want %g", what, got, want)
	}
}

// TestSimCLRPlainly holds loss and accuracy of a step against the formula, over the embeddings that the step reports.
func TestSimCLRPlainly(t *testing.T) {
	const b, d, tau = 8, 16, 0.5
	m := pictures(t, "simclr", small+"temperature: 0.5\n", b)
	torch.In(func(*torch.Scope) {
		l := m.Loss(methods.Step{}, views(b))
		flat := l.Features.To(torch.Float64).Float64s()
		about(t, "loss", l.Total.Float(), plainLoss(flat, 2*b, tau))
		z, right := rows(flat, d), 0
		for i := range z {
			best := -1
			for j := range z {
				if j != i && (best < 0 || cosine(z[i], z[j]) > cosine(z[i], z[best])) {
					best = j
				}
			}
			if best == (i+b)%(2*b) {
				right++
			}
		}
		about(t, "accuracy", l.Figures["contrast_accuracy"].Float(), float64(right)/(2*b))
	})
}

// tensor reads a tensor of the method's tree by name.
func tensor(t *testing.T, n *nn.Node, name string) []float64 {
	t.Helper()
	e := n.ParamByName(name)
	if e == nil {
		t.Fatalf("there is no %s", name)
	}
	var values []float64
	torch.In(func(*torch.Scope) { values = e.Tensor.Detach().Reshape(-1).To(torch.Float64).Float64s() })
	return values
}

// TestMoCoPlainly holds three steps against the formula: the loss over the queue as it was, the queue after it, whose newest rows
// give the keys of the step away, and the order in which rows are replaced.
func TestMoCoPlainly(t *testing.T) {
	const b, d, tau = 4, 16, 0.07
	for _, name := range []string{"moco", "moco2"} {
		m := pictures(t, name, keyParams+"temperature: 0.07\n", b)
		for step := range 4 { // the fourth comes round to the beginning
			torch.In(func(*torch.Scope) {
				before := rows(tensor(t, m.Modules(), "queue.keys"), d)
				l := m.Loss(methods.Step{Number: step}, views(b))
				after := rows(tensor(t, m.Modules(), "queue.keys"), d)
				at := step * b % 12
				keys := after[at : at+b]
				for i := range after {
					if held := i < at || i >= at+b; held != slices.Equal(after[i], before[i]) {
						t.Errorf("%s: step %d: row %d kept: %v, want %v", name, step, i, !held, held)
					}
				}
				want := 0.0
				for i, q := range rows(l.Features.To(torch.Float64).Float64s(), d) {
					own := cosine(q, keys[i]) / tau
					sum := math.Exp(own)
					for _, k := range before {
						sum += math.Exp(cosine(q, k) / tau)
					}
					want += (math.Log(sum) - own) / b
				}
				about(t, name+" loss", l.Total.Float(), want)
			})
		}
	}
}

// TestMoCoShuffles: a picture's key depends on those that share its group. With the same view for query and key, and the same
// weights, they are alike where no statistics of a group enter: in one group, and in evaluation, which also shows that
// shuffled keys come back to their places. In four groups they differ, since the groups are others.
func TestMoCoShuffles(t *testing.T) {
	const b, d = 16, 16
	for _, test := range []struct {
		groups   string
		training bool
		alike    bool
	}{{"1", true, true}, {"4", false, true}, {"4", true, false}} {
		m := pictures(t, "moco", small+"queue: 16\ngroups: "+test.groups, b)
		m.Modules().SetTraining(test.training)
		furthest := 0.0
		torch.In(func(*torch.Scope) {
			batch := views(b)
			batch.Views[1] = batch.Views[0]
			q := rows(m.Loss(methods.Step{}, batch).Features.To(torch.Float64).Float64s(), d)
			k := rows(tensor(t, m.Modules(), "queue.keys"), d)
			for i := range q {
				furthest = max(furthest, 1-cosine(q[i], k[i]))
			}
		})
		if alike := furthest < 1e-6; alike != test.alike {
			t.Errorf("groups %s, training %v: query and key are up to %g apart, want alike: %v",
				test.groups, test.training, furthest, test.alike)
		}
	}
}

// TestBYOLPlainly holds the loss of a step against the formula: predictions are recomputed from what the step reports.
func TestBYOLPlainly(t *testing.T) {
	const b = 4
	m := pictures(t, "byol", "hidden: 32\noutput: 16\n", b)
	torch.In(func(*torch.Scope) {
		batch := views(b)
		// A target like the network makes of a view what the network does, before the first update.
		l := m.Loss(methods.Step{}, batch)
		z := rows(l.Features.To(torch.Float64).Float64s(), 16)
		want := 0.0
		for i := range b {
			p1, p2 := predictPlainly(t, m.Modules(), z[:b])[i], predictPlainly(t, m.Modules(), z[b:])[i]
			want += (4 - 2*cosine(p1, z[b+i]) - 2*cosine(p2, z[i])) / b
		}
		about(t, "loss", l.Total.Float(), want)
	})
}

// predictPlainly is the predictor written out: linear, normalisation over the rows, ReLU, linear.
func predictPlainly(t *testing.T, n *nn.Node, z [][]float64) [][]float64 {
	first, second := rows(tensor(t, n, "predictor.0.weight"), 16), rows(tensor(t, n, "predictor.3.weight"), 32)
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

// TestTargetsFollow: after a step a target's weight has gone the share of the way that the step's progress says, and what a file
// brought into the network before the first step is the target's too.
func TestTargetsFollow(t *testing.T) {
	const online, target = "head.0.weight", "target.head.0.weight"
	for _, test := range []struct {
		name, params   string
		progress, keep float64
	}{
		{"byol", "hidden: 32\noutput: 16\nmomentum: 0.9\n", 0, 0.9},
		{"byol", "hidden: 32\noutput: 16\nmomentum: 0.9\n", 0.5, 0.95},
		{"byol", "hidden: 32\noutput: 16\nmomentum: 0.9\n", 1, 1},
		{"moco", keyParams + "momentum: 0.75\n", 0.5, 0.75},
	} {
		m := pictures(t, test.name, test.params, 4)
		torch.In(func(*torch.Scope) {
			w := m.Modules().ParamByName(online).Tensor
			torch.NoGrad(func() { w.Add_(w.OnesLike(), 1) }) // as weights that are read
			m.Loss(methods.Step{}, views(4))
			before := tensor(t, m.Modules(), online)
			if !slices.Equal(tensor(t, m.Modules(), target), before) {
				t.Errorf("%s: the target does not begin as the network", test.name)
			}
			torch.NoGrad(func() {
				w.Add_(w.OnesLike(), 2)
				m.(methods.FollowsSteps).AfterStep(methods.Step{Progress: test.progress})
			})
			for i, v := range tensor(t, m.Modules(), target) {
				about(t, test.name, v, before[i]+2*(1-test.keep))
			}
		})
	}
}
