package models

import (
	"vssl/models/nn"
	"vssl/torch"
)

// InfoMaxNet is the encoder of Deep InfoMax (1808.06670) for pictures of 32x32. As a backbone its features are the global ones.
type InfoMaxNet struct{ *trunk }

var _ Backbone = (*InfoMaxNet)(nil)

// NewInfoMaxNet registers the encoder in n; units is the length of the global features.
func NewInfoMaxNet(n *nn.Node, units int) *InfoMaxNet {
	return inScope(func() *InfoMaxNet {
		t := &trunk{node: n, input: InputSpec{Dims: 2, Frames: 1, Size: 32}, features: units}
		layers := n.Child("layers")
		conv := func(name string, in, out int) nn.Sequential {
			l := layers.Child(name)
			c := nn.ConvConfig{In: in, Out: out, Kernel: []int{4, 4}, Stride: []int{2, 2}, Padding: []int{1, 1}}
			return append(convNorm(l.Child("conv"), l.Child("bn"), c), nn.ReLUInPlace)
		}
		t.stem = conv("layer0", 3, 64)
		t.layers = []level{{"layer1", conv("layer1", 64, 128)}, {"layer2", conv("layer2", 128, 256)}}
		const positions, hidden = 4 * 4, 1024
		fc := layers.Child("layer4")
		t.pool = nn.Sequential{
			nn.Func(func(x *torch.Tensor) *torch.Tensor { return x.Flatten(1, -1) }),
			nn.NewLinear(fc.Child("fc"), nn.LinearConfig{In: 256 * positions, Out: hidden}),
			nn.NewBatchNorm(fc.Child("bn"), nn.BatchNormConfig{Features: hidden}),
			nn.ReLUInPlace,
			nn.NewLinear(layers.Child("layer5"), nn.LinearConfig{In: hidden, Out: units, Bias: true}),
		}
		return &InfoMaxNet{t}
	})
}

// Both returns the global features [B, units] of x [B, 3, 32, 32] and the local ones [B, 128, 8, 8], the activation of
// layer1. It panics with a *torch.Error for pictures of another size.
func (n *InfoMaxNet) Both(x *torch.Tensor) (global, local *torch.Tensor) {
	stages := n.Stages(x)
	return n.pooled(stages[2].Activation), stages[1].Activation
}

// newDIM builds the encoder with the 64 global features of the paper.
func newDIM(n *nn.Node, c Config) Backbone {
	net := NewInfoMaxNet(n, 64)
	if c.Classes > 0 {
		return net.finish(c, 0)
	}
	return net
}

// NewInfoMaxProjection registers the network in n with which Deep InfoMax (1808.06670) maps features [B, in, H, W] to
// [B, units, H, W] before they are compared, each position alone: two convolutions beside a linear shortcut, and a layer
// normalisation of their sum.
func NewInfoMaxProjection(n *nn.Node, in, units int) nn.Layer {
	return inScope(func() nn.Layer {
		f := n.Child("block_nonlinear")
		last := conv2D(units, units, 1, 1)
		last.Bias = true
		body := append(convNorm(f.Child("0"), f.Child("1"), conv2D(in, units, 1, 1)), nn.ReLUInPlace, nn.NewConv(f.Child("3"), last))
		norm := nn.NewLayerNorm(n.Child("block_ln").Child("1"), units)
		shortcut := nn.NewConv(n.Child("linear_shortcut"), conv2D(in, units, 1, 1))
		return nn.Func(func(x *torch.Tensor) *torch.Tensor {
			y := body.Forward(x).Add(shortcut.Forward(x))
			return norm.Forward(y.Permute(0, 2, 3, 1)).Permute(0, 3, 1, 2)
		})
	})
}
