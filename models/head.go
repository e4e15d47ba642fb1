package models

import (
	"fmt"

	"vssl/models/nn"
	"vssl/torch"
)

// HeadConfig describes a projection head: hidden layers of a linear map, batch normalisation and ReLU, then a linear map.
type HeadConfig struct {
	In, Hidden, Out int // features
	Layers          int // linear maps in all, >= 1; 1 is a single map from In to Out
	Norm            bool
	// NormMomentum is the share of a batch in the running statistics, 0 for PyTorch's 0.1.
	NormMomentum float64
	NoBias       bool // without biases in the linear maps
	NormOut      bool // a normalisation with a scale and no shift after the last map, as SimCLR's authors have it
}

// NewMLPHead registers a projection head in n under the names 0, 1, ... of a PyTorch Sequential: linear, norm (where
// asked for), ReLU, and so on. It maps [B, In] to [B, Out] and panics if a size in c is below 1.
func NewMLPHead(n *nn.Node, c HeadConfig) nn.Layer {
	if c.Layers < 1 || c.In < 1 || c.Out < 1 || (c.Layers > 1 && c.Hidden < 1) {
		panic(fmt.Sprintf("models: impossible head %+v", c))
	}
	var head nn.Sequential
	next := func() *nn.Node { return n.Child(fmt.Sprint(len(head))) }
	torch.In(func(*torch.Scope) {
		in := c.In
		for range c.Layers - 1 {
			head = append(head, nn.NewLinear(next(), nn.LinearConfig{In: in, Out: c.Hidden, Bias: !c.NoBias}))
			if c.Norm {
				head = append(head, nn.NewBatchNorm(next(), nn.BatchNormConfig{Features: c.Hidden, Momentum: c.NormMomentum}))
			}
			head = append(head, nn.ReLUInPlace)
			in = c.Hidden
		}
		head = append(head, nn.NewLinear(next(), nn.LinearConfig{In: in, Out: c.Out, Bias: !c.NoBias}))
		if c.NormOut {
			norm := nn.BatchNormConfig{Features: c.Out, Momentum: c.NormMomentum, NoShift: true}
			head = append(head, nn.NewBatchNorm(next(), norm))
		}
	})
	return head
}
