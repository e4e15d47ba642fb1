package nn

import "vssl/torch"

// NewDropout makes a layer that in training mode zeroes each value with probability p and scales the others by 1/(1-p), and else
// passes its input on. It follows the mode of n, in which it registers nothing; p is 0 to 1.
func NewDropout(n *Node, p float64) Layer {
	return Func(func(x *torch.Tensor) *torch.Tensor {
		if p == 0 || !n.Training() {
			return x
		}
		return torch.Dropout(x, p, true)
	})
}
