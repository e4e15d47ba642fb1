package nn_test

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"vssl/models/nn"
	"vssl/torch"
)

// tree makes an empty tree for one test.
func tree(t *testing.T) *nn.Node {
	scope := torch.NewScope()
	t.Cleanup(scope.Close)
	return nn.NewRoot(scope)
}

func TestOrderOfNames(t *testing.T) {
	root := tree(t)
	var norm *nn.Node
	torch.In(func(*torch.Scope) {
		nn.NewConv(root.Child("conv"), nn.ConvConfig{In: 2, Out: 3, Kernel: []int{3}, Bias: true})
		norm = root.Child("norm")
		nn.NewBatchNorm(norm, nn.BatchNormConfig{Features: 3})
		root.Param("own", torch.Ones([]int{1}, torch.Float32, torch.CPU))
	})
	var names []string
	for name := range root.All() {
		names = append(names, name)
	}
	want := "own conv.weight conv.bias norm.weight norm.bias norm.running_mean norm.running_var norm.num_batches_tracked"
	if got := strings.Join(names, " "); got != want {
		t.Errorf("got %s\nwant %s", got, want)
	}
	if root.NumParams() != 1+2*3*3+3+3+3 {
		t.Errorf("%d parameters", root.NumParams())
	}
	for name := range norm.All() {
		if strings.HasPrefix(name, "norm") {
			t.Errorf("below norm, a name is %s", name)
		}
	}
	if root.ParamByName("norm.bias") == nil || root.ParamByName("norm") != nil {
		t.Error("ParamByName finds the wrong things")
	}
}

func TestNamesAreUnique(t *testing.T) {
	root := tree(t)
	root.Child("a")
	for _, name := range []string{"a", ""} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%q: no panic", name)
				}
			}()
			root.Child(name)
		}()
	}
}

// TestFreeze: frozen parameters get no gradient, buffers are never trainable.
func TestFreeze(t *testing.T) {
	root := tree(t)
	torch.In(func(*torch.Scope) {
		head := root.Child("head")
		l := nn.NewLinear(head, nn.LinearConfig{In: 2, Out: 1})
		nn.NewBatchNorm(root.Child("norm"), nn.BatchNormConfig{Features: 1})
		head.SetTrainable(false)
		if l.Forward(torch.Ones([]int{1, 2}, torch.Float32, torch.CPU)).RequiresGrad() {
			t.Error("a frozen layer records gradients")
		}
		head.SetTrainable(true)
		for name, e := range root.All() {
			if e.Trainable == e.IsBuffer || e.Tensor.RequiresGrad() == e.IsBuffer {
				t.Errorf("%s: trainable %v", name, e.Trainable)
			}
		}
	})
}

// TestBatchNormByHand holds normalisation and running statistics against the formulas.
func TestBatchNormByHand(t *testing.T) {
	root := tree(t)
	torch.In(func(*torch.Scope) {
		l := nn.NewBatchNorm(root, nn.BatchNormConfig{Features: 1, Momentum: 0.25})
		x := []float32{1, 2, 6} // mean 3, variance 14/3, unbiased 7
		y := l.Forward(torch.FromFloat32(x, 3, 1)).Detach().Float32s()
		for i, v := range x {
			want := (float64(v) - 3) / math.Sqrt(14.0/3+1e-5)
			if math.Abs(float64(y[i])-want) > 1e-5 {
				t.Errorf("y[%d]: got %g, want %g", i, y[i], want)
			}
		}
		for name, want := range map[string]float64{"running_mean": 0.75, "running_var": 0.75 + 0.25*7, "num_batches_tracked": 1} {
			if got := root.ParamByName(name).Tensor.Float(); math.Abs(got-want) > 1e-6 {
				t.Errorf("%s: got %g, want %g", name, got, want)
			}
		}
		root.SetTraining(false)
		got := l.Forward(torch.FromFloat32([]float32{1}, 1, 1)).Float()
		if want := 0.25 / math.Sqrt(2.5+1e-5); math.Abs(got-want) > 1e-6 {
			t.Errorf("in evaluation: got %g, want %g", got, want)
		}
		if root.ParamByName("num_batches_tracked").Tensor.Int() != 1 {
			t.Error("evaluation counts as a batch")
		}
	})
}

func TestLayerNormByHand(t *testing.T) {
	root := tree(t)
	torch.In(func(*torch.Scope) {
		y := nn.NewLayerNorm(root, 2).Forward(torch.FromFloat32([]float32{1, 3, -5, 5}, 2, 2)).Detach().Float32s()
		for i, want := range []float64{-1, 1, -1, 1} {
			if math.Abs(float64(y[i])-want) > 1e-4 {
				t.Errorf("y[%d]: got %g, want %g", i, y[i], want)
			}
		}
	})
}

