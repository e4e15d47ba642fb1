package models

import (
	"fmt"

	"vssl/models/nn"
	"vssl/torch"
)

// newAlexNet builds the one-column AlexNet of 1404.5997 as torchvision does, without its dropout. Features are the last
// activation averaged to 6x6 positions, [B, 9216].
func newAlexNet(n *nn.Node, c Config) Backbone {
	const positions = 6
	t := &trunk{node: n, input: picture, features: 256 * positions * positions}
	parts := n.Child("features")
	pool := nn.Func(func(x *torch.Tensor) *torch.Tensor {
		return torch.MaxPool2d(x, []int{3, 3}, []int{2, 2}, []int{0, 0}, []int{1, 1}, false)
	})
	conv := func(place string, in, out, kernel, stride, padding int) nn.Sequential {
		return nn.Sequential{nn.NewConv(parts.Child(place), nn.ConvConfig{In: in, Out: out, Kernel: []int{kernel, kernel},
			Stride: []int{stride, stride}, Padding: []int{padding, padding}, Bias: true}), nn.ReLUInPlace}
	}
	t.stem = append(conv("0", 3, 64, 11, 4, 2), pool)
	for i, l := range []nn.Sequential{
		append(conv("3", 64, 192, 5, 1, 2), pool),
		conv("6", 192, 384, 3, 1, 1),
		conv("8", 384, 256, 3, 1, 1),
		append(conv("10", 256, 256, 3, 1, 1), pool),
	} {
		t.layers = append(t.layers, level{fmt.Sprintf("layer%d", i+1), l})
	}
	t.pool = nn.Func(func(x *torch.Tensor) *torch.Tensor {
		return torch.AdaptiveAvgPool2d(x, []int{positions, positions}).Flatten(1, -1)
	})
	if c.Classes == 0 {
		return t
	}
	const hidden = 4096
	linear := func(n *nn.Node, in, out int) nn.Layer {
		return nn.NewLinear(n, nn.LinearConfig{In: in, Out: out, Bias: true})
	}
	head := n.Child("classifier")
	t.fc = nn.Sequential{linear(head.Child("1"), t.features, hidden), nn.ReLUInPlace,
		linear(head.Child("4"), hidden, hidden), nn.ReLUInPlace, linear(head.Child("6"), hidden, c.Classes)}
	return classifier{t}
}
