package objective_test

import (
	"math"
	"testing"

	"vssl/methods/objective"
	"vssl/torch"
)

func TestInfoNCEQueue(t *testing.T) {
	torch.In(func(*torch.Scope) {
		q, k := drawn(1, 3, 4).RequireGrad(true), drawn(2, 3, 4).RequireGrad(true)
		queue := unitRows(3, 4, 4)
		before := queue.Float64s()
		r := objective.InfoNCEQueue(q, k, queue, places(2), 0.2)
		same(t, "queue that came", queue.Float64s(), before)
		same(t, "length of inputs", r.Loss.Float64s(),
			objective.InfoNCEQueue(q.MulScalar(3), k.MulScalar(0.1), queue, places(2), 0.2).Loss.Float64s())
		keys := k.Normalize(1, 1e-12).Float64s() // rows 2 and 3, then round the end to row 0
		same(t, "queue", r.Queue.Float64s(), append(append(append([]float64{}, keys[8:12]...), before[4:8]...), keys[:8]...))
		same(t, "place", r.Ptr.Float64s(), []float64{1})
		r.Loss.Backward()
		if k.Grad() != nil || r.Queue.RequiresGrad() {
			t.Error("keys have a gradient")
		}
	})
}

// TestInfoNCEQueueOfOneDirection: nothing tells the candidates apart.
func TestInfoNCEQueueOfOneDirection(t *testing.T) {
	torch.In(func(*torch.Scope) {
		x, queue := torch.Ones([]int{2, 4}, torch.Float64, torch.CPU), torch.Full([]int{5, 4}, 0.5, torch.Float64, torch.CPU)
		same(t, "loss", objective.InfoNCEQueue(x, x, queue, places(0), 0.07).Loss.Float64s(), []float64{math.Log(6)})
	})
}

// TestUnMixMirrors: a mixture in reversed order with the other share is the same mixture.
func TestUnMixMirrors(t *testing.T) {
	torch.In(func(*torch.Scope) {
		b := objective.UnMixBatch{Q1: drawn(1, 3, 4), K2: drawn(2, 3, 4), Mixed: drawn(3, 3, 4), Queue: unitRows(4, 5, 4)}
		want := objective.UnMix(b, 0.3, 0.1).Float64s()
		plain := objective.CandidateEntropy(objective.QueueLogits(b.Q1, b.K2, b.Queue, 0.1)).Float()
		b.Mixed = b.Mixed.Flip(0)
		same(t, "loss", objective.UnMix(b, 0.7, 0.1).Float64s(), want)
		b.Mixed = b.Q1
		same(t, "loss with the image itself as mixture", objective.UnMix(b, 1, 0.1).Float64s(), []float64{2 * plain})
		b.Q2, b.K1 = b.Q1, b.K2
		same(t, "both directions", objective.UnMix(b, 1, 0.1).Float64s(), []float64{4 * plain})
	})
}

// TestCLSADivergenceIsLeastAtTheWeakView: cross-entropy of distributions, so equal ones are the best and have no gradient.
func TestCLSADivergenceIsLeastAtTheWeakView(t *testing.T) {
	torch.In(func(*torch.Scope) {
		weak := drawn(1, 1, 3, 4)
		loss := func(strong *torch.Tensor) *torch.Tensor {
			return objective.CLSA(objective.CLSABatch{Weak: weak, Strong: strong, Keys: drawn(2, 3, 4), Queue: unitRows(3, 5, 4)},
				objective.CLSAConfig{Temperature: 0.2, Distribution: 0.3, Alpha: 2})
		}
		like := weak.Clone().RequireGrad(true)
		least := loss(like)
		least.Backward()
		same(t, "gradient", like.Grad().Float64s(), make([]float64, 12))
		for seed := range uint64(5) {
			if other := loss(drawn(10+seed, 1, 3, 4)).Float(); other <= least.Float() {
				t.Errorf("a strong view unlike the weak one has loss %g, below %g", other, least.Float())
			}
		}
	})
}

func TestBYOLBounds(t *testing.T) {
	torch.In(func(*torch.Scope) {
		a, b := drawn(1, 3, 4).RequireGrad(true), drawn(2, 3, 4).RequireGrad(true)
		same(t, "equal", objective.BYOL(a, b, b.MulScalar(2), a).Float64s(), []float64{0})
		same(t, "opposite", objective.BYOL(a, b, b.Neg(), a.Neg().MulScalar(3)).Float64s(), []float64{8})
		z1, z2 := drawn(3, 3, 4).RequireGrad(true), drawn(4, 3, 4).RequireGrad(true)
		objective.BYOL(a, b, z1, z2).Backward()
		if z1.Grad() != nil || z2.Grad() != nil {
			t.Error("targets have a gradient")
		}
		zero := torch.Zeros([]int{3, 4}, torch.Float64, torch.CPU)
		same(t, "no direction", objective.BYOL(zero, zero, zero, zero).Float64s(), []float64{4})
	})
}

func TestCosineTau(t *testing.T) {
	same(t, "begin, middle, end",
		[]float64{objective.CosineTau(0.9, 1, 0, 10), objective.CosineTau(0.9, 1, 5, 10), objective.CosineTau(0.9, 1, 10, 10)},
		[]float64{0.9, 0.95, 1})
	panics(t, "no steps", func() { objective.CosineTau(0.9, 1, 0, 0) })
}
