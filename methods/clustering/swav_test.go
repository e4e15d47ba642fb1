package clustering_test

import (
	"math"
	"slices"
	"testing"

	"vssl/methods"
	"vssl/methods/methodtest"
	"vssl/torch"
	"vssl/torch/optim"
)

func TestSwAVRecipe(t *testing.T) {
	r := build(t, "swav", "{hidden: 8, output: 8, prototypes: 8}", 10, 4).Recipe()
	if err := r.Validate(); err != nil || r.Cuts != 1 || r.Frames != 1 || len(r.Views) != 8 {
		t.Fatalf("%v: got %+v, want a cut with 8 views", err, r)
	}
	for i, v := range r.Views {
		size, scale := 96, [2]float64{0.05, 0.14}
		if i < 2 {
			size, scale = 32, [2]float64{0.14, 1} // of the run, and the paper's share
		}
		if v.Cut != 0 || v.Augment.Size != size || v.Augment.Scale != scale || v.Augment.Jitter.P != 0.8 {
			t.Errorf("view %d: got %+v, want %d pixels of %v", i, v, size, scale)
		}
	}
}

// TestSwAVLossPlainly computes the assignments and the loss of a step from the embeddings that it reports, in loops. With
// features of one batch left to themselves, the passes of the optimal transport are rows and columns that are divided in turn.
func TestSwAVLossPlainly(t *testing.T) {
	const b, crops, k, d = 4, 4, 8, 16
	m := build(t, "swav", smallSwAV, 10, b)
	torch.In(func(*torch.Scope) {
		l := m.Loss(methods.Step{}, methodtest.Batch(m.Recipe(), 1, methodtest.InTurn(0, 4)))
		z, w := l.Features.Float64s(), m.Modules().ParamByName("prototypes.weight").Tensor.Float64s()
		var scores [crops * b][k]float64
		for n := range scores {
			length := 0.0
			for _, v := range z[n*d : (n+1)*d] {
				length += v * v
			}
			for j := range k {
				for i := range d {
					scores[n][j] += z[n*d+i] * w[j*d+i] / math.Sqrt(length)
				}
			}
		}
		total := 0.0
		for a := range 2 {
			codes := plainCodes(scores[a*b : (a+1)*b])
			for v := range crops {
				if v == a {
					continue
				}
				for s := range b {
					sum := 0.0
					for _, x := range scores[v*b+s] {
						sum += math.Exp(x / 0.1)
					}
					for j, q := range codes[s] {
						total -= q * (scores[v*b+s][j]/0.1 - math.Log(sum)) / (b * (crops - 1) * 2)
					}
				}
			}
		}
		methodtest.Near(t, "loss", l.Total.Float(), total)
	})
}

func plainCodes(scores [][8]float64) [][8]float64 {
	q := slices.Clone(scores)
	for s := range q {
		for j := range q[s] {
			q[s][j] = math.Exp(q[s][j] / 0.05)
		}
	}
	for range 3 {
		for j := range q[0] {
			sum := 0.0
			for s := range q {
				sum += q[s][j]
			}
			for s := range q {
				q[s][j] /= sum
			}
		}
		for s := range q {
			sum := 0.0
			for _, v := range q[s] {
				sum += v
			}
			for j := range q[s] {
				q[s][j] /= sum
			}
		}
	}
	return q
}

// steps trains a method on noise, two steps an epoch, and calls after with the number of each step.
func steps(m methods.Method, n int, after func(step int, l methods.Losses)) {
	var g optim.Group
	for name, e := range m.Modules().All() {
		if e.Trainable {
			g.Names, g.Params = append(g.Names, name), append(g.Params, e.Tensor)
		}
	}
	o := optim.New(optim.Config{Kind: optim.SGD, Momentum: 0.9, WeightDecay: 0.1}, []optim.Group{g})
	defer o.Close()
	for i := range n {
		torch.In(func(*torch.Scope) {
			s := methods.Step{Number: i, Epoch: i / 2}
			l := m.Loss(s, methodtest.Batch(m.Recipe(), i, methodtest.InTurn(0, 4)))
			l.Total.Backward()
			o.Step(0.1)
			o.ZeroGrad()
			torch.NoGrad(func() { m.(methods.FollowsSteps).AfterStep(s) })
			after(i, l)
		})
	}
}

// TestSwAVPrototypes: they stay, to the bit, while they are frozen, and have length 1 after every step.
func TestSwAVPrototypes(t *testing.T) {
	m := build(t, "swav", `{crops: [{views: 2, scale: [0.2, 1]}],
hidden: 16, output: 16, prototypes: 8, queue: 0, freeze: 2}`, 10, 4)
	w := m.Modules().ParamByName("prototypes.weight")
	before := string(w.Tensor.Bytes())
	steps(m, 4, func(step int, _ methods.Losses) {
		if moved := string(w.Tensor.Bytes()) != before; moved != (step >= 2) {
			t.Errorf("step %d: prototypes moved: %v", step, moved)
		}
		if off := w.Tensor.NormDims(2, false, 1).SubScalar(1).Abs().Max().Float(); off > 1e-6 {
			t.Errorf("step %d: a length is off by %g", step, off)
		}
	})
}

// TestSwAVQueue: it is empty before its epoch; then batches of the two large crops lie in it, the newest first, until the oldest
// fall out.
func TestSwAVQueue(t *testing.T) {
	const b, rows, d = 4, 10, 16
	m := build(t, "swav", `{crops: [{views: 2, scale: [0.2, 1]}, {views: 1, size: 16, scale: [0.1, 0.2]}],
hidden: 16, output: 16, prototypes: 8, queue: 10, queue_epoch: 1, freeze: 0}`, 10, b)
	queue := m.Modules().ParamByName("queue")
	want := [2][]float64{make([]float64, rows*d), make([]float64, rows*d)}
	steps(m, 6, func(step int, l methods.Losses) {
		if step >= 2 {
			z := l.Features.Normalize(1, 1e-12).Float64s()
			for a := range want {
				want[a] = slices.Concat(z[a*b*d:(a+1)*b*d], want[a])[:rows*d]
			}
		}
		got := queue.Tensor.Float64s()
		for i, v := range slices.Concat(want[0], want[1]) {
			if math.Abs(got[i]-v) > 1e-6 {
				t.Fatalf("step %d: number %d of the queue is %g, want %g", step, i, got[i], v)
			}
		}
	})
}
