package models

import (
	"fmt"

	"vssl/models/nn"
	"vssl/torch"
)

// ClusterNetConfig describes the network of IIC (1807.06653) for pictures.
type ClusterNetConfig struct {
	Channels int // of the pictures: 3, or 2 for the gradients that IIC takes of grey pictures
	Size     int // height and width: 32, 64 or 96
	Outputs  int // clusters of a head
	Heads    int // heads that cluster the same features
}

// ClusterNet is ClusterNet5g: a ResNet-34 with a small stem, and heads that give each picture a distribution over clusters.
type ClusterNet struct {
	Trunk Backbone // [B, Channels, Size, Size] to [B, 512]
	heads []*nn.Linear
}

// NewClusterNet registers the network in n. It returns an error where the size is not one of the three or a count is below 1.
func NewClusterNet(n *nn.Node, c ClusterNetConfig) (*ClusterNet, error) {
	if c.Size != 32 && c.Size != 64 && c.Size != 96 {
		return nil, fmt.Errorf("size is %d, want 32, 64 or 96", c.Size)
	}
	if c.Channels < 1 || c.Outputs < 1 || c.Heads < 1 {
		return nil, fmt.Errorf("channels, outputs and heads are %d, %d and %d, want 1 or more each", c.Channels, c.Outputs, c.Heads)
	}
	return inScope(func() *ClusterNet {
		t := newClusterTrunk(n.Child("trunk"), c.Channels, c.Size)
		net := &ClusterNet{Trunk: t}
		heads := n.Child("head").Child("heads")
		for h := range c.Heads {
			fc := nn.LinearConfig{In: t.features, Out: c.Outputs, Bias: true, Normal: linearDeviation}
			net.heads = append(net.heads, nn.NewLinear(heads.Child(fmt.Sprint(h)).Child("0"), fc))
		}
		return net
	}), nil
}

// Probabilities maps features [B, 512] to [B, Heads, Outputs], rows that sum to 1.
func (c *ClusterNet) Probabilities(features *torch.Tensor) *torch.Tensor {
	var heads []*torch.Tensor
	for _, h := range c.heads {
		heads = append(heads, h.Forward(features).Softmax(1))
	}
	return torch.Stack(heads, 1)
}

// newClusterTrunk builds a ResNet-34 whose stem keeps the size and pools with padding. The authors' last pooling covers all
// positions at the three sizes, which is the mean.
func newClusterTrunk(n *nn.Node, channels, size int) *trunk {
	t := &trunk{node: n, input: InputSpec{Dims: 2, Frames: 1, Size: size}}
	pool := nn.Func(func(x *torch.Tensor) *torch.Tensor {
		return torch.MaxPool2d(x, []int{2, 2}, []int{2, 2}, []int{1, 1}, []int{1, 1}, false)
	})
	t.stem = append(convNorm(n.Child("conv1"), n.Child("bn1"), conv2D(channels, 64, 3, 1)), nn.ReLUInPlace, pool)
	t.addLayers(64, []int{64, 128, 256, 512}, []int{3, 4, 6, 3}, func(int) blockFunc { return basic2D })
	return t
}

// newClusterNet5g builds the trunk for colour pictures.
func newClusterNet5g(n *nn.Node, c Config) Backbone { return newClusterTrunk(n, 3, 96).finish(c, 0) }
