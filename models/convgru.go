package models

import (
	"fmt"

	"vssl/models/nn"
	"vssl/torch"
)

// ConvGRUConfig describes a stack of convolutional gated recurrent units.
type ConvGRUConfig struct {
	In, Hidden int     // channels of the input and of every layer's state
	Kernel     int     // height and width, odd; 1 in DPC
	Layers     int     // >= 1
	Dropout    float64 // share of every state's values dropped in training, 0.1 in DPC
}

// ConvGRU aggregates the blocks of a clip in time, as DPC does (1909.04656).
type ConvGRU struct {
	config ConvGRUConfig
	node   *nn.Node
	cells  []*nn.ConvGRU
}

// NewConvGRU registers the layers in n. It returns an error where the configuration is impossible.
func NewConvGRU(n *nn.Node, c ConvGRUConfig) (*ConvGRU, error) {
	switch {
	case c.In < 1 || c.Hidden < 1 || c.Layers < 1:
		return nil, fmt.Errorf("input, hidden and layers are %d, %d and %d, want 1 or more each", c.In, c.Hidden, c.Layers)
	case c.Kernel < 1 || c.Kernel%2 == 0:
		return nil, fmt.Errorf("kernel is %d, want an odd number, which keeps the size", c.Kernel)
	case c.Dropout < 0 || c.Dropout >= 1:
		return nil, fmt.Errorf("dropout is %g, want 0 or more and less than 1", c.Dropout)
	}
	return inScope(func() *ConvGRU {
		g := &ConvGRU{config: c, node: n}
		in := c.In
		for i := range c.Layers {
			g.cells = append(g.cells, nn.NewConvGRU(n.Child(fmt.Sprintf("ConvGRUCell_%02d", i)), in, c.Hidden, c.Kernel))
			in = c.Hidden
		}
		return g
	}), nil
}

// Forward runs from zero states over x [B, T, In, H, W]. It returns the outputs of the last layer [B, T, Hidden, H, W] and
// the last state of every layer [B, Layers, Hidden, H, W].
func (g *ConvGRU) Forward(x *torch.Tensor) (outputs, states *torch.Tensor) {
	var last []*torch.Tensor
	for _, cell := range g.cells {
		weights := cell.Weights()
		var h *torch.Tensor
		var steps []*torch.Tensor
		for t := range x.Dim(1) {
			h = torch.Dropout(nn.ConvGRUCell(weights, x.Select(1, t), h), g.config.Dropout, g.node.Training())
			steps = append(steps, h)
		}
		x = torch.Stack(steps, 1)
		last = append(last, h)
	}
	return x, torch.Stack(last, 1)
}
