package nn

import (
	"math"

	"vssl/torch"
)

// LinearConfig describes a fully connected layer.
type LinearConfig struct {
	In, Out int
	Bias    bool
	Normal  float64 // > 0: weight from N(0, Normal) and bias 0; 0: both uniform within 1/sqrt(In), PyTorch's default
}

// Linear is a fully connected layer. Parameters: weight [Out, In] and, if asked for, bias [Out].
type Linear struct{ weight, bias *Entry }

// NewLinear registers a fully connected layer in n.
func NewLinear(n *Node, c LinearConfig) *Linear {
	l := &Linear{}
	bound := 1 / math.Sqrt(float64(c.In))
	if c.Normal > 0 {
		l.weight = n.Param("weight", torch.Randn([]int{c.Out, c.In}, torch.Float32, torch.CPU).MulScalar(c.Normal))
	} else {
		l.weight = n.Param("weight", uniform([]int{c.Out, c.In}, bound))
	}
	switch {
	case c.Bias && c.Normal > 0:
		l.bias = n.Param("bias", torch.Zeros([]int{c.Out}, torch.Float32, torch.CPU))
	case c.Bias:
		l.bias = n.Param("bias", uniform([]int{c.Out}, bound))
	}
	return l
}

// Forward maps [..., In] to [..., Out].
func (l *Linear) Forward(x *torch.Tensor) *torch.Tensor {
	return torch.Linear(x, l.weight.Tensor, tensorOf(l.bias))
}
