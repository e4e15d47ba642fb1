package contrastive_test

import (
	"math"
	"slices"
	"testing"

	"vssl/clips"
	"vssl/methods"
	"vssl/methods/methodtest"
	"vssl/torch"
)

func TestNPID(t *testing.T) {
	methodtest.Run(t, "npid", still("{output: 16, noise: 8}", "contrastive/nce"))
}

func TestNPIDOverAllSamples(t *testing.T) {
	methodtest.Run(t, "npid", still("{output: 16, loss: softmax, proximal: 2}"))
}

// discriminator is the method, which learns from one view of n samples, and how many batches it has seen.
type discriminator struct {
	methods.Method
	step *int
}

func newNPID(t *testing.T, params string, n int) discriminator {
	t.Helper()
	return discriminator{methodtest.Build(t, "npid", params, methodtest.Pictures(16, n, 3)), new(int)}
}

// loss is that of new noise for the samples at the indices.
func (p discriminator) loss(index ...int64) methods.Losses {
	*p.step++
	return p.Loss(methods.Step{}, methodtest.Batch(p.Recipe(), *p.step, index))
}

func (p discriminator) rows() []float64 {
	return p.Modules().ParamByName("bank.rows").Tensor.Float64s()
}

func TestNPIDRecipe(t *testing.T) {
	r := newNPID(t, "output: 4", 6).Recipe()
	if err := r.Validate(); err != nil || r.Cuts != 1 || len(r.Views) != 1 || r.Views[0].Augment != clips.Contrastive(16) {
		t.Errorf("%v: got %+v, want one view", err, r)
	}
}

// TestNPIDLossPlainly: over all samples, with the pull towards the own row.
func TestNPIDLossPlainly(t *testing.T) {
	const n, d = 7, 4
	p := newNPID(t, "{output: 4, loss: softmax, proximal: 1.5, temperature: 0.2}", n)
	torch.In(func(*torch.Scope) {
		index := []int64{5, 0, 2}
		rows := p.rows()
		l := p.loss(index...)
		x := l.Features.Float64s()
		want := 0.0
		for i, own := range index {
			sum, score, distance := 0.0, 0.0, 0.0
			for r := range n {
				s := 0.0
				for j := range d {
					s += x[i*d+j] * rows[r*d+j] / 0.2
				}
				sum += math.Exp(s)
				if r == int(own) {
					score = s
				}
			}
			for j := range d {
				distance += math.Pow(x[i*d+j]-rows[int(own)*d+j], 2)
			}
			want += (math.Log(sum) - score + 1.5*distance) / 3
		}
		if got := l.Total.Float(); math.Abs(got-want) > 1e-5*want {
			t.Errorf("got %g, want %g", got, want)
		}
	})
}

// TestNPIDRenewsTheBatchAlone: no row before the step is done; then those of all its batches and no other, half the old row and
// half the new feature.
func TestNPIDRenewsTheBatchAlone(t *testing.T) {
	const n, d = 9, 4
	p := newNPID(t, "{output: 4, noise: 5}", n)
	torch.In(func(*torch.Scope) {
		before := p.rows()
		want := slices.Clone(before)
		for _, index := range [][]int64{{4, 1, 7}, {8, 0, 2}} { // two batches of one step
			x := p.loss(index...).Features.Float64s()
			for i, sample := range index {
				row, length := int(sample), 0.0
				for j := row * d; j < (row+1)*d; j++ {
					want[j] = (want[j] + x[i*d+j-row*d]) / 2
					length += want[j] * want[j]
				}
				for j := row * d; j < (row+1)*d; j++ {
					want[j] /= math.Sqrt(length)
				}
			}
		}
		if !slices.Equal(p.rows(), before) {
			t.Error("the bank changes before the step is done")
		}
		torch.NoGrad(func() { p.Method.(methods.FollowsSteps).AfterStep(methods.Step{}) })
		for i, got := range p.rows() {
			if math.Abs(got-want[i]) > 1e-6 {
				t.Errorf("row %d has %g, want %g", i/d, got, want[i])
			}
			if row := i / d; (row == 3 || row == 5 || row == 6) && got != before[i] {
				t.Errorf("row %d of no batch changes", row)
			}
		}
	})
}

// TestNPIDKeepsItsConstant: the first step estimates Z, the others keep it.
func TestNPIDKeepsItsConstant(t *testing.T) {
	p := newNPID(t, "{output: 4, noise: 5}", 9)
	z := p.Modules().ParamByName("bank.z").Tensor
	if z.Float() >= 0 {
		t.Fatalf("Z is %g before the first step", z.Float())
	}
	torch.In(func(*torch.Scope) {
		p.loss(0, 1, 2)
		first := z.Float()
		if !(first > 0) {
			t.Errorf("Z is %g after the first step, want more than 0", first)
		}
		p.loss(3, 4, 5)
		if z.Float() != first {
			t.Errorf("Z goes from %g to %g", first, z.Float())
		}
	})
}

func TestNPIDBadParameters(t *testing.T) {
	for params, want := range map[string]string{
		"loss: nec":       `method npid: loss is "nec", want nce or softmax`,
		"noise: 0":        "method npid: noise is 0, want 1 or more",
		"momentum: 1.5":   "method npid: momentum is 1.5, want 0 to 1",
		"proximal: -1":    "method npid: proximal is -1, want 0 (none) or more",
		"temperature: .0": "method npid: temperature is 0, want more than 0",
	} {
		if _, err := methods.New("npid", []byte(params), methods.Env{}); err == nil || err.Error() != want {
			t.Errorf("%s: got %v, want %s", params, err, want)
		}
	}
}
