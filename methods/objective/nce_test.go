package objective_test

import (
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"vssl/methods/objective"
	"vssl/torch"
)

// drawn are standard normal numbers, float64, the same for the same seed.
func drawn(seed uint64, shape ...int) *torch.Tensor {
	torch.Seed(seed)
	return torch.Randn(shape, torch.Float64, torch.CPU)
}

// unitRows are drawn rows of length 1 along the last dimension.
func unitRows(seed uint64, shape ...int) *torch.Tensor {
	return drawn(seed, shape...).Normalize(-1, 1e-12)
}

func places(n ...int) *torch.Tensor { return torch.FromInts(n, len(n)) }

// same fails unless got and want are within 1e-9 of each other everywhere.
func same(t interface {
	Helper()
	Errorf(string, ...any)
}, what string, got, want []float64,
) {
	t.Helper()
	if len(got) != len(want) {
		t.Errorf("%s: %d values, want %d", what, len(got), len(want))
		return
	}
	for i := range want {
		if !(math.Abs(got[i]-want[i]) <= 1e-9*max(1, math.Abs(want[i]))) {
			t.Errorf("%s: value %d is %.12g, want %.12g", what, i, got[i], want[i])
			return
		}
	}
}

// panics fails unless f, run in a scope of its own, panics.
func panics(t *testing.T, what string, f func()) {
	t.Helper()
	defer func() {
		if recover() == nil {
			t.Errorf("%s: no panic", what)
		}
	}()
	torch.In(func(*torch.Scope) { f() })
}

// TestNCEPlainly compares with equation 7 of 1805.01978 written out in loops, with Z given and estimated.
func TestNCEPlainly(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b, k, n := rapid.IntRange(1, 5).Draw(t, "B"), rapid.IntRange(1, 6).Draw(t, "K"), rapid.IntRange(1, 9).Draw(t, "N")
		z := rapid.SampledFrom([]float64{-1, 0.5, 300}).Draw(t, "Z")
		torch.In(func(*torch.Scope) {
			s := drawn(rapid.Uint64().Draw(t, "seed"), b, 1+k)
			logP, used := objective.LogProbabilities(s, z, n)
			wantZ, want := plainNCE(s.Float64s(), b, k, n, z)
			same(t, "Z", used.Float64s(), []float64{wantZ})
			same(t, "loss", objective.NCE(logP, n).Float64s(), []float64{want})
		})
	})
}

func plainNCE(s []float64, b, k, n int, z float64) (usedZ, loss float64) {
	if z < 0 {
		z = 0
		for _, v := range s {
			z += math.Exp(v) / float64(len(s)) * float64(n)
		}
	}
	c := float64(k) / float64(n)
	for i, v := range s {
		p := math.Exp(v) / z
		if i%(1+k) == 0 {
			loss -= math.Log(p / (p + c + 1e-7))
		} else {
			loss -= math.Log(c / (p + c + 1e-7))
		}
	}
	return z, loss / float64(b)
}

// TestNCEStaysFinite: a temperature at which exp overflows float32 gives a loss and a gradient.
func TestNCEStaysFinite(t *testing.T) {
	torch.In(func(*torch.Scope) {
		x, bank := unitRows(1, 3, 4).To(torch.Float32).RequireGrad(true), unitRows(2, 5, 4).To(torch.Float32)
		noise := places(0, 0, 0, 1, 2, 3).Reshape(3, 2) // repeats, and hits positives
		r := objective.Instance(x, places(0, 1, 2), noise, bank, objective.NCEConfig{Temperature: 1e-3, Z: 1, Momentum: 0.5})
		r.Loss.Backward()
		if !r.Loss.IsFinite().True() || !x.Grad().IsFinite().All().True() {
			t.Errorf("loss %v, gradient %v", r.Loss, x.Grad())
		}
	})
}

// TestInstanceLeavesItsInputs: the bank that came in is as it was, a row that is not of the batch too, and Z passes no gradient.
func TestInstanceLeavesItsInputs(t *testing.T) {
	torch.In(func(*torch.Scope) {
		bank := unitRows(2, 5, 4)
		before := bank.Float64s()
		x := unitRows(1, 2, 4).RequireGrad(true)
		c := objective.NCEConfig{Temperature: 0.5, Z: -1, Momentum: 0.3}
		r := objective.Instance(x, places(4, 1), places(0, 0, 2, 4).Reshape(2, 2), bank, c)
		same(t, "bank", bank.Float64s(), before)
		for _, row := range []int{0, 2, 3} {
			same(t, "row beside the batch", r.Bank.Select(0, row).Float64s(), before[4*row:4*row+4])
		}
		same(t, "lengths", r.Bank.NormDims(2, false, 1).Float64s(), slices.Repeat([]float64{1}, 5))
		r.Loss.Backward()
		estimated := x.Grad().Float64s()
		x.ZeroGrad()
		c.Z = r.Z.Float()
		again := objective.Instance(x, places(4, 1), places(0, 0, 2, 4).Reshape(2, 2), bank, c)
		again.Loss.Backward()
		same(t, "loss with Z given", again.Loss.Float64s(), r.Loss.Float64s())
		same(t, "gradient with Z given", x.Grad().Float64s(), estimated)
	})
}

func TestNCERefuses(t *testing.T) {
	panics(t, "Z of 0", func() { objective.LogProbabilities(drawn(1, 2, 3), 0, 4) })
	panics(t, "Z that is NaN", func() { objective.LogProbabilities(drawn(1, 2, 3), math.NaN(), 4) })
	panics(t, "empty bank", func() { objective.NCE(drawn(1, 2, 3), 0) })
	panics(t, "momentum", func() { objective.UpdateRows(drawn(1, 2, 3), places(0), drawn(1, 1, 3), 1.5) })
	panics(t, "row that is not there", func() { objective.BankScores(drawn(1, 1, 3), drawn(1, 2, 3), places(2).Reshape(1, 1)) })
}
