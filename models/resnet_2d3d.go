package models

import (
	"fmt"

	"vssl/models/nn"
)

// ResNet2D3DConfig describes a network of DPC (1909.04656) and MemDPC (2008.01065).
type ResNet2D3DConfig struct {
	Depth int // 18 or 34 (two 3x3 convolutions a block), or 50 (bottlenecks)
	// BatchStatistics normalises by the batch in evaluation as well and keeps no running statistics, as DPC does; MemDPC
	// keeps them.
	BatchStatistics bool
}

// NewResNet2D3D registers a network in n whose first two layers see each frame alone and whose last two convolve over time
// too. The last activation [B, F, T/4, H/32, W/32], which predictions are made of, has no ReLU; F is 256, or 1024 at depth
// 50. It returns an error for another depth.
func NewResNet2D3D(n *nn.Node, c ResNet2D3DConfig) (Backbone, error) {
	blocks, block := []int{3, 4, 6, 3}, c.basic
	switch c.Depth {
	case 18:
		blocks = []int{2, 2, 2, 2}
	case 34:
	case 50:
		block = c.bottleneck
	default:
		return nil, fmt.Errorf("depth is %d, want 18, 34 or 50", c.Depth)
	}
	return inScope(func() Backbone {
		t := &trunk{node: n, input: InputSpec{Dims: 3, Frames: 5, Size: 128}}
		first := nn.ConvConfig{In: 3, Out: 64, Kernel: []int{1, 7, 7}, Stride: []int{1, 2, 2}}
		t.stem = append(convNormOf(n.Child("conv1"), n.Child("bn1"), first, c.norm()), nn.ReLUInPlace,
			maxPool3D([]int{1, 3, 3}, []int{1, 2, 2}, []int{0, 1, 1}))
		t.addLayers(64, []int{64, 128, 256, 256}, blocks, func(layer int) blockFunc { return block(layer >= 2) })
		last := t.layers[len(t.layers)-1].Layer.(nn.Sequential)
		last[len(last)-1].(*residual).linear = true
		return t
	}), nil
}

// newResNet2D3D builds the network of that depth with running statistics.
func newResNet2D3D(depth int) func(*nn.Node, Config) Backbone {
	return func(n *nn.Node, c Config) Backbone {
		b, err := NewResNet2D3D(n, ResNet2D3DConfig{Depth: depth})
		if err != nil {
			panic(err)
		}
		return b.(*trunk).finish(c, 0)
	}
}

func (c ResNet2D3DConfig) norm() nn.BatchNormConfig {
	return nn.BatchNormConfig{Stateless: c.BatchStatistics}
}

// overTime is a convolution that reaches over time as over space, or else sees each frame alone.
func overTime(temporal bool, in, out, kernel, stride int) nn.ConvConfig {
	k, s := 1, 1
	if temporal {
		k, s = kernel, stride
	}
	return nn.ConvConfig{In: in, Out: out, Kernel: []int{k, kernel, kernel}, Stride: []int{s, stride, stride}}
}

// basic is two convolutions, the first with the stride.
func (c ResNet2D3DConfig) basic(temporal bool) blockFunc {
	return func(n *nn.Node, in, width, stride int) (nn.Layer, int) {
		first := overTime(temporal, in, width, 3, stride)
		body := append(convNormOf(n.Child("conv1"), n.Child("bn1"), first, c.norm()), nn.ReLUInPlace)
		body = append(body, convNormOf(n.Child("conv2"), n.Child("bn2"), overTime(temporal, width, width, 3, 1), c.norm()))
		return &residual{body: body, shortcut: c.downsample(n, temporal, in, width, stride)}, width
	}
}

// bottleneck narrows, convolves with the stride and widens to four times the width.
func (c ResNet2D3DConfig) bottleneck(temporal bool) blockFunc {
	const expansion = 4
	return func(n *nn.Node, in, width, stride int) (nn.Layer, int) {
		out := width * expansion
		body := append(convNormOf(n.Child("conv1"), n.Child("bn1"), overTime(temporal, in, width, 1, 1), c.norm()), nn.ReLUInPlace)
		middle := overTime(temporal, width, width, 3, stride)
		body = append(body, convNormOf(n.Child("conv2"), n.Child("bn2"), middle, c.norm()), nn.ReLUInPlace)
		body = append(body, convNormOf(n.Child("conv3"), n.Child("bn3"), overTime(temporal, width, out, 1, 1), c.norm()))
		return &residual{body: body, shortcut: c.downsample(n, temporal, in, out, stride)}, out
	}
}

// downsample is the projection of the shortcut, nothing where the shapes agree.
func (c ResNet2D3DConfig) downsample(n *nn.Node, temporal bool, in, out, stride int) nn.Sequential {
	if in == out && stride == 1 {
		return nil
	}
	d := n.Child("downsample")
	return convNormOf(d.Child("0"), d.Child("1"), overTime(temporal, in, out, 1, stride), c.norm())
}