// TestParametersOutliveTheirScope: what constructors leave behind is the tree's tensors and nothing else.
func TestParametersOutliveTheirScope(t *testing.T) {
	before := torch.Live()
	scope := torch.NewScope()
	root := nn.NewRoot(scope)
	var l *nn.Linear
	torch.In(func(*torch.Scope) { l = nn.NewLinear(root, nn.LinearConfig{In: 3, Out: 2, Bias: true}) })
	if got := torch.Live() - before; got != 2 {
		t.Errorf("%d tensors, want weight and bias", got)
	}
	torch.In(func(*torch.Scope) {
		if got := l.Forward(torch.Ones([]int{4, 3}, torch.Float32, torch.CPU)).Shape(); fmt.Sprint(got) != "[4 2]" {
			t.Errorf("shape %v", got)
		}
	})
	scope.Close()
	if got := torch.Live() - before; got != 0 {
		t.Errorf("%d tensors outlive the scope", got)
	}
}

// TestScoped: gradients flow through what was freed, and nothing but the result stays.
func TestScoped(t *testing.T) {
	torch.In(func(*torch.Scope) {
		x := torch.FromFloat32([]float32{-1, 2}).RequireGrad(true)
		before := torch.Live()
		y := nn.Scoped(func() *torch.Tensor {
			return nn.ReLUInPlace.Forward(x.MulScalar(3)).AddScalar(1)
		})
		if got := torch.Live() - before; got != 1 {
			t.Errorf("%d tensors stay, want the result", got)
		}
		y.Sum().Backward()
		if y, g := y.Detach().Float32s(), x.Grad().Float32s(); y[0] != 1 || y[1] != 7 || g[0] != 0 || g[1] != 3 {
			t.Errorf("got %v and gradient %v", y, g)
		}
	})
}

func ExampleNode() {
	scope := torch.NewScope()
	defer scope.Close()
	root := nn.NewRoot(scope)
	torch.In(func(*torch.Scope) {
		nn.NewLinear(root.Child("fc"), nn.LinearConfig{In: 512, Out: 10, Bias: true})
	})
	for name, e := range root.All() {
		fmt.Println(name, e.Tensor.Shape())
	}
	// Output:
	// fc.weight [10 512]
	// fc.bias [10]
}

// TestStatelessBatchNorm: statistics are those of the batch in both modes.
func TestStatelessBatchNorm(t *testing.T) {
	root := tree(t)
	torch.In(func(*torch.Scope) {
		l := nn.NewBatchNorm(root, nn.BatchNormConfig{Features: 1, Stateless: true})
		for name, e := range root.All() {
			if e.IsBuffer {
				t.Errorf("buffer %s", name)
			}
		}
		for _, training := range []bool{true, false} {
			root.SetTraining(training)
			y := l.Forward(torch.FromFloat32([]float32{3, 5}, 2, 1)).Detach().Float32s()
			if math.Abs(float64(y[0])+1) > 1e-4 || math.Abs(float64(y[1])-1) > 1e-4 {
				t.Errorf("training %v: got %v, want -1 and 1", training, y)
			}
		}
	})
}

// TestToType: parameters and statistics change, counters do not, and gradients are still recorded.
func TestToType(t *testing.T) {
	root := tree(t)
	torch.In(func(*torch.Scope) { nn.NewBatchNorm(root, nn.BatchNormConfig{Features: 1}) })
	root.ToType(torch.Float64)
	for name, e := range root.All() {
		want := torch.Float64
		if name == "num_batches_tracked" {
			want = torch.Int64
		}
		if e.Tensor.DType() != want || e.Tensor.RequiresGrad() == e.IsBuffer {
			t.Errorf("%s is %v", name, e.Tensor.DType())
		}
	}
}

// TestConvGRUStartsOrthogonal: the rows of a gate's weight are orthonormal.
func TestConvGRUStartsOrthogonal(t *testing.T) {
	root := tree(t)
	torch.In(func(*torch.Scope) {
		w := nn.NewConvGRU(root, 3, 4, 3).Weights().OutW.Detach().Flatten(1, -1)
		off := w.MatMul(w.T()).Sub(torch.Eye(4, torch.Float32, torch.CPU)).Abs().Max().Float()
		if off > 1e-5 {
			t.Errorf("off by %g", off)
		}
	})
}

// TestGRUKnowsNothingOfTheFuture: a later step changes no earlier state.
func TestGRUKnowsNothingOfTheFuture(t *testing.T) {
	root := tree(t)
	torch.Seed(1)
	torch.In(func(*torch.Scope) {
		l := nn.NewGRU(root, 2, 3)
		x := torch.Randn([]int{1, 4, 2}, torch.Float32, torch.CPU)
		before := l.Forward(x)
		x.Narrow(1, 2, 1).Fill_(9)
		change := l.Forward(x).Sub(before).Abs().AmaxDims(false, 0, 2).Detach().Float32s()
		for step, d := range change {
			if (d > 0) != (step >= 2) {
				t.Errorf("step %d changes by %g", step, d)
			}
		}
	})
}
