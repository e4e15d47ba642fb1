package contrastive_test

import (
	"math"
	"slices"
	"strings"
	"testing"

	"vssl/clips"
	"vssl/methods"
	"vssl/methods/methodtest"
	"vssl/torch"
)

// keyParams make the methods with a queue small: a queue that a few batches fill, two groups of the batch of two each.
const keyParams = small + "queue: 12\ngroups: 2\n"

// pictures makes a method of pictures of 16 pixels.
func pictures(t *testing.T, name, params string, batch int) methods.Method {
	t.Helper()
	return methodtest.Build(t, name, params, methodtest.Pictures(16, 0, batch))
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

func TestPictureRecipes(t *testing.T) {
	for _, name := range []string{"simclr", "moco", "moco2"} {
		r := pictures(t, name, "", 16).Recipe()
		twice := len(r.Views) == 2 && r.Views[0] == r.Views[1] && r.Views[0].Augment == clips.Contrastive(16)
		if r.Cuts != 1 || r.Frames != 1 || !twice {
			t.Errorf("%s: got %+v, want one cut seen twice, augmented as the run says", name, r)
		}
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
	} {
		_, err := methodtest.Try(t, test.name, test.params, methodtest.Pictures(16, 0, 8))
		if err == nil || !strings.HasPrefix(err.Error(), test.want) {
			t.Errorf("%s %s: got %v, want %s", test.name, test.params, err, test.want)
		}
	}
}

// TestSimCLRPlainly holds loss and accuracy of a step against the formula, over the embeddings that the step reports.
func TestSimCLRPlainly(t *testing.T) {
	const b, tau = 8, 0.5
	m := pictures(t, "simclr", small+"temperature: 0.5\n", b)
	torch.In(func(*torch.Scope) {
		l := m.Loss(methods.Step{}, methodtest.Batch(m.Recipe(), 0, methodtest.InTurn(0, b)))
		z, right := methodtest.Rows(l.Features), 0
		methodtest.Near(t, "loss", l.Total.Float(), plainLoss(z, tau))
		for i := range z {
			best := -1
			for j := range z {
				if j != i && (best < 0 || methodtest.Cosine(z[i], z[j]) > methodtest.Cosine(z[i], z[best])) {
					best = j
				}
			}
			if best == (i+b)%(2*b) {
				right++
			}
		}
		methodtest.Near(t, "accuracy", l.Figures["contrast_accuracy"].Float(), float64(right)/(2*b))
	})
}

// TestMoCoPlainly holds three steps against the formula: the loss over the queue as it was, the queue after it, whose newest rows
// give the keys of the step away, and the order in which rows are replaced.
func TestMoCoPlainly(t *testing.T) {
	const b, tau = 4, 0.07
	for _, name := range []string{"moco", "moco2"} {
		m := pictures(t, name, keyParams+"temperature: 0.07\n", b)
		for step := range 4 { // the fourth comes round to the beginning
			torch.In(func(*torch.Scope) {
				before := methodtest.Rows(methodtest.Tensor(t, m.Modules(), "queue.keys"))
				l := m.Loss(methods.Step{Number: step}, methodtest.Batch(m.Recipe(), step, methodtest.InTurn(0, b)))
				after := methodtest.Rows(methodtest.Tensor(t, m.Modules(), "queue.keys"))
				at := step * b % 12
				keys := after[at : at+b]
				for i := range after {
					if held := i < at || i >= at+b; held != slices.Equal(after[i], before[i]) {
						t.Errorf("%s: step %d: row %d kept: %v, want %v", name, step, i, !held, held)
					}
				}
				want := 0.0
				for i, q := range methodtest.Rows(l.Features) {
					own := methodtest.Cosine(q, keys[i]) / tau
					sum := math.Exp(own)
					for _, k := range before {
						sum += math.Exp(methodtest.Cosine(q, k) / tau)
					}
					want += (math.Log(sum) - own) / b
				}
				methodtest.Near(t, name+" loss", l.Total.Float(), want)
			})
		}
	}
}

// TestMoCoShuffles: a picture's key depends on those that share its group. With the same view for query and key, and the same
// weights, they are alike where no statistics of a group enter: in one group, and in evaluation, which also shows that
// shuffled keys come back to their places. In four groups they differ, since the groups are others.
func TestMoCoShuffles(t *testing.T) {
	const b = 16
	for _, test := range []struct {
		groups   string
		training bool
		alike    bool
	}{{"1", true, true}, {"4", false, true}, {"4", true, false}} {
		m := pictures(t, "moco", small+"queue: 16\ngroups: "+test.groups, b)
		m.Modules().SetTraining(test.training)
		furthest := 0.0
		torch.In(func(*torch.Scope) {
			batch := methodtest.Batch(m.Recipe(), 0, methodtest.InTurn(0, b))
			batch.Views[1] = batch.Views[0]
			q := methodtest.Rows(m.Loss(methods.Step{}, batch).Features)
			k := methodtest.Rows(methodtest.Tensor(t, m.Modules(), "queue.keys"))
			for i := range q {
				furthest = max(furthest, 1-methodtest.Cosine(q[i], k[i]))
			}
		})
		if alike := furthest < 1e-6; alike != test.alike {
			t.Errorf("groups %s, training %v: query and key are up to %g apart, want alike: %v",
				test.groups, test.training, furthest, test.alike)
		}
	}
}

func TestMoCoFollows(t *testing.T) {
	methodtest.Follows(t, pictures(t, "moco", keyParams+"momentum: 0.75\n", 4), 4, 0.5, 0.75)
}
