package models

import (
	"fmt"

	"vssl/models/nn"
	"vssl/torch"
)

// inception holds the widths of an inception block of S3D: those of its four branches come out side by side.
type inception struct {
	one              int // branch 0: a 1x1x1 convolution
	narrow1, branch1 int // 1x1x1, then 3x3x3 in two halves
	narrow2, branch2 int // the same
	pooled           int // branch 3: pooling, then 1x1x1
}

// s3dInceptions are the blocks of S3D by place in the sequence.
var s3dInceptions = map[int]inception{
	5: {64, 96, 128, 16, 32, 32}, 6: {128, 128, 192, 32, 96, 64},
	8: {192, 96, 208, 16, 48, 64}, 9: {160, 112, 224, 24, 64, 64}, 10: {128, 128, 256, 24, 64, 64},
	11: {112, 144, 288, 32, 64, 64}, 12: {256, 160, 320, 32, 128, 128},
	14: {256, 160, 320, 32, 128, 128}, 15: {384, 192, 384, 48, 128, 128},
}

// newS3D builds the S3D of 1712.04851 as torchvision does, without its dropout and with the mean over all remaining
// positions. Stages after the stem are block1 to block15, torchvision's features.1 to features.15.
func newS3D(n *nn.Node, c Config) Backbone {
	t := &trunk{node: n, input: InputSpec{Dims: 3, Frames: 64, Size: 224}}
	f := n.Child("features")
	add := func(place int, l nn.Layer) { t.layers = append(t.layers, level{fmt.Sprintf("block%d", place), l}) }
	t.stem = s3dSplit(f.Child("0"), 3, 64, 7, 2)
	add(1, maxPool3D([]int{1, 3, 3}, []int{1, 2, 2}, []int{0, 1, 1}))
	add(2, s3dConv(f.Child("2"), 64, 64))
	add(3, s3dSplit(f.Child("3"), 64, 192, 3, 1))
	add(4, maxPool3D([]int{1, 3, 3}, []int{1, 2, 2}, []int{0, 1, 1}))
	width := 192
	for place := 5; place <= 15; place++ {
		switch place {
		case 7:
			add(7, maxPool3D([]int{3, 3, 3}, []int{2, 2, 2}, []int{1, 1, 1}))
		case 13:
			add(13, maxPool3D([]int{2, 2, 2}, []int{2, 2, 2}, []int{0, 0, 0}))
		default:
			var block nn.Layer
			block, width = s3dInceptions[place].build(f.Child(fmt.Sprint(place)), width)
			add(place, block)
		}
	}
	t.features = width
	if c.Classes == 0 {
		return t
	}
	fc := nn.NewConv(n.Child("classifier").Child("1"),
		nn.ConvConfig{In: width, Out: c.Classes, Kernel: []int{1, 1, 1}, Bias: true})
	t.fc = nn.Func(func(x *torch.Tensor) *torch.Tensor {
		return fc.Forward(x.Reshape(-1, width, 1, 1, 1)).Flatten(1, -1)
	})
	return classifier{t}
}

// s3dConvNorm is a convolution with normalisation and ReLU under the names 0 and 1.
func s3dConvNorm(n *nn.Node, c nn.ConvConfig) nn.Sequential {
	norm := nn.BatchNormConfig{Eps: 1e-3, Momentum: 1e-3}
	return append(convNormOf(n.Child("0"), n.Child("1"), c, norm), nn.ReLUInPlace)
}

func s3dConv(n *nn.Node, in, out int) nn.Sequential {
	return s3dConvNorm(n, nn.ConvConfig{In: in, Out: out, Kernel: []int{1, 1, 1}})
}

// s3dSplit convolves over space, then over time.
func s3dSplit(n *nn.Node, in, out, kernel, stride int) nn.Sequential {
	space := nn.ConvConfig{In: in, Out: out, Kernel: []int{1, kernel, kernel}, Stride: []int{1, stride, stride}}
	time := nn.ConvConfig{In: out, Out: out, Kernel: []int{kernel, 1, 1}, Stride: []int{stride, 1, 1}}
	return append(s3dConvNorm(n.Child("0"), space), s3dConvNorm(n.Child("1"), time)...)
}

// build registers the block in n and says how many channels come out.
func (c inception) build(n *nn.Node, in int) (nn.Layer, int) {
	branches := make([]nn.Sequential, 4)
	for i := range branches {
		b := n.Child(fmt.Sprintf("branch%d", i))
		switch i {
		case 0:
			branches[i] = s3dConv(b, in, c.one)
		case 1:
			branches[i] = append(s3dConv(b.Child("0"), in, c.narrow1), s3dSplit(b.Child("1"), c.narrow1, c.branch1, 3, 1)...)
		case 2:
			branches[i] = append(s3dConv(b.Child("0"), in, c.narrow2), s3dSplit(b.Child("1"), c.narrow2, c.branch2, 3, 1)...)
		case 3:
			pool := maxPool3D([]int{3, 3, 3}, []int{1, 1, 1}, []int{1, 1, 1})
			branches[i] = append(nn.Sequential{pool}, s3dConv(b.Child("1"), in, c.pooled)...)
		}
	}
	return nn.Func(func(x *torch.Tensor) *torch.Tensor {
		return nn.Scoped(func() *torch.Tensor {
			var outs []*torch.Tensor
			for _, b := range branches {
				outs = append(outs, b.Forward(x))
			}
			return torch.Cat(outs, 1)
		})
	}), c.one + c.branch1 + c.branch2 + c.pooled
}

func maxPool3D(kernel, stride, padding []int) nn.Layer {
	return nn.Func(func(x *torch.Tensor) *torch.Tensor {
		return torch.MaxPool3d(x, kernel, stride, padding, []int{1, 1, 1}, false)
	})
}
