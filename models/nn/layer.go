package nn

import "vssl/torch"

// Layer maps a tensor to a tensor. The result belongs to the innermost open scope.
type Layer interface {
	Forward(x *torch.Tensor) *torch.Tensor
}

// Sequential runs layers one after another; without any it is the identity.
type Sequential []Layer

// Forward applies every layer in turn.
func (s Sequential) Forward(x *torch.Tensor) *torch.Tensor {
	for _, l := range s {
		x = l.Forward(x)
	}
	return x
}

// Func makes a layer of a function without parameters.
type Func func(x *torch.Tensor) *torch.Tensor

// Forward is f(x).
func (f Func) Forward(x *torch.Tensor) *torch.Tensor { return f(x) }

// ReLU sets what is negative to zero.
var ReLU Layer = Func((*torch.Tensor).Relu)

// ReLUInPlace is ReLU that overwrites its input, for outputs that nothing else reads and no gradient needs: those of a
// normalisation, a linear map or a sum.
var ReLUInPlace Layer = Func((*torch.Tensor).Relu_)

// Scoped runs f in a scope of its own and returns its result to the innermost open one, so that what f made on the way
// is freed at once unless a gradient needs it. The result must be one that f made.
func Scoped(f func() *torch.Tensor) *torch.Tensor {
	carry := torch.NewScope()
	defer carry.Close()
	var y *torch.Tensor
	torch.In(func(*torch.Scope) { y = carry.Keep(f()) })
	return y.To(y.DType()) // the same tensor under a new owner
}

// GlobalAverage is the mean over all positions: [B, C, ...] to [B, C].
var GlobalAverage Layer = Func(func(x *torch.Tensor) *torch.Tensor {
	positions := make([]int, x.Rank()-2)
	for i := range positions {
		positions[i] = i + 2
	}
	return x.MeanDims(false, positions...)
})
