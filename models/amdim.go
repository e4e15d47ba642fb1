package models

import (
	"fmt"

	"vssl/models/nn"
	"vssl/torch"
)

// amdimSize is the height and width in pixels of the pictures.
const amdimSize = 32

// AMDIMConfig describes the encoder of AMDIM (1906.00910) for pictures of 32x32.
type AMDIMConfig struct {
	Width int  // channels of the first layer, ndf; later ones have twice and four times as many
	Out   int  // channels of the features, >= 4*Width
	Depth int  // residual layers of a block, >= 1
	Norm  bool // normalise inside the network too, not only what it puts out
}

// AMDIM is the encoder of AMDIM: it gives features of a picture at three scales, to be compared with each other. As a backbone
// its features are those of the whole picture.
type AMDIM struct {
	*trunk
	local5, local7 nn.Layer
}

var _ Backbone = (*AMDIM)(nil)

// NewAMDIM registers the encoder in n. With Norm unset the parameters of the normalisations that are left out exist all the
// same, as the authors' do. It returns an error where a count is impossible.
func NewAMDIM(n *nn.Node, c AMDIMConfig) (*AMDIM, error) {
	switch {
	case c.Width < 1 || c.Depth < 1:
		return nil, fmt.Errorf("width and depth are %d and %d, want 1 or more", c.Width, c.Depth)
	case c.Out < 4*c.Width:
		return nil, fmt.Errorf("%d channels come out, want four times the width (%d) or more", c.Out, 4*c.Width)
	}
	return inScope(func() *AMDIM {
		t := &trunk{node: n, input: InputSpec{Dims: 2, Frames: 1, Size: amdimSize}, features: c.Out}
		l := n.Child("layer_list")
		add := func(layer func(n *nn.Node) nn.Layer) {
			place := len(t.layers) + 1
			t.layers = append(t.layers, level{fmt.Sprintf("layer%d", place), layer(l.Child(fmt.Sprint(place)))})
		}
		w := c.Width
		t.stem = nn.Sequential{nn.NewConv(l.Child("0").Child("conv"), unpadded(3, w, 3, 1, true)), nn.ReLUInPlace}
		add(func(n *nn.Node) nn.Layer { return c.residual(n, w, w, 1, 1) })
		add(func(n *nn.Node) nn.Layer { return c.block(n, w, 2*w, 4, 2) })
		add(func(n *nn.Node) nn.Layer { return c.block(n, 2*w, 4*w, 2, 2) })
		add(func(n *nn.Node) nn.Layer { return optionalNorm(n, 4*w, c.Norm) })
		add(func(n *nn.Node) nn.Layer { return c.block(n, 4*w, 4*w, 3, 1) })
		add(func(n *nn.Node) nn.Layer { return c.block(n, 4*w, 4*w, 3, 1) })
		add(func(n *nn.Node) nn.Layer { return c.residual(n, 4*w, c.Out, 3, 1) })
		add(func(n *nn.Node) nn.Layer { return optionalNorm(n, c.Out, true) })
		a := &AMDIM{trunk: t}
		a.local5 = c.projection(n.Child("rkhs_block_5"), 4*w)
		a.local7 = c.projection(n.Child("rkhs_block_7"), 4*w)
		return a
	}), nil
}

// AMDIMFeatures are those of a batch of pictures.
type AMDIMFeatures struct {
	R1 *torch.Tensor // [B, Out, 1, 1]
	R5 *torch.Tensor // [B, Out, 5, 5]
	R7 *torch.Tensor // [B, Out, 7, 7]
}

