package objective_test

import (
	"math"
	"testing"

	"vssl/methods/objective"
	"vssl/torch"
)

// TestDIMWithoutInformation: features of zero tell nothing, so each estimate has its value at equal scores.
func TestDIMWithoutInformation(t *testing.T) {
	const n, p = 3, 4
	others := float64((n-1)*p) + p*math.Exp(-10) // places of other pictures, and the own ones at -10
	for _, c := range []struct {
		mode    objective.DIMMode
		measure objective.DIMMeasure
		want    float64
	}{{"fd", "JSD", 0}, {"fd", "GAN", 2 * math.Ln2}, {"nce", "", math.Log(1 + others)}, {"dv", "", 0}} {
		torch.In(func(*torch.Scope) {
			l, m := drawn(1, n, 5, p), torch.Zeros([]int{n, 5, 1}, torch.Float64, torch.CPU)
			got := objective.DIM(l, m, objective.DIMConfig{Mode: c.mode, Measure: c.measure, Scale: 1}).Float()
			if math.Abs(got-c.want) > 1e-12 {
				t.Errorf("%s %s: %g, want %g", c.mode, c.measure, got, c.want)
			}
		})
	}
}

func TestDIMDoesNotDependOnTheOrderOfPicturesAndPlaces(t *testing.T) {
	torch.In(func(*torch.Scope) {
		l, m := drawn(1, 4, 5, 3), drawn(2, 4, 5, 2)
		pictures, places := torch.FromInts([]int{2, 0, 3, 1}), torch.FromInts([]int{1, 2, 0})
		for _, mode := range []objective.DIMMode{objective.DIMDivergence, objective.DIMNCE, objective.DIMDV} {
			c := objective.DIMConfig{Mode: mode, Measure: objective.DIMJSD, Scale: 1, ActPenalty: 0.1}
			want := objective.DIM(l, m, c).Float()
			moved := objective.DIM(l.IndexSelect(0, pictures).IndexSelect(2, places), m.IndexSelect(0, pictures), c).Float()
			if math.Abs(moved-want) > 1e-12 {
				t.Errorf("%s: %g in another order, %g before", mode, moved, want)
			}
			if other := objective.DIM(l.IndexSelect(0, pictures), m, c).Float(); math.Abs(other-want) < 1e-3 {
				t.Errorf("%s: %g for wrong pairs, as for true ones", mode, other)
			}
		}
	})
	c := objective.DIMConfig{Mode: "js", Scale: 1}
	panics(t, "unknown mode", func() { objective.DIM(drawn(1, 2, 2, 1), drawn(2, 2, 2, 1), c) })
	c.Mode = objective.DIMNCE
	panics(t, "a batch of 1", func() { objective.DIM(drawn(1, 1, 2, 1), drawn(2, 1, 2, 1), c) })
}

// TestAMDIMWithoutInformation: at equal scores a place has one chance among itself and all places of the other samples.
func TestAMDIMWithoutInformation(t *testing.T) {
	torch.In(func(*torch.Scope) {
		const b, r = 3, 4
		zero := func(side int) *torch.Tensor { return torch.Zeros([]int{b, r, side, side}, torch.Float64, torch.CPU) }
		v := objective.AMDIMView{R1BR: zero(1), R5BRHW: zero(5), R7BRHW: zero(7), LocB: torch.FromInts([]int{0, 24, 7})}
		got := objective.AMDIM(v, v, 20, 0.05)
		terms := []float64{got.OneToFive.Float(), got.FiveToFive.Float(), got.OneToSeven.Float()}
		to25, to49 := math.Log(1+(b-1)*25), math.Log(1+(b-1)*49)
		if want := []float64{to25, to25, to49}; !near(terms, want, 1e-12) {
			t.Errorf("to 25, 25 and 49 places: %v, want %v", terms, want)
		}
	})
}

// TestSSGEOfANormalDistribution: its score is the negative distance from the mean over the variance.
func TestSSGEOfANormalDistribution(t *testing.T) {
	torch.In(func(*torch.Scope) {
		const mean, deviation = 3, 2
		quantiles := make([]float64, 100)
		for i := range quantiles {
			quantiles[i] = mean + deviation*math.Sqrt2*math.Erfinv(2*(float64(i)+0.5)/100-1)
		}
		x := torch.FromFloat64(quantiles, 100, 1)
		at := torch.FromFloat64([]float64{1, 2, 3, 4, 5}, 5, 1)
		got := objective.SSGE(x, at, 0.99).Score.Float64s()
		for i, want := range []float64{0.5, 0.25, 0, -0.25, -0.5} {
			if math.Abs(got[i]-want) > 0.15 {
				t.Errorf("score at %d is %g, want about %g", i+1, got[i], want)
			}
		}
	})
}

func TestSSGEMovesAndScales(t *testing.T) {
	torch.In(func(*torch.Scope) {
		x := drawn(2, 20, 3)
		want := objective.SSGE(x, nil, 0.9)
		moved := objective.SSGE(x.MulScalar(4).AddScalar(7), nil, 0.9)
		if !near(moved.Score.MulScalar(4).Float64s(), want.Score.Float64s(), 1e-6) || moved.Eigen != want.Eigen {
			t.Error("the score of 4x + 7 is not a quarter of the one of x")
		}
		back := objective.SSGE(x.Flip(0), nil, 0.9).Score.Flip(0)
		if !near(back.Float64s(), want.Score.Float64s(), 1e-6) {
			t.Error("the score depends on the order of the samples")
		}
		if none := objective.SSGE(x, nil, 1e-3); none.Eigen != 0 || none.Score.Abs().Sum().Float() != 0 {
			t.Errorf("%d eigenfunctions and score %v, want none and 0", none.Eigen, none.Score)
		}
	})
	panics(t, "all alike", func() { objective.SSGE(torch.Ones([]int{5, 2}, torch.Float64, torch.CPU), nil, 0.9) })
	panics(t, "one sample", func() { objective.SSGE(drawn(1, 1, 2), nil, 0.9) })
	panics(t, "share of 1", func() { objective.SSGE(drawn(1, 4, 2), nil, 1) })
}

// TestMIGEOfANormalPair: with x = y + r*noise, the entropy of x given y is log r and a constant, so the derivative along the
// noise is -1/r, and the one along y is 0.
func TestMIGEOfANormalPair(t *testing.T) {
	torch.In(func(*torch.Scope) {
		const r = 1
		y, noise := drawn(4, 100, 1), drawn(5, 100, 1)
		x := y.Add(noise.MulScalar(r))
		loss := func(x *torch.Tensor) *torch.Tensor { return objective.MIGE(x, y, 0.99).Loss }
		g := torch.FromFloat64(slope(x, loss), 100, 1)
		along, away := g.Mul(y).Sum().Float(), g.Mul(noise).Sum().Float()
		if math.Abs(away+1.0/r) > 0.2 || math.Abs(along) > 0.1 {
			t.Errorf("derivatives are %g along the noise and %g along y, want about %g and 0", away, along, -1.0/r)
		}
	})
}
