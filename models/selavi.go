package models

import (
	"vssl/models/nn"
	"vssl/torch"
)

// SpectrogramNet turns log-mel spectrograms into features.
type SpectrogramNet struct{ t *trunk }

// NewSpectrogramNet registers the network for sound of SeLaVi (2006.13662) in n: a ResNet of four layers with one block of
// two 3x3 convolutions each, for a single channel.
func NewSpectrogramNet(n *nn.Node) *SpectrogramNet {
	return inScope(func() *SpectrogramNet {
		t := &trunk{node: n}
		first := conv2D(1, 64, 7, 2)
		t.stem = append(convNorm(n.Child("conv1"), n.Child("bn1"), first), nn.ReLUInPlace, nn.Func(maxPool3x3))
		t.addLayers(64, []int{64, 128, 256, 512}, []int{1, 1, 1, 1}, func(int) blockFunc { return basic2D })
		return &SpectrogramNet{t}
	})
}

// Forward maps log-mel spectrograms [B, 1, F, T] to features [B, 512], the mean of the last layer over bands and time.
func (s *SpectrogramNet) Forward(x *torch.Tensor) *torch.Tensor { return s.t.Forward(x) }

// Features is 512.
func (s *SpectrogramNet) Features() int { return s.t.features }

// SelfLabelHeadConfig describes a head of SeLaVi.
type SelfLabelHeadConfig struct {
	In, Hidden, Out int // features, values of the hidden layer (512), clusters
}

// NewSelfLabelHead registers a head of SeLaVi (2006.13662) in n, which maps features [B, In] to logits [B, Out]: linear without
// bias, normalisation, ReLU, linear. The authors' dropout is left out.
func NewSelfLabelHead(n *nn.Node, c SelfLabelHeadConfig) nn.Layer {
	return inScope(func() nn.Layer {
		f := n.Child("block_forward")
		return nn.Sequential{
			nn.NewLinear(f.Child("2"), nn.LinearConfig{In: c.In, Out: c.Hidden}),
			nn.NewBatchNorm(f.Child("4"), nn.BatchNormConfig{Features: c.Hidden}),
			nn.ReLUInPlace,
			nn.NewLinear(f.Child("8"), nn.LinearConfig{In: c.Hidden, Out: c.Out, Bias: true}),
		}
	})
}