// Scales runs pictures [B, 3, 32, 32]. It panics for another size.
func (a *AMDIM) Scales(x *torch.Tensor) AMDIMFeatures {
	if h, w := x.Dim(2), x.Dim(3); h != amdimSize || w != amdimSize {
		panic(fmt.Sprintf("models: pictures of %dx%d pixels, the encoder of AMDIM takes %dx%d", h, w, amdimSize, amdimSize))
	}
	var f AMDIMFeatures
	var at5, at7 *torch.Tensor // of the layers with that height, the last
	for _, s := range a.Stages(x) {
		f.R1 = s.Activation
		switch s.Activation.Dim(2) {
		case 5:
			at5 = s.Activation
		case 7:
			at7 = s.Activation
		}
	}
	f.R5, f.R7 = a.local5.Forward(at5), a.local7.Forward(at7)
	return f
}

// newAMDIM builds the authors' smallest encoder for pictures of 32x32.
func newAMDIM(n *nn.Node, c Config) Backbone {
	a, err := NewAMDIM(n, AMDIMConfig{Width: 128, Out: 1024, Depth: 3})
	if err != nil {
		panic(err)
	}
	if c.Classes > 0 {
		return a.finish(c, 0)
	}
	return a
}

// unpadded is a convolution without padding.
func unpadded(in, out, kernel, stride int, bias bool) nn.ConvConfig {
	c := conv2D(in, out, kernel, stride)
	c.Padding, c.Bias = []int{0, 0}, bias
	return c
}

// optionalNorm registers a normalisation in n, which acts only if on.
func optionalNorm(n *nn.Node, channels int, on bool) nn.Layer {
	norm := nn.NewBatchNorm(n.Child("bn"), nn.BatchNormConfig{Features: channels})
	if !on {
		return nn.Sequential{}
	}
	return norm
}

// residual is a convolution, ReLU and a 1x1 convolution, plus the averages of the input under the same kernel; channels that
// the input lacks count as zero.
func (c AMDIMConfig) residual(n *nn.Node, in, out, kernel, stride int) nn.Layer {
	first := nn.NewConv(n.Child("conv1"), unpadded(in, out, kernel, stride, false))
	second := nn.NewConv(n.Child("conv2"), unpadded(out, out, 1, 1, false))
	body := nn.Sequential{first, optionalNorm(n.Child("bn1"), out, c.Norm), nn.ReLUInPlace, second}
	return nn.Func(func(x *torch.Tensor) *torch.Tensor {
		return nn.Scoped(func() *torch.Tensor {
			y, shortcut := body.Forward(x), x
			if kernel > 1 {
				shortcut = torch.AvgPool2d(x, []int{kernel, kernel}, []int{stride, stride}, []int{0, 0}, false, true)
			}
			if out > in {
				shortcut = shortcut.Pad([]int{0, 0, 0, 0, 0, out - in}, 0)
			}
			return y.Add(shortcut)
		})
	})
}

// block is a residual layer of the given kernel and others of 1x1, Depth in all.
func (c AMDIMConfig) block(n *nn.Node, in, out, kernel, stride int) nn.Layer {
	list := n.Child("layer_list")
	s := nn.Sequential{c.residual(list.Child("0"), in, out, kernel, stride)}
	for i := 1; i < c.Depth; i++ {
		s = append(s, c.residual(list.Child(fmt.Sprint(i)), out, out, 1, 1))
	}
	return s
}

// projection maps local features to those that are compared, each position alone.
func (c AMDIMConfig) projection(n *nn.Node, in int) nn.Layer {
	first := nn.NewConv(n.Child("conv1"), unpadded(in, c.Out, 1, 1, false))
	second := nn.NewConv(n.Child("conv2"), unpadded(c.Out, c.Out, 1, 1, false))
	body := nn.Sequential{first, optionalNorm(n.Child("bn_hid"), c.Out, c.Norm), nn.ReLUInPlace, second}
	norm := optionalNorm(n.Child("bn_out"), c.Out, true)
	shortcut := nn.NewConv(n.Child("shortcut"), unpadded(in, c.Out, 1, 1, true))
	return nn.Func(func(x *torch.Tensor) *torch.Tensor {
		return norm.Forward(body.Forward(x).Add(shortcut.Forward(x)))
	})
}
