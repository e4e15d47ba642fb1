package objective

import "vssl/torch"

// valueWithGradientOf is a tensor with the numbers of value and the gradient of surrogate, both of one shape: estimators
// whose value is the bound but that learn by another one are written with it.
func valueWithGradientOf(value, surrogate *torch.Tensor) *torch.Tensor {
	return surrogate.Add(value.Sub(surrogate).Detach())
}
