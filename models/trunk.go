package models

import (
	"fmt"

	"vssl/models/nn"
	"vssl/torch"
)

// trunk is what the residual networks of this package share: a stem, layers, the mean, and a classifier where asked for.
type trunk struct {
	node     *nn.Node
	stem     nn.Layer
	layers   []level
	pool     nn.Layer // the last activation to [B, F]; nil: the mean over all positions
	features int
	input    InputSpec
	fc       nn.Layer // [B, F] to [B, classes]; nil without a classifier
}

// level is a part of the network with the name of its stage.
type level struct {
	name string
	nn.Layer
}

// Forward returns the features [B, F].
func (t *trunk) Forward(x *torch.Tensor) *torch.Tensor {
	return nn.Scoped(func() *torch.Tensor {
		x = t.runStem(x)
		for _, l := range t.layers {
			x = l.Forward(x)
		}
		return t.pooled(x)
	})
}

// pooled turns the last activation into features.
func (t *trunk) pooled(x *torch.Tensor) *torch.Tensor {
	if t.pool != nil {
		return t.pool.Forward(x)
	}
	return nn.GlobalAverage.Forward(x)
}

// runStem leaves only its result.
func (t *trunk) runStem(x *torch.Tensor) *torch.Tensor {
	return nn.Scoped(func() *torch.Tensor { return t.stem.Forward(x) })
}

// Stages returns the activations after the stem and after each layer.
func (t *trunk) Stages(x *torch.Tensor) []Stage {
	x = t.runStem(x)
	stages := []Stage{{"stem", x}}
	for _, l := range t.layers {
		x = l.Forward(x)
		stages = append(stages, Stage{l.name, x})
	}
	return stages
}

// Features is the number of channels of the last layer.
func (t *trunk) Features() int { return t.features }

// Input says what Forward takes.
func (t *trunk) Input() InputSpec { return t.input }

// Node holds the network's tensors.
func (t *trunk) Node() *nn.Node { return t.node }

// classifier is a trunk with a last linear layer.
type classifier struct{ *trunk }

// Logits maps features [B, F] to [B, classes].
func (c classifier) Logits(features *torch.Tensor) *torch.Tensor { return c.fc.Forward(features) }

// finish adds the classifier `fc` that c asks for; normal is the deviation of its weights, 0 for PyTorch's default.
func (t *trunk) finish(c Config, normal float64) Backbone {
	if c.Classes == 0 {
		return t
	}
	t.fc = nn.NewLinear(t.node.Child("fc"), nn.LinearConfig{In: t.features, Out: c.Classes, Bias: true, Normal: normal})
	return classifier{t}
}

var (
	_ Backbone   = (*trunk)(nil)
	_ Classifier = classifier{}
)

// residual is a block: body, plus the input or its projection, then ReLU.
type residual struct {
	body     nn.Sequential
	shortcut nn.Sequential // empty: the input itself
	linear   bool          // without the ReLU
}

// Forward adds the two branches. Of the block's tensors only the result and what gradients need stay in memory.
func (r *residual) Forward(x *torch.Tensor) *torch.Tensor {
	return nn.Scoped(func() *torch.Tensor {
		y := r.body.Forward(x).Add(r.shortcut.Forward(x))
		if r.linear {
			return y
		}
		return y.Relu_()
	})
}

// convNorm is a convolution without bias and its normalisation, registered under the two nodes.
func convNorm(conv, norm *nn.Node, c nn.ConvConfig) nn.Sequential {
	return convNormOf(conv, norm, c, nn.BatchNormConfig{})
}

// convNormOf is convNorm with a normalisation of the given kind.
func convNormOf(conv, norm *nn.Node, c nn.ConvConfig, b nn.BatchNormConfig) nn.Sequential {
	b.Features = c.Out
	return nn.Sequential{nn.NewConv(conv, c), nn.NewBatchNorm(norm, b)}
}

// blockFunc registers a residual block of the given width in n and says how many channels come out.
type blockFunc func(n *nn.Node, in, width, stride int) (block nn.Layer, out int)

// addLayers appends layer1, layer2, ... to the trunk: one a width, with blocks[i] blocks. The first layer keeps the size,
// the first block of every other halves it. in is the number of channels that the stem puts out.
func (t *trunk) addLayers(in int, widths, blocks []int, block func(layer int) blockFunc) {
	for i, width := range widths {
		in = t.addLayer(t.node, in, layerConfig{width, blocks[i], min(i+1, 2), block(i)})
	}
}

// layerConfig describes a layer: blocks of one kind, the first with the stride.
type layerConfig struct {
	width, blocks, stride int
	block                 blockFunc
}

// addLayer registers the next layer below n under the name layer1, layer2, ..., appends it to the trunk and returns how
// many channels come out.
func (t *trunk) addLayer(n *nn.Node, in int, c layerConfig) (out int) {
	name := fmt.Sprintf("layer%d", len(t.layers)+1)
	n = n.Child(name)
	var s nn.Sequential
	for b := range c.blocks {
		var l nn.Layer
		l, in = c.block(n.Child(fmt.Sprint(b)), in, c.width, c.stride)
		s = append(s, l)
		c.stride = 1
	}
	t.layers = append(t.layers, level{name, s})
	t.features = in
	return in
}
