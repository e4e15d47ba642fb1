package nn

import (
	"math"

	"vssl/torch"
)

// GRU is one layer of gated recurrent units. Parameters, as PyTorch names and stacks them: weight_ih_l0 [3*Hidden, In],
// weight_hh_l0 [3*Hidden, Hidden], bias_ih_l0 and bias_hh_l0 [3*Hidden], all uniform within 1/sqrt(Hidden) at first.
type GRU struct {
	hidden  int
	weights [4]*Entry
}

// NewGRU registers a layer of gated recurrent units in n: in values a step, hidden values of state.
func NewGRU(n *Node, in, hidden int) *GRU {
	l := &GRU{hidden: hidden}
	bound := 1 / math.Sqrt(float64(hidden))
	for i, p := range []struct {
		name  string
		shape []int
	}{
		{"weight_ih_l0", []int{3 * hidden, in}}, {"weight_hh_l0", []int{3 * hidden, hidden}},
		{"bias_ih_l0", []int{3 * hidden}}, {"bias_hh_l0", []int{3 * hidden}},
	} {
		l.weights[i] = n.Param(p.name, uniform(p.shape, bound))
	}
	return l
}

// Forward runs over x [B, T, In] from the zero state and returns the states [B, T, Hidden].
func (l *GRU) Forward(x *torch.Tensor) *torch.Tensor {
	var weights []*torch.Tensor
	for _, e := range l.weights {
		weights = append(weights, e.Tensor)
	}
	states, _ := torch.GRU(x, torch.Zeros([]int{1, x.Dim(0), l.hidden}, x.DType(), x.Device()), weights)
	return states
}
