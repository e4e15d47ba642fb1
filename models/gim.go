package models

import (
	"fmt"

	"vssl/models/nn"
	"vssl/torch"
)

// PatchNetConfig describes the encoder of Greedy InfoMax (1905.11786) for pictures.
type PatchNetConfig struct {
	In         int   // channels of the pictures
	Bottleneck bool  // blocks of three convolutions that widen to four times the width, else of two
	Blocks     []int // by layer
	Widths     []int // by layer, as many
	Patch      int   // height and width of a patch in pixels
	Stride     int   // from one patch to the next, in pixels
}

// PatchNet encodes the overlapping patches of a picture, each alone. It has no normalisation. As a backbone its features are
// the mean over patches.
type PatchNet struct {
	config   PatchNetConfig
	node     *nn.Node
	layers   nn.Sequential
	features int
}

var _ Backbone = (*PatchNet)(nil)

// NewPatchNet registers the encoder in n. It returns an error where counts are impossible or do not agree.
func NewPatchNet(n *nn.Node, c PatchNetConfig) (*PatchNet, error) {
	if len(c.Blocks) == 0 || len(c.Blocks) != len(c.Widths) {
		return nil, fmt.Errorf("blocks are %v and widths %v, want one of each a layer", c.Blocks, c.Widths)
	}
	if c.In < 1 || c.Patch < 1 || c.Stride < 1 {
		return nil, fmt.Errorf("channels, patch and stride are %d, %d and %d, want 1 or more each", c.In, c.Patch, c.Stride)
	}
	return inScope(func() *PatchNet {
		in := c.Widths[0]
		p := &PatchNet{config: c, node: n}
		n := n.Child("model")
		p.layers = append(p.layers, nn.NewConv(n.Child("Conv1"), biased(c.In, in, 5, 1)))
		for i, width := range c.Widths {
			layer := n.Child(fmt.Sprintf("layer %d", i))
			stride := min(i+1, 2)
			for b := range c.Blocks[i] {
				var l nn.Layer
				l, in = preActivation(layer.Child(fmt.Sprint(b)), c.Bottleneck, in, width, stride)
				p.layers = append(p.layers, l)
				stride = 1
			}
		}
		p.features = in
		return p
	}), nil
}

// Forward returns the mean over patches [B, C] of pictures [B, In, H, W].
func (p *PatchNet) Forward(x *torch.Tensor) *torch.Tensor {
	return nn.Scoped(func() *torch.Tensor { return nn.GlobalAverage.Forward(p.Stages(x)[0].Activation) })
}

// Stages returns one stage, the features of the patches on their grid [B, C, nh, nw].
func (p *PatchNet) Stages(x *torch.Tensor) []Stage {
	c, _ := p.Patches(x)
	return []Stage{{"patches", c}}
}

// Features is the number of channels of the last layer.
func (p *PatchNet) Features() int { return p.features }

// Input says what Forward takes; it is for colour pictures where the configuration says In 3.
func (p *PatchNet) Input() InputSpec { return InputSpec{Dims: 2, Frames: 1, Size: 64} }

// Node holds the network's tensors.
func (p *PatchNet) Node() *nn.Node { return p.node }

// Patches runs pictures [B, In, H, W]. It returns z [B*nh*nw, C, h, w], the activation of every patch, by picture, row and
// column, and its mean over positions, c [B, C, nh, nw]. It panics with a *torch.Error where no patch fits.
func (p *PatchNet) Patches(x *torch.Tensor) (c, z *torch.Tensor) {
	size, step := p.config.Patch, p.config.Stride
	patches := x.Unfold(2, size, step).Unfold(3, size, step).Permute(0, 2, 3, 1, 4, 5)
	b, nh, nw := patches.Dim(0), patches.Dim(1), patches.Dim(2)
	z = p.layers.Forward(patches.Reshape(b*nh*nw, p.config.In, size, size))
	return nn.GlobalAverage.Forward(z).Reshape(b, nh, nw, -1).Permute(0, 3, 1, 2), z
}

// newGIM builds the paper's encoder, three of the four layers of a ResNet-50, for colour pictures.
func newGIM(n *nn.Node, c Config) Backbone {
	p, err := NewPatchNet(n, PatchNetConfig{In: 3, Bottleneck: true, Blocks: []int{3, 4, 6}, Widths: []int{64, 128, 256},
		Patch: 16, Stride: 8})
	if err != nil {
		panic(err)
	}
	if c.Classes == 0 {
		return p
	}
	fc := nn.NewLinear(n.Child("fc"), nn.LinearConfig{In: p.features, Out: c.Classes, Bias: true})
	return patchClassifier{p, fc}
}

// patchClassifier is a PatchNet with a last linear layer.
type patchClassifier struct {
	*PatchNet
	fc *nn.Linear
}

// Logits maps features [B, F] to [B, classes].
func (c patchClassifier) Logits(features *torch.Tensor) *torch.Tensor { return c.fc.Forward(features) }

// biased is a convolution with bias that keeps the size at stride 1.
func biased(in, out, kernel, stride int) nn.ConvConfig {
	c := conv2D(in, out, kernel, stride)
	c.Bias = true
	return c
}

// preActivation is a block that begins with ReLU and adds its input, or a projection of what the ReLU left of it where stride
// or width change.
func preActivation(n *nn.Node, bottleneck bool, in, width, stride int) (nn.Layer, int) {
	out := width
	var convs []nn.ConvConfig
	if bottleneck {
		const expansion = 4
		out = width * expansion
		convs = []nn.ConvConfig{biased(in, width, 1, 1), biased(width, width, 3, stride), biased(width, out, 1, 1)}
	} else {
		convs = []nn.ConvConfig{biased(in, width, 3, stride), biased(width, width, 3, 1)}
	}
	var body nn.Sequential
	for i, c := range convs {
		if i > 0 {
			body = append(body, nn.ReLUInPlace)
		}
		body = append(body, nn.NewConv(n.Child(fmt.Sprintf("conv%d", i+1)), c))
	}
	var shortcut nn.Layer
	if stride != 1 || in != out {
		shortcut = nn.NewConv(n.Child("shortcut").Child("0"), biased(in, out, 1, stride))
	}
	return nn.Func(func(x *torch.Tensor) *torch.Tensor {
		return nn.Scoped(func() *torch.Tensor {
			o := x.Relu() // x itself is needed for the sum
			if shortcut != nil {
				x = shortcut.Forward(o)
			}
			return body.Forward(o).Add(x)
		})
	}), out
}
