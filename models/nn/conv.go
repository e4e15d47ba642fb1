package nn

import (
	"fmt"

	"vssl/torch"
)

// ConvConfig describes a convolution over len(Kernel) = 1, 2 or 3 dimensions.
type ConvConfig struct {
	In, Out int   // channels
	Kernel  []int // by dimension, outermost first
	Stride  []int // nil: 1 everywhere
	Padding []int // on both sides; nil: (kernel - 1) / 2, which keeps the size at stride 1 for odd kernels
	Groups  int   // 0: 1
	Bias    bool  // starts at zero
}

// Conv is a convolution. Its parameters are weight [Out, In/Groups, Kernel...] and, if asked for, bias [Out].
type Conv struct {
	config       ConvConfig
	weight, bias *Entry // bias is nil without one
	apply        func(x, w, b *torch.Tensor, stride, padding, dilation []int, groups int) *torch.Tensor
	dilation     []int
}

// NewConv registers a convolution's parameters in n, the weight drawn by torchvision's rule for networks with ReLU. It
// panics if the lengths in c do not agree or In is not a multiple of Groups.
func NewConv(n *Node, c ConvConfig) *Conv {
	dims := len(c.Kernel)
	c.Groups = max(c.Groups, 1)
	if c.Stride == nil {
		c.Stride = repeat(1, dims)
	}
	if c.Padding == nil {
		for _, k := range c.Kernel {
			c.Padding = append(c.Padding, (k-1)/2)
		}
	}
	if dims < 1 || dims > 3 || len(c.Stride) != dims || len(c.Padding) != dims || c.In%c.Groups != 0 {
		panic(fmt.Sprintf("nn: %s: impossible convolution %+v", n.Path(), c))
	}
	l := &Conv{config: c, dilation: repeat(1, dims)}
	l.apply = [...]func(x, w, b *torch.Tensor, stride, padding, dilation []int, groups int) *torch.Tensor{
		torch.Conv1d, torch.Conv2d, torch.Conv3d}[dims-1]
	l.weight = n.Param("weight", kaimingFanOut(append([]int{c.Out, c.In / c.Groups}, c.Kernel...)))
	if c.Bias {
		l.bias = n.Param("bias", torch.Zeros([]int{c.Out}, torch.Float32, torch.CPU))
	}
	return l
}

// Forward maps [B, In, ...] to [B, Out, ...] and keeps the memory format of x.
func (l *Conv) Forward(x *torch.Tensor) *torch.Tensor {
	c := &l.config
	return l.apply(x, l.weight.Tensor, tensorOf(l.bias), c.Stride, c.Padding, l.dilation, c.Groups)
}

// tensorOf is the tensor of an entry that may be absent.
func tensorOf(e *Entry) *torch.Tensor {
	if e == nil {
		return nil
	}
	return e.Tensor
}

func repeat(v, n int) []int {
	s := make([]int, n)
	for i := range s {
		s[i] = v
	}
	return s
}
