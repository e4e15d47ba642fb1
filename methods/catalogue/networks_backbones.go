package catalogue

import (
	"vssl/internal/golden"
	"vssl/models"
	"vssl/models/nn"
	"vssl/torch"
)

// the networks that models.Build knows, with the classifier of torchvision where it has them

const (
	picturesIn = "[B, 3, H, W]"
	clipsIn    = "[B, 3, T, H, W]"
)

func init() {
	const outputs = "logits features layer2"
	registerNetworks(
		network{name: "resnet18", about: "ResNet-18 for pictures", paper: "1512.03385", x: picturesIn, outputs: outputs,
			build: staged("resnet18", 1000, "layer2")},
		network{name: "resnet34", about: "ResNet-34 for pictures", paper: "1512.03385", x: picturesIn, outputs: outputs,
			build: staged("resnet34", 1000, "layer2")},
		network{name: "resnet50", about: "ResNet-50 (v1.5) for pictures", paper: "1512.03385", x: picturesIn, outputs: outputs,
			build: staged("resnet50", 1000, "layer2")},
		network{name: "r3d_18", about: "3D ResNet-18", paper: "1711.11248", x: clipsIn, outputs: outputs,
			build: staged("r3d_18", 400, "layer2")},
		network{name: "mc3_18", about: "3D convolutions in the first layer, then by frame", paper: "1711.11248", x: clipsIn,
			outputs: outputs, build: staged("mc3_18", 400, "layer2")},
		network{name: "r2plus1d_18", about: "3D convolutions split into space and time", paper: "1711.11248", x: clipsIn,
			outputs: outputs, build: staged("r2plus1d_18", 400, "layer2")},
		network{name: "s3d", about: "S3D, inception blocks split into space and time", paper: "1712.04851", x: clipsIn,
			params:  []Param{{"repeat", 4, "times that every value is repeated along T, H and W first"}},
			outputs: "logits block6 features", build: repeated(staged("s3d", 400, "block6"))},
		network{name: "alexnet", about: "AlexNet for pictures", paper: "1404.5997", x: picturesIn, outputs: "logits features",
			single: true, build: alexNet},
		network{name: "corrflow_encoder", about: "ResNet-18 of CorrFlow and MAST", paper: "1905.00875", x: picturesIn,
			outputs: "features", build: corrFlow},
		network{name: "resnet18_2d3d", about: "ResNet-18 of DPC and MemDPC", paper: "1909.04656", x: clipsIn,
			params: []Param{tracked(false)}, outputs: "features", build: resNet2D3D(18)},
		network{name: "resnet50_2d3d", about: "ResNet-50 of DPC and MemDPC", paper: "1909.04656", x: clipsIn,
			params: []Param{tracked(true)}, outputs: "features", build: resNet2D3D(50)},
	)
}

func tracked(standard bool) Param {
	return Param{"track_running_stats", standard, "false: no running statistics, those of the batch in evaluation too"}
}

type builder = func(c *golden.Case, n *nn.Node) (golden.Forward, error)

// staged builds the network of that name with a classifier, runs it by its stages and answers features, logits and the mean
// over the positions of the named stage.
func staged(name string, classes int, stage string) builder {
	return func(_ *golden.Case, n *nn.Node) (golden.Forward, error) {
		b, err := models.Build(name, models.Config{Classes: classes}, n)
		return func(x *torch.Tensor) golden.Outputs {
			out := golden.Outputs{}
			stages := b.Stages(x)
			for _, s := range stages {
				if s.Name == stage {
					out[stage] = nn.GlobalAverage.Forward(s.Activation)
				}
			}
			out["features"] = nn.GlobalAverage.Forward(stages[len(stages)-1].Activation)
			out["logits"] = b.(models.Classifier).Logits(out["features"])
			return out
		}, err
	}
}

// repeated repeats every value of a clip `repeat` times along time, height and width before the network sees it.
func repeated(build builder) builder {
	return func(c *golden.Case, n *nn.Node) (golden.Forward, error) {
		forward, err := build(c, n)
		times := c.Int("repeat")
		return func(x *torch.Tensor) golden.Outputs {
			return forward(x.RepeatInterleave(times, 2).RepeatInterleave(times, 3).RepeatInterleave(times, 4))
		}, err
	}
}

func alexNet(_ *golden.Case, n *nn.Node) (golden.Forward, error) {
	b, err := models.Build("alexnet", models.Config{Classes: 1000}, n)
	return func(x *torch.Tensor) golden.Outputs {
		features := b.Forward(x)
		return golden.Outputs{"features": features, "logits": b.(models.Classifier).Logits(features)}
	}, err
}

func corrFlow(_ *golden.Case, n *nn.Node) (golden.Forward, error) {
	b, err := models.Build("corrflow_encoder", models.Config{}, n)
	return dense(b), err
}

func resNet2D3D(depth int) builder {
	return func(c *golden.Case, n *nn.Node) (golden.Forward, error) {
		b, err := models.NewResNet2D3D(n, models.ResNet2D3DConfig{Depth: depth, BatchStatistics: !c.Bool("track_running_stats")})
		return dense(b), err
	}
}

// dense answers the last activation as it is.
func dense(b models.Backbone) golden.Forward {
	return func(x *torch.Tensor) golden.Outputs {
		stages := b.Stages(x)
		return golden.Outputs{"features": stages[len(stages)-1].Activation}
	}
}
