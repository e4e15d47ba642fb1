package catalogue

import (
	"fmt"

	"vssl/internal/golden"
	"vssl/models"
	"vssl/models/nn"
	"vssl/torch"
)

// encoders of methods that predict one part of a sample from another

func init() {
	registerNetworks(
		network{name: "conv_gru", about: "DPC's convolutional GRU", paper: "1909.04656", x: "[B, T, input, H, W]",
			params: []Param{{"input", 256, "channels"}, {"hidden", 256, "channels of the state"},
				{"kernel", 1, "odd"}, {"layers", 1, "stacked"}},
			outputs: "output state", build: stackedConvGRU},
		network{name: "amdim_encoder", about: "the encoder of AMDIM", paper: "1906.00910", x: "[B, 3, 32, 32]",
			params: []Param{{"ndf", 128, "channels of the first layer"}, {"rkhs", 1024, "channels of the features, >= 4*ndf"},
				{"depth", 3, "layers of a block"}, {"use_bn", false, "normalise inside too"}, {"size", 32, "height and width, 32"}},
			outputs: "all r1 r5 r7", build: amdim},
		network{name: "gim_vision_encoder", about: "the encoder of Greedy InfoMax for pictures", paper: "1905.11786",
			x: "[B, input, H, W]", params: []Param{{"block", "bottleneck", "basic or bottleneck"}, {"blocks", []int{3, 4, 6}, "by layer"},
				{"channels", []int{64, 128, 256}, "by layer"}, {"input", 1, "channels"}, {"patch", 16, "pixels"}, {"stride", 8, "pixels"}},
			outputs: "out z", build: patchNet},
	)
}

func stackedConvGRU(c *golden.Case, n *nn.Node) (golden.Forward, error) {
	g, err := models.NewConvGRU(n, models.ConvGRUConfig{In: c.Int("input"), Hidden: c.Int("hidden"),
		Kernel: c.Int("kernel"), Layers: c.Int("layers")})
	return func(x *torch.Tensor) golden.Outputs {
		outputs, states := g.Forward(x)
		return golden.Outputs{"output": outputs, "state": states}
	}, err
}

func amdim(c *golden.Case, n *nn.Node) (golden.Forward, error) {
	if size := c.Int("size"); size != 32 {
		return nil, fmt.Errorf("size is %d, want 32", size)
	}
	a, err := models.NewAMDIM(n, models.AMDIMConfig{Width: c.Int("ndf"), Out: c.Int("rkhs"), Depth: c.Int("depth"),
		Norm: c.Bool("use_bn")})
	return func(x *torch.Tensor) golden.Outputs {
		f := a.Scales(x)
		out := golden.Outputs{"r1": f.R1, "r5": f.R5, "r7": f.R7}
		out["all"] = torch.Cat([]*torch.Tensor{f.R1.Flatten(1, -1), f.R5.Flatten(1, -1), f.R7.Flatten(1, -1)}, 1)
		return out
	}, err
}

func patchNet(c *golden.Case, n *nn.Node) (golden.Forward, error) {
	block := c.Text("block")
	if block != "basic" && block != "bottleneck" {
		return nil, fmt.Errorf("block is %q, want basic or bottleneck", block)
	}
	p, err := models.NewPatchNet(n, models.PatchNetConfig{In: c.Int("input"), Bottleneck: block == "bottleneck",
		Blocks: c.IntList("blocks"), Widths: c.IntList("channels"), Patch: c.Int("patch"), Stride: c.Int("stride")})
	return func(x *torch.Tensor) golden.Outputs {
		out, z := p.Patches(x)
		return golden.Outputs{"out": out, "z": z}
	}, err
}
