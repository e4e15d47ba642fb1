package objective_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"

	"vssl/methods/objective"
	"vssl/torch"
)

// agreements are the losses that two views of a batch share clusters by; inputs are logits [B, K].
var agreements = map[string]func(x, y *torch.Tensor) *torch.Tensor{
	"IIC": func(x, y *torch.Tensor) *torch.Tensor { return objective.IIC(x.Softmax(1), y.Softmax(1), 1.3).Loss },
	"PICA": func(x, y *torch.Tensor) *torch.Tensor {
		return objective.PICA(x.Softmax(1), y.Softmax(1), 2).Loss
	},
	"DRC": func(x, y *torch.Tensor) *torch.Tensor {
		return objective.DRC(x, y, objective.DRCConfig{Lambda: 0.5, TemperatureFeature: 0.3, TemperatureAssignment: 0.7}).Loss
	},
	"SCAN": func(x, y *torch.Tensor) *torch.Tensor { return objective.SCAN(x, y, 5).Loss },
	"SCAN labels": func(x, y *torch.Tensor) *torch.Tensor {
		return objective.SCANSelfLabel(x, y, 0, true).Loss
	},
}

// TestSamplesAndClustersHaveNoOrder moves rows and columns of both views alike.
func TestSamplesAndClustersHaveNoOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b, k := rapid.IntRange(1, 6).Draw(t, "b"), rapid.IntRange(2, 5).Draw(t, "k")
		seed := rapid.Uint64().Draw(t, "seed")
		rng := rand.New(rand.NewPCG(seed, 0))
		torch.In(func(*torch.Scope) {
			x, y := drawn(rng.Uint64(), b, k).MulScalar(2), drawn(rng.Uint64(), b, k).MulScalar(2)
			rows, columns := torch.FromInts(rng.Perm(b), b), torch.FromInts(rng.Perm(k), k)
			move := func(t *torch.Tensor) *torch.Tensor { return t.IndexSelect(0, rows).IndexSelect(1, columns) }
			for name, loss := range agreements {
				was, is := loss(x, y).Float(), loss(move(x), move(y)).Float()
				if math.Abs(was-is) > 1e-11*(1+math.Abs(was)) {
					t.Errorf("%s: %g, moved %g", name, was, is)
				}
			}
		})
	})
}

// TestAgreementOfFewAndEqual: a batch of one, one cluster, equal rows and certain ones (a cluster nobody is in) are finite.
func TestAgreementOfFewAndEqual(t *testing.T) {
	for name, rows := range map[string][][]float64{
		"one sample": {{1, 2, 3}}, "one cluster": {{1}, {2}}, "equal": {{1, 2}, {1, 2}}, "zero": {{0, 0}, {0, 0}},
		"certain": {{900, 0, 0}, {900, 0, 0}}, "apart": {{900, 0, 0}, {0, 900, 0}},
	} {
		for loss, f := range agreements {
			torch.In(func(*torch.Scope) {
				x, y := matrix64(rows).RequireGrad(true), matrix64(rows).Flip(0).RequireGrad(true)
				total := f(x, y)
				total.Backward()
				if !total.IsFinite().True() || !gradientIsFinite(x) || !gradientIsFinite(y) {
					t.Errorf("%s of %s: %v with gradients %v and %v", loss, name, total, x.Grad(), y.Grad())
				}
			})
		}
	}
}

// TestBestClusterings: certain clusters of equal size that agree reach the bounds.
func TestBestClusterings(t *testing.T) {
	const k = 4
	torch.In(func(*torch.Scope) {
		p := torch.Eye(k, torch.Float64, torch.CPU)
		if got := objective.IIC(p, p, 1).Loss.Float(); math.Abs(got+math.Log(k)) > 1e-12 {
			t.Errorf("IIC is %g, want -log %d", got, k)
		}
		r := objective.PICA(p, p, 2)
		if want := math.Log1p((k - 1) / math.E); math.Abs(r.PUI.Float()-want) > 1e-12 || math.Abs(r.Balance.Float()) > 1e-12 {
			t.Errorf("PICA is %g and %g, want %g and 0", r.PUI.Float(), r.Balance.Float(), want)
		}
		s := objective.SCAN(p.MulScalar(900), p.MulScalar(900), 5)
		if s.Consistency.Float() > 1e-12 || math.Abs(s.Entropy.Float()-math.Log(k)) > 1e-12 {
			t.Errorf("SCAN is %g and %g, want 0 and log %d", s.Consistency.Float(), s.Entropy.Float(), k)
		}
		apart := objective.SCAN(p.MulScalar(900), p.Roll([]int{1}, []int{0}).MulScalar(900), 5)
		if got := apart.Consistency.Float(); got != 100 {
			t.Errorf("SCAN of neighbours in other clusters is %g, want the floor 100", got)
		}
	})
}

// TestPICAComparesColumns: a cluster's cosines do not change with the weight of its column, and need no row to sum to 1.
func TestPICAComparesColumns(t *testing.T) {
	torch.In(func(*torch.Scope) {
		x, y := drawn(8, 6, 3).Softmax(1), drawn(9, 6, 3).Softmax(1)
		weights := torch.FromFloat64([]float64{0.5, 3, 10}, 3)
		was, is := objective.PICA(x, y, 2).PUI, objective.PICA(x.Mul(weights), y, 2).PUI
		same(t, "PICA of weighted columns", is.Float64s(), was.Float64s())
	})
}

func TestSelfLabelsNeedConfidence(t *testing.T) {
	torch.In(func(*torch.Scope) {
		z := torch.Zeros([]int{3, 2}, torch.Float64, torch.CPU)
		panics(t, "no confident sample", func() { objective.SCANSelfLabel(z, z, 0.99, true) })
		panics(t, "a threshold that equals the confidence", func() { objective.SCANSelfLabel(z, z, 0.5, false) })
	})
}

// TestSelfLabelWeighsClassesAlike: 3 samples of a class weigh as much as 1 of another.
func TestSelfLabelWeighsClassesAlike(t *testing.T) {
	torch.In(func(*torch.Scope) {
		weak := matrix64([][]float64{{9, 0, 0}, {9, 0, 0}, {9, 0, 0}, {0, 9, 0}, {0, 0, 0}})
		strong := matrix64([][]float64{{1, 0, 0}, {1, 0, 0}, {1, 0, 0}, {3, 0, 0}, {5, 6, 7}}).RequireGrad(true)
		r := objective.SCANSelfLabel(weak, strong, 0.9, true)
		one, other := math.Log(math.E+2)-1, math.Log(math.Exp(3)+2)
		if want := (one + other) / 2; math.Abs(r.Loss.Float()-want) > 1e-12 {
			t.Errorf("loss is %g, want %g", r.Loss.Float(), want)
		}
		r.Loss.Backward()
		if g := strong.Grad().Select(0, 4).Abs().Sum().Float(); g != 0 {
			t.Errorf("the sample that is not confident has gradient %g", g)
		}
	})
}

func gradientIsFinite(x *torch.Tensor) bool {
	return x.Grad() == nil || x.Grad().IsFinite().All().True()
}
