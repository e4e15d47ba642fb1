package torch

import (
	"slices"
	"testing"
)

func TestBackward(t *testing.T) {
	In(func(*Scope) {
		x := FromFloat32([]float32{1, 2, 3}).RequireGrad(true)
		if x.Grad() != nil {
			t.Error("a gradient before Backward")
		}
		x.Square().Sum().Backward()
		x.Square().Sum().Backward()
		if got := x.Grad().Float32s(); !slices.Equal(got, []float32{4, 8, 12}) {
			t.Errorf("two passes gather %v", got)
		}
		x.SetGrad(Ones([]int{3}, Float32, CPU))
		if got := x.Grad().Sum().Float(); got != 3 {
			t.Errorf("set gradient sums to %g", got)
		}
		x.ZeroGrad()
		if x.Grad() != nil {
			t.Error("a gradient after ZeroGrad")
		}
		mustFail(t, func() { x.SetGrad(Ones([]int{2}, Float32, CPU)) })
		mustFail(t, func() { x.Square().Backward() })
	})
}

func TestGradOfGrad(t *testing.T) {
	In(func(*Scope) {
		x, unused := Scalar(3).RequireGrad(true), Scalar(1).RequireGrad(true)
		y := x.PowScalar(3)
		g := Grad([]*Tensor{y}, []*Tensor{x, unused}, true)
		if g[0].Float() != 27 || g[1] != nil {
			t.Errorf("gradients are %v", g)
		}
		if h := Grad(g[:1], []*Tensor{x}, false); h[0].Float() != 18 {
			t.Errorf("second derivative is %v, want 18", h[0])
		}
		if x.Grad() != nil {
			t.Error("Grad changed the leaf")
		}
	})
}

// quietly runs f and swallows its panic.
func quietly(f func()) {
	defer func() { _ = recover() }()
	f()
}

func TestModesAreRestored(t *testing.T) {
	NoGrad(func() {
		NoGrad(func() {})
		if GradEnabled() {
			t.Error("the end of a nested NoGrad switched gradients on")
		}
		quietly(func() { EnableGrad(func() { panic("x") }) })
		if GradEnabled() {
			t.Error("a panic in EnableGrad left gradients on")
		}
	})
	quietly(func() { NoGrad(func() { panic("x") }) })
	if !GradEnabled() {
		t.Error("a panic in NoGrad left gradients off")
	}
}

// product is the type that a matrix product has in the present mode.
func product() (dt DType) {
	In(func(*Scope) {
		x := Ones([]int{2, 2}, Float32, CPU)
		dt = x.MatMul(x).DType()
	})
	return dt
}

func TestAutocastIsRestored(t *testing.T) {
	Autocast(BFloat16, func() {
		if product() != BFloat16 {
			t.Errorf("autocast computes in %s", product())
		}
		NoAutocast(func() {
			if product() != Float32 {
				t.Errorf("NoAutocast computes in %s", product())
			}
		})
		quietly(func() { NoAutocast(func() { panic("x") }) })
		if product() != BFloat16 {
			t.Error("NoAutocast was not undone")
		}
	})
	quietly(func() { Autocast(BFloat16, func() { panic("x") }) })
	if product() != Float32 {
		t.Error("a panic in Autocast left it on")
	}
	mustFail(t, func() { Autocast(Float32, func() {}) })
}

// The copy of a weight that autocast holds must not outlive an update of the weight.
func TestAutocastSeesUpdates(t *testing.T) {
	In(func(*Scope) {
		w := Ones([]int{2, 2}, Float32, CPU).RequireGrad(true)
		x := Ones([]int{2, 2}, Float32, CPU)
		for step := range 3 {
			Autocast(BFloat16, func() {
				if got, want := x.MatMul(w).Sum().Float(), float64(8*(step+1)); got != want {
					t.Errorf("step %d: product sums to %g, want %g", step, got, want)
				}
			})
			w.Add_(x, 1)
		}
	})
}

func TestBackwardOfAutocast(t *testing.T) {
	In(func(*Scope) {
		w := Ones([]int{2, 2}, Float32, CPU).RequireGrad(true)
		Autocast(BFloat16, func() { w.MatMul(w).To(Float32).Sum().Backward() })
		if g := w.Grad(); g.DType() != Float32 || g.Sum().Float() != 16 {
			t.Errorf("gradient is %s", g)
		}
	})
}
