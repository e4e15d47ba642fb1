package models

import "vssl/models/nn"

// newCorrFlow builds the encoder of CorrFlow (1905.00875), which MAST (2002.07793) uses too: a ResNet-18 without pooling
// whose features keep a quarter of the height and width, 64 channels.
func newCorrFlow(n *nn.Node, c Config) Backbone {
	t := &trunk{node: n, input: InputSpec{Dims: 2, Frames: 1, Size: 256}}
	f := n.Child("feature_extraction")
	first := f.Child("conv1")
	t.stem = append(convNorm(first.Child("0"), first.Child("1"), conv2D(3, 64, 7, 2)), nn.ReLUInPlace)
	in := 64
	for _, l := range []struct{ width, stride int }{{64, 1}, {128, 2}, {256, 1}, {256, 1}} {
		in = t.addLayer(f, in, layerConfig{l.width, 2, l.stride, leftBlock})
	}
	const out = 64
	last := conv2D(in, out, 3, 1)
	last.Bias = true
	t.layers = append(t.layers, level{"post_convolution", nn.NewConv(n.Child("post_convolution"), last)})
	t.features = out
	return t.finish(c, 0)
}

// leftBlock is two 3x3 convolutions under the name left, the first with the stride.
func leftBlock(n *nn.Node, in, width, stride int) (nn.Layer, int) {
	left := n.Child("left")
	body := append(convNorm(left.Child("0"), left.Child("1"), conv2D(in, width, 3, stride)), nn.ReLUInPlace)
	r := &residual{body: append(body, convNorm(left.Child("3"), left.Child("4"), conv2D(width, width, 3, 1)))}
	if stride != 1 || in != width {
		s := n.Child("shortcut")
		r.shortcut = convNorm(s.Child("0"), s.Child("1"), conv2D(in, width, 1, stride))
	}
	return r, width
}
