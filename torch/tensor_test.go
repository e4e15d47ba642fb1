package torch

import (
	"math"
	"slices"
	"testing"
)

func TestRoundTrip(t *testing.T) {
	In(func(*Scope) {
		x := FromFloat32([]float32{1, 2, 3, 4, 5, 6}, 2, 3)
		if got := x.T().Float32s(); !slices.Equal(got, []float32{1, 4, 2, 5, 3, 6}) {
			t.Errorf("transpose reads %v", got)
		}
		if !slices.Equal(x.Shape(), []int{2, 3}) || x.Dim(-1) != 3 || x.Rank() != 2 || x.Numel() != 6 || x.DType() != Float32 || x.Device() != CPU {
			t.Errorf("x is %s", x)
		}
		for _, dt := range []DType{UInt8, Int8, Int16, Int32, Int64, Float16, Float32, Float64, Bool, BFloat16} {
			y := x.To(dt)
			z := FromBytes(dt, y.Bytes(), 2, 3)
			if z.DType() != dt || y.Bytes()[0] != z.Bytes()[0] || !slices.Equal(y.Float64s(), z.Float64s()) {
				t.Errorf("%s: %v became %v", dt, y, z)
			}
			if len(y.Bytes()) != 6*dt.Size() {
				t.Errorf("%s: %d bytes", dt, len(y.Bytes()))
			}
			if back, err := ParseDType(dt.String()); back != dt || err != nil {
				t.Errorf("%s parses as %s, %v", dt, back, err)
			}
		}
		if got := FromInts([]int{3, 4}).Int64s(); !slices.Equal(got, []int64{3, 4}) {
			t.Errorf("ints read %v", got)
		}
		if got := Scalar(2.5); got.Rank() != 0 || got.Float() != 2.5 {
			t.Errorf("scalar is %s", got)
		}
	})
}

func TestReadingRefuses(t *testing.T) {
	In(func(*Scope) {
		x := Ones([]int{2}, Float32, CPU)
		mustFail(t, func() { x.Float() })
		mustFail(t, func() { x.CopyBytes(make([]byte, 7)) })
		mustFail(t, func() { x.Dim(1) })
		mustFail(t, func() { FromFloat32([]float32{1, 2, 3}, 2) })
		mustFail(t, func() { FromBytes(DType(99), nil, 0) })
		mustFail(t, func() { x.Add(nil) })
	})
}

func TestString(t *testing.T) {
	In(func(*Scope) {
		if got, want := Arange(3, CPU).String(), "tensor([3] int64 cpu [0 1 2])"; got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	})
}

func TestChannelsLast(t *testing.T) {
	In(func(*Scope) {
		for _, shape := range [][]int{{2, 3, 4, 5}, {2, 3, 4, 5, 6}} {
			x := Randn(shape, Float32, CPU)
			y := x.ChannelsLast()
			if !y.IsChannelsLast() || y.IsContiguous() || !slices.Equal(y.Shape(), shape) || !slices.Equal(x.Float32s(), y.Float32s()) {
				t.Errorf("%v: channels-last changes the tensor", shape)
			}
		}
		mustFail(t, func() { Ones([]int{2, 3}, Float32, CPU).ChannelsLast() })
	})
}

func TestScalarsKeepIntegers(t *testing.T) {
	In(func(*Scope) {
		x := Arange(3, CPU)
		if got := x.AddScalar(1).MulScalar(2); got.DType() != Int64 {
			t.Errorf("(x+1)*2 is %s", got.DType())
		}
		if got := x.MulScalar(0.5); got.DType() != Float32 {
			t.Errorf("x*0.5 is %s", got.DType())
		}
	})
}

func TestOperators(t *testing.T) {
	In(func(*Scope) {
		x := FromFloat32([]float32{3, 1, 2, -4, 5, 0}, 2, 3)
		check := func(name string, got *Tensor, want ...float64) {
			t.Helper()
			for i, g := range got.Float64s() {
				if len(want) != got.Numel() || math.Abs(g-want[i]) > 1e-5 {
					t.Errorf("%s is %v, want %v", name, got.Float64s(), want)
					return
				}
			}
		}
		values, indices := x.TopK(2, 1, true)
		check("topk", values, 3, 2, 5, 0)
		check("topk places", indices, 0, 2, 1, 2)
		check("softmax", x.Softmax(1).Sum(), 2)
		check("normalize", x.Normalize(1, 1e-12).NormDims(2, false, 1), 1, 1)
		check("logsumexp", FromFloat32([]float32{0, 0}).LogSumExp(false, 0), math.Log(2))
		check("diagonal", x.MatMul(x.T()).MaskDiagonal(9), 9, -7, -7, 9)
		check("where", x.GtScalar(0).Where(x, x.ZerosLike()), 3, 1, 2, 0, 5, 0)
		check("argsort", x.ArgSort(1, true), 0, 2, 1, 1, 2, 0)
		check("cat", Cat([]*Tensor{x, x}, 0).Sum(), 14)
		check("einsum", Einsum("ij,kj->ik", x, x), 14, -7, -7, 41)
		check("gather", x.Gather(1, FromInt64([]int64{2, 0}, 2, 1)), 2, -4)
		check("one hot", FromInt64([]int64{1, 0}).OneHot(2), 0, 1, 1, 0)
		check("cross entropy", CrossEntropy(Zeros([]int{2, 4}, Float32, CPU), FromInt64([]int64{0, 3})), math.Log(4))
		check("pad", FromFloat32([]float32{1, 2}).Pad([]int{1, 0}, 7), 7, 1, 2)
		check("interpolate", Interpolate(FromFloat32([]float32{1, 3}, 1, 1, 2), []int{4}, "linear", false), 1, 1.5, 2.5, 3)
		check("eigenvalues", first(FromFloat32([]float32{2, 0, 0, 1}, 2, 2).Eigh()), 1, 2)
		check("var", x.VarDims(false, false, 1), 2.0/3, 122.0/9-0)
		pieces := Arange(7, CPU).Split(3, 0)
		check("split", pieces[2], 6)
		if got := len(Arange(7, CPU).Chunk(3, 0)); got != 3 {
			t.Errorf("%d chunks, want 3", got)
		}
		mustFail(t, func() { Interpolate(x, []int{4}, "linear", false) })
		mustFail(t, func() { Arange(7, CPU).Chunk(0, 0) })
	})
}

func first(a, _ *Tensor) *Tensor { return a }

func TestInPlace(t *testing.T) {
	In(func(*Scope) {
		x := Ones([]int{3}, Float32, CPU).RequireGrad(true)
		x.Fill_(2)
		x.Add_(FromFloat32([]float32{1, 2, 3}), 10)
		x.Mul_(0.5)
		x.Lerp_(Zeros([]int{3}, Float32, CPU), 0.5)
		if got := x.Float32s(); !slices.Equal(got, []float32{3, 5.5, 8}) {
			t.Errorf("x is %v", got)
		}
		x.Copy_(FromInt64([]int64{7}))
		if x.Sum().Float() != 21 || !x.RequiresGrad() {
			t.Errorf("x is %s", x)
		}
		a := Ones([]int{3}, Float32, CPU).RequireGrad(true)
		y := a.SubScalar(2)
		if z := y.Relu_(); z != y || y.Sum().Float() != 0 {
			t.Errorf("relu_ gives %s", z)
		}
		y.Sum().Backward()
		if got := a.Grad().Sum().Float(); got != 0 {
			t.Errorf("gradient through relu_ is %g, want 0", got)
		}
	})
}
