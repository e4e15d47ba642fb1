package models

import (
	"vssl/models/nn"
	"vssl/torch"
)

// newResNet18 builds the ResNet-18 of 1512.03385 as torchvision does.
func newResNet18(n *nn.Node, c Config) Backbone { return newResNet(n, c, []int{2, 2, 2, 2}, basic2D) }

// newResNet34 builds the ResNet-34 of 1512.03385 as torchvision does.
func newResNet34(n *nn.Node, c Config) Backbone { return newResNet(n, c, []int{3, 4, 6, 3}, basic2D) }

// newResNet50 builds the ResNet-50 of 1512.03385 as torchvision does: version 1.5, whose stride sits on the 3x3.
func newResNet50(n *nn.Node, c Config) Backbone {
	return newResNet(n, c, []int{3, 4, 6, 3}, bottleneck2D)
}

// newTiny2D builds a ResNet of four blocks and a quarter of the width of ResNet-18, for tests and demonstrations.
func newTiny2D(n *nn.Node, c Config) Backbone {
	return newResNetOf(n, c, resNetConfig{widths: []int{16, 32, 64, 128}, blocks: []int{1, 1, 1, 1}, block: basic2D})
}

// newResNet builds a network of the widths of 1512.03385.
func newResNet(n *nn.Node, c Config, blocks []int, block blockFunc) Backbone {
	return newResNetOf(n, c, resNetConfig{widths: []int{64, 128, 256, 512}, blocks: blocks, block: block})
}

// resNetConfig has the channels, before a bottleneck's expansion, and the number of blocks of each layer. The stem is as wide as
// the first.
type resNetConfig struct {
	widths, blocks []int
	block          blockFunc
}

// newResNetOf builds a network for pictures. With the small stem, conv1 is 3x3 at stride 1 and there is no pooling, as
// SimCLR (2002.05709, appendix B.9) does for CIFAR-10.
func newResNetOf(n *nn.Node, c Config, r resNetConfig) Backbone {
	t := &trunk{node: n, input: picture}
	width := r.widths[0]
	first := nn.ConvConfig{In: 3, Out: width, Kernel: []int{7, 7}, Stride: []int{2, 2}}
	if c.Stem == StemSmall {
		first = conv2D(3, width, 3, 1)
		t.input.Size = 32
	}
	stem := append(convNorm(n.Child("conv1"), n.Child("bn1"), first), nn.ReLUInPlace)
	if c.Stem == StemImageNet {
		stem = append(stem, nn.Func(maxPool3x3))
	}
	t.stem = stem
	t.addLayers(width, r.widths, r.blocks, func(int) blockFunc { return r.block })
	return t.finish(c, 0)
}

func maxPool3x3(x *torch.Tensor) *torch.Tensor {
	return torch.MaxPool2d(x, []int{3, 3}, []int{2, 2}, []int{1, 1}, []int{1, 1}, false)
}

func conv2D(in, out, kernel, stride int) nn.ConvConfig {
	return nn.ConvConfig{In: in, Out: out, Kernel: []int{kernel, kernel}, Stride: []int{stride, stride}}
}

// basic2D is two 3x3 convolutions.
func basic2D(n *nn.Node, in, width, stride int) (nn.Layer, int) {
	body := append(convNorm(n.Child("conv1"), n.Child("bn1"), conv2D(in, width, 3, stride)), nn.ReLUInPlace)
	body = append(body, convNorm(n.Child("conv2"), n.Child("bn2"), conv2D(width, width, 3, 1)))
	return &residual{body: body, shortcut: downsample2D(n, in, width, stride)}, width
}

// bottleneck2D narrows with 1x1, convolves with 3x3 and widens to four times the width with 1x1.
func bottleneck2D(n *nn.Node, in, width, stride int) (nn.Layer, int) {
	const expansion = 4
	out := width * expansion
	body := append(convNorm(n.Child("conv1"), n.Child("bn1"), conv2D(in, width, 1, 1)), nn.ReLUInPlace)
	body = append(body, convNorm(n.Child("conv2"), n.Child("bn2"), conv2D(width, width, 3, stride)), nn.ReLUInPlace)
	body = append(body, convNorm(n.Child("conv3"), n.Child("bn3"), conv2D(width, out, 1, 1)))
	return &residual{body: body, shortcut: downsample2D(n, in, out, stride)}, out
}

// downsample2D is the projection of the shortcut, nothing where the shapes agree.
func downsample2D(n *nn.Node, in, out, stride int) nn.Sequential {
	if in == out && stride == 1 {
		return nil
	}
	d := n.Child("downsample")
	return convNorm(d.Child("0"), d.Child("1"), conv2D(in, out, 1, stride))
}
