package objective_test

import (
	"fmt"
	"math"
	"testing"

	"pgregory.net/rapid"

	"vssl/methods/objective"
	"vssl/torch"
)

// slope is the gradient of f at a copy of x.
func slope(x *torch.Tensor, f func(*torch.Tensor) *torch.Tensor) []float64 {
	leaf := x.Detach().Clone().RequireGrad(true)
	f(leaf).Backward()
	return leaf.Grad().Float64s()
}

// near reports whether two lists differ by at most limit anywhere; NaN is never near.
func near(a, b []float64, limit float64) bool {
	for i := range a {
		if !(math.Abs(a[i]-b[i]) <= limit) {
			return false
		}
	}
	return len(a) == len(b)
}

type bound = func(*torch.Tensor) *torch.Tensor

// plainBounds are those whose gradient is the one of their value.
var plainBounds = map[string]bound{
	"InfoNCE": objective.BoundInfoNCE, "NWJ": objective.BoundNWJ, "DV": objective.BoundDV, "FGAN": objective.BoundFGAN,
}

func TestBoundsDoNotDependOnTheOrderOfPairs(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n, seed := rapid.IntRange(2, 6).Draw(t, "n"), rapid.Uint64().Draw(t, "seed")
		order := rapid.Permutation([]int{0, 1, 2, 3, 4, 5}[:n]).Draw(t, "order")
		torch.In(func(*torch.Scope) {
			f, by := drawn(seed, n, n).MulScalar(3), torch.FromInts(order)
			for name, b := range plainBounds {
				got, want := b(f.IndexSelect(0, by).IndexSelect(1, by)).Float(), b(f).Float()
				if !(math.Abs(got-want) < 1e-9) {
					t.Errorf("%s: %g with the pairs in another order, %g before", name, got, want)
				}
			}
			if i := objective.BoundInfoNCE(f).Float(); i > math.Log(float64(n)) {
				t.Errorf("InfoNCE is %g, more than log %d", i, n)
			}
			if dv, nwj := objective.BoundDV(f).Float(), objective.BoundNWJ(f).Float(); nwj > dv+1e-12 {
				t.Errorf("NWJ %g is above DV %g, of which it is a bound", nwj, dv)
			}
		})
	})
}

func TestBoundsBySlope(t *testing.T) {
	const h = 1e-6
	torch.In(func(*torch.Scope) {
		f := drawn(3, 4, 4)
		for name, b := range plainBounds {
			got, values := slope(f, b), f.Float64s()
			for i := range values {
				at := func(d float64) float64 {
					moved := append([]float64{}, values...)
					moved[i] += d
					return b(torch.FromFloat64(moved, 4, 4)).Float()
				}
				if want := (at(h) - at(-h)) / (2 * h); math.Abs(got[i]-want) > 1e-7 {
					t.Errorf("%s: slope %d is %g, differences say %g", name, i, got[i], want)
				}
			}
		}
	})
}

// TestBoundsWithAnothersGradient: value and gradient come from two estimators.
func TestBoundsWithAnothersGradient(t *testing.T) {
	smile := func(f *torch.Tensor) *torch.Tensor { return objective.BoundSMILE(f, math.Inf(1)) }
	mine := func(f *torch.Tensor) *torch.Tensor { b, _ := objective.BoundMINE(f, 1, 0); return b }
	for name, c := range map[string]struct{ got, value, gradient bound }{
		"JS":               {objective.BoundJS, objective.BoundNWJ, objective.BoundFGAN},
		"SMILE uncut":      {smile, objective.BoundDV, objective.BoundFGAN},
		"MINE, no history": {mine, objective.BoundDV, objective.BoundDV},
	} {
		torch.In(func(*torch.Scope) {
			f := drawn(5, 5, 5)
			if got, want := c.got(f).Float(), c.value(f).Float(); math.Abs(got-want) > 1e-12 {
				t.Errorf("%s: value is %g, want %g", name, got, want)
			}
			if got, want := slope(f, c.got), slope(f, c.gradient); !near(got, want, 1e-12) {
				t.Errorf("%s: gradient is %v, want %v", name, got, want)
			}
		})
	}
}

func TestBoundMINECarriesItsAverage(t *testing.T) {
	torch.In(func(*torch.Scope) {
		f := torch.Zeros([]int{3, 3}, torch.Float64, torch.CPU) // mean of e^f is 1
		if _, next := objective.BoundMINE(f, 3, 0.75); next.Float() != 2.5 {
			t.Errorf("the average becomes %g, want 0.75*3 + 0.25*1", next.Float())
		}
		if _, next := objective.BoundMINE(f, 0, 1); next.Float() != 1e-4 {
			t.Errorf("the average becomes %g, want at least 1e-4", next.Float())
		}
	})
	panics(t, "one pair", func() { objective.BoundDV(drawn(1, 1, 1)) })
	panics(t, "not a square", func() { objective.BoundInfoNCE(drawn(1, 2, 3)) })
	panics(t, "clip of 0", func() { objective.BoundSMILE(drawn(1, 2, 2), 0) })
}

func ExampleBoundInfoNCE() {
	torch.In(func(*torch.Scope) {
		sure := torch.Eye(4, torch.Float64, torch.CPU).MulScalar(100)
		fmt.Printf("%.4f of at most log 4 = %.4f\n", objective.BoundInfoNCE(sure).Float(), math.Log(4))
	})
	// Output: 1.3863 of at most log 4 = 1.3863
}
