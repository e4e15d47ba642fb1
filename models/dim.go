package models

import (
	"fmt"

	"vssl/models/nn"
	"vssl/torch"
)

// InfoMaxNet is the encoder of Deep InfoMax (1808.06670) for pictures of 32x32.
type InfoMaxNet struct {
	convs nn.Sequential // three layers
	head  nn.Sequential
}

// NewInfoMaxNet registers the encoder in n; units is the length of the global features.
func NewInfoMaxNet(n *nn.Node, units int) *InfoMaxNet {
	return inScope(func() *InfoMaxNet {
		layers := n.Child("layers")
		net := &InfoMaxNet{}
		in := 3
		for i, out := range []int{64, 128, 256} {
			l := layers.Child(fmt.Sprintf("layer%d", i))
			conv := nn.ConvConfig{In: in, Out: out, Kernel: []int{4, 4}, Stride: []int{2, 2}, Padding: []int{1, 1}}
			net.convs = append(net.convs, append(convNorm(l.Child("conv"), l.Child("bn"), conv), nn.ReLUInPlace))
			in = out
		}
		const positions, hidden = 4 * 4, 1024
		fc := layers.Child("layer4")
		net.head = nn.Sequential{
			nn.NewLinear(fc.Child("fc"), nn.LinearConfig{In: in * positions, Out: hidden}),
			nn.NewBatchNorm(fc.Child("bn"), nn.BatchNormConfig{Features: hidden}),
			nn.ReLUInPlace,
			nn.NewLinear(layers.Child("layer5"), nn.LinearConfig{In: hidden, Out: units, Bias: true}),
		}
		return net
	})
}

// Forward returns the global features [B, units] of x [B, 3, 32, 32] and the local ones [B, 128, 8, 8], the activation of
// the second layer. It panics with a *torch.Error for pictures of another size.
func (n *InfoMaxNet) Forward(x *torch.Tensor) (global, local *torch.Tensor) {
	local = n.convs[:2].Forward(x)
	return n.head.Forward(n.convs[2:].Forward(local).Flatten(1, -1)), local
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
