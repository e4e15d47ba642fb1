package models

import "vssl/models/nn"

// linearDeviation is that of the classifier's weights in torchvision's networks for clips.
const linearDeviation = 0.01

// newR3D18 builds the R3D-18 of 1711.11248 as torchvision does.
func newR3D18(n *nn.Node, c Config) Backbone {
	return newVideoResNet(n, c, stem3D(64), func(int) convFunc { return full3D })
}

// newMC318 builds the MC3-18 of 1711.11248: convolutions reach over time in the first layer only.
func newMC318(n *nn.Node, c Config) Backbone {
	return newVideoResNet(n, c, stem3D(64), func(layer int) convFunc {
		if layer == 0 {
			return full3D
		}
		return frame3D
	})
}

// newR2Plus1D18 builds the R(2+1)D-18 of 1711.11248.
func newR2Plus1D18(n *nn.Node, c Config) Backbone {
	return newVideoResNet(n, c, stem2Plus1D, func(int) convFunc { return split3D })
}

func newVideoResNet(n *nn.Node, c Config, stem func(*nn.Node, Config) nn.Layer, conv func(layer int) convFunc) Backbone {
	t := &trunk{node: n, input: clip16, stem: stem(n.Child("stem"), c)}
	t.addLayers(64, []int{64, 128, 256, 512}, []int{2, 2, 2, 2}, func(layer int) blockFunc { return basic3D(conv(layer)) })
	return t.finish(c, linearDeviation)
}

// stem3D is a 3x7x7 convolution that halves height and width, or with the small stem a 3x3x3 that keeps them.
func stem3D(width int) func(*nn.Node, Config) nn.Layer {
	return func(n *nn.Node, c Config) nn.Layer {
		first := nn.ConvConfig{In: 3, Out: width, Kernel: []int{3, 7, 7}, Stride: []int{1, 2, 2}}
		if c.Stem == StemSmall {
			first = nn.ConvConfig{In: 3, Out: width, Kernel: []int{3, 3, 3}}
		}
		return append(convNorm(n.Child("0"), n.Child("1"), first), nn.ReLUInPlace)
	}
}

// stem2Plus1D convolves over space to 45 channels, then over time to 64.
func stem2Plus1D(n *nn.Node, c Config) nn.Layer {
	space := nn.ConvConfig{In: 3, Out: 45, Kernel: []int{1, 7, 7}, Stride: []int{1, 2, 2}}
	if c.Stem == StemSmall {
		space = nn.ConvConfig{In: 3, Out: 45, Kernel: []int{1, 3, 3}}
	}
	stem := append(convNorm(n.Child("0"), n.Child("1"), space), nn.ReLUInPlace)
	return append(stem, convNorm(n.Child("3"), n.Child("4"), nn.ConvConfig{In: 45, Out: 64, Kernel: []int{3, 1, 1}}), nn.ReLUInPlace)
}

// convFunc registers one of the two convolutions of a block and returns it with the stride of the shortcut that fits.
// middle is the width between the halves of a split convolution.
type convFunc func(n *nn.Node, in, out, middle, stride int) (conv nn.Layer, shortcutStride []int)

// full3D convolves over time and space.
func full3D(n *nn.Node, in, out, _, stride int) (nn.Layer, []int) {
	s := []int{stride, stride, stride}
	return nn.NewConv(n, nn.ConvConfig{In: in, Out: out, Kernel: []int{3, 3, 3}, Stride: s}), s
}

// frame3D convolves each frame alone.
func frame3D(n *nn.Node, in, out, _, stride int) (nn.Layer, []int) {
	s := []int{1, stride, stride}
	return nn.NewConv(n, nn.ConvConfig{In: in, Out: out, Kernel: []int{1, 3, 3}, Stride: s}), s
}

// split3D convolves over space, then over time.
func split3D(n *nn.Node, in, out, middle, stride int) (nn.Layer, []int) {
	space := nn.ConvConfig{In: in, Out: middle, Kernel: []int{1, 3, 3}, Stride: []int{1, stride, stride}}
	time := nn.ConvConfig{In: middle, Out: out, Kernel: []int{3, 1, 1}, Stride: []int{stride, 1, 1}}
	s := append(convNorm(n.Child("0"), n.Child("1"), space), nn.ReLUInPlace, nn.NewConv(n.Child("3"), time))
	return s, []int{stride, stride, stride}
}

// middleWidth gives a split convolution as many parameters as the full one has, counted with the channels in and out of
// the block for both its convolutions.
func middleWidth(in, out int) int { return in * out * 27 / (in*9 + 3*out) }

// basic3D is a block of two convolutions of one kind.
func basic3D(conv convFunc) blockFunc {
	return func(n *nn.Node, in, width, stride int) (nn.Layer, int) {
		middle := middleWidth(in, width)
		half := func(n *nn.Node, in, stride int) (nn.Sequential, []int) {
			c, shortcut := conv(n.Child("0"), in, width, middle, stride)
			return nn.Sequential{c, nn.NewBatchNorm(n.Child("1"), nn.BatchNormConfig{Features: width})}, shortcut
		}
		first, shortcutStride := half(n.Child("conv1"), in, stride)
		second, _ := half(n.Child("conv2"), width, 1)
		r := &residual{body: nn.Sequential{first, nn.ReLUInPlace, second}}
		if stride != 1 || in != width {
			d := n.Child("downsample")
			r.shortcut = convNorm(d.Child("0"), d.Child("1"),
				nn.ConvConfig{In: in, Out: width, Kernel: []int{1, 1, 1}, Stride: shortcutStride})
		}
		return r, width
	}
}
