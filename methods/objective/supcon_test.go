package objective_test

import (
	"math"
	"testing"

	"vssl/methods/objective"
	"vssl/torch"
)

// TestSupConWithoutLabelsIsNTXent: two views, every sample a class of its own.
func TestSupConWithoutLabelsIsNTXent(t *testing.T) {
	torch.In(func(*torch.Scope) {
		x := unitRows(1, 5, 2, 4)
		c := objective.SupConConfig{Temperature: 0.3, BaseTemperature: 0.3}
		same(t, "loss", objective.SupCon(x, places(0, 1, 2, 3, 4), c).Float64s(),
			objective.NTXent(x.Select(1, 0), x.Select(1, 1), 0.3).Float64s())
	})
}

func TestSupConInvariances(t *testing.T) {
	torch.In(func(*torch.Scope) {
		x := unitRows(1, 4, 3, 4)
		for _, first := range []bool{false, true} {
			c := objective.SupConConfig{Temperature: 0.3, BaseTemperature: 0.1, FirstViewOnly: first}
			want := objective.SupCon(x, places(0, 1, 0, 2), c).Float64s()
			same(t, "names of classes", objective.SupCon(x, places(9, -1, 9, 4), c).Float64s(), want)
			c.BaseTemperature = 0.2
			same(t, "twice the base temperature", objective.SupCon(x, places(0, 1, 0, 2), c).MulScalar(2).Float64s(), want)
			c.BaseTemperature = 0.1
			same(t, "order of the batch", objective.SupCon(x.Flip(0), places(2, 0, 1, 0), c).Float64s(), want)
		}
	})
}

// TestSupConWithoutPositives: an anchor that is alone in its class adds 0 and counts in the mean.
func TestSupConWithoutPositives(t *testing.T) {
	torch.In(func(*torch.Scope) {
		c := objective.SupConConfig{Temperature: 0.3, BaseTemperature: 0.3}
		x := unitRows(1, 3, 1, 4).RequireGrad(true)
		lonely := objective.SupCon(x, places(0, 1, 2), c)
		lonely.Backward()
		same(t, "loss", lonely.Float64s(), []float64{0})
		same(t, "gradient", x.Grad().Float64s(), make([]float64, 12))
		// three equal features: log 2 for each of the two anchors that have a positive
		equal := torch.Ones([]int{3, 1, 4}, torch.Float64, torch.CPU).Normalize(2, 1e-12)
		same(t, "equal features", objective.SupCon(equal, places(0, 0, 1), c).Float64s(), []float64{2 * math.Log(2) / 3})
	})
	panics(t, "one feature", func() {
		objective.SupCon(unitRows(1, 1, 1, 4), places(0), objective.SupConConfig{Temperature: 1, BaseTemperature: 1})
	})
}

// TestDebiasedWithoutPriorIsNTXent: nothing is taken off the negatives.
func TestDebiasedWithoutPriorIsNTXent(t *testing.T) {
	torch.In(func(*torch.Scope) {
		a, b := unitRows(1, 5, 4), unitRows(2, 5, 4)
		same(t, "loss", objective.Debiased(a, b, 0.4, 0).Float64s(), objective.NTXent(a, b, 0.4).Float64s())
		same(t, "a batch of one", objective.Debiased(a.Narrow(0, 0, 1), b.Narrow(0, 0, 1), 0.4, 0.1).Float64s(), []float64{0})
		// all equal: the estimate is M e^(1/T), far above its bound, whatever the prior
		same(t, "equal features", objective.Debiased(a, a, 0.4, 0.2).IsFinite().Float64s(), []float64{1})
		ones := torch.Ones([]int{3, 1}, torch.Float64, torch.CPU)
		same(t, "one direction", objective.Debiased(ones, ones, 0.4, 0.2).Float64s(), []float64{math.Log(5)})
	})
	panics(t, "prior of 1", func() { objective.Debiased(unitRows(1, 2, 3), unitRows(2, 2, 3), 0.5, 1) })
}

// TestDebiasedAtItsBound: opposite negatives are as far as they can be, and the estimate's bound is what remains.
func TestDebiasedAtItsBound(t *testing.T) {
	torch.In(func(*torch.Scope) {
		x := torch.FromFloat64([]float64{1, -1}, 2, 1)
		const tau = 0.5
		pos, bound := math.Exp(1/tau), 2*math.Exp(-1/tau)
		same(t, "loss", objective.Debiased(x, x, tau, 0.9).Float64s(), []float64{math.Log(1 + bound/pos)})
	})
}

func TestNPair(t *testing.T) {
	torch.In(func(*torch.Scope) {
		a, p := drawn(1, 4, 3), drawn(2, 4, 3)
		normal := objective.NPairConfig{Normalize: true}
		same(t, "length", objective.NPair(a.MulScalar(7), p, normal).Float64s(), objective.NPair(a, p, normal).Float64s())
		one := objective.NPair(a.Narrow(0, 0, 1), p.Narrow(0, 0, 1), objective.NPairConfig{})
		same(t, "a batch of one", one.Float64s(), []float64{0})
		plain := objective.NPair(a, p, normal).Float()
		normal.L2 = 0.5 // lengths as they came, though the scores are normalised
		squares := a.Square().Sum().Float() + p.Square().Sum().Float()
		same(t, "squared lengths", objective.NPair(a, p, normal).Float64s(), []float64{plain + 0.5*squares/8})
	})
}

func TestNegativeSampling(t *testing.T) {
	torch.In(func(*torch.Scope) {
		zero := torch.Zeros([]int{2, 3}, torch.Float64, torch.CPU)
		four := torch.Zeros([]int{2, 4, 3}, torch.Float64, torch.CPU)
		same(t, "no direction", objective.NegativeSampling(zero, zero, four).Float64s(), []float64{5 * math.Log(2)})
		far := torch.Full([]int{1, 1}, 1e3, torch.Float64, torch.CPU) // a product of 1e6, whose sigmoid is 0 or 1
		same(t, "a wrong negative", objective.NegativeSampling(far, far, far.Reshape(1, 1, 1)).Float64s(), []float64{1e6})
	})
}

// TestDistillIsLeastAtTheTeacher: there it is the teacher's entropy, and the student learns nothing more.
func TestDistillIsLeastAtTheTeacher(t *testing.T) {
	torch.In(func(*torch.Scope) {
		teacher := drawn(1, 3, 5)
		student := teacher.AddScalar(2).RequireGrad(true)
		loss := objective.Distill(student, teacher, 2, false)
		loss.Backward()
		p := teacher.DivScalar(2).Softmax(1)
		same(t, "loss", loss.Float64s(), []float64{-p.Mul(p.Log()).Sum().Float() / 3})
		same(t, "gradient", student.Grad().Float64s(), make([]float64, 15))
		same(t, "scaled", objective.Distill(student, teacher, 2, true).Float64s(), []float64{4 * loss.Float()})
	})
}

func TestInfoMinBounds(t *testing.T) {
	torch.In(func(*torch.Scope) {
		s := torch.Zeros([]int{3, 2, 4}, torch.Float64, torch.CPU)
		s.Select(0, 1).Select(1, 0).Fill_(1e3) // the second pair is told apart with certainty
		s.Select(0, 2).Select(1, 0).Fill_(1)
		r := objective.InfoMin(s)
		same(t, "information", r.Mutual.Float64s(), []float64{0, math.Log(4), math.Log(4) - math.Log(1+3/math.E)})
		same(t, "best", r.Best.Float64s(), []float64{1})
		same(t, "loss", r.Loss.Float64s(), []float64{r.Losses.Mean().Float()})
	})
}
