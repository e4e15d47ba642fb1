package models

import (
	"fmt"
	"slices"

	"vssl/internal/keys"
	"vssl/models/nn"
	"vssl/torch"
)

// Backbone is a network that turns clips or pictures into features.
type Backbone interface {
	// Forward returns the features [B, F] of x, the mean of the last stage over time and space (alexnet: over each cell of
	// a grid of 6x6). x is [B, 3, T, H, W] where Input().Dims is 3, else [B, 3, H, W]. It panics with a *torch.Error for
	// another shape.
	Forward(x *torch.Tensor) *torch.Tensor
	// Stages returns the activations after every stage, in the order in which x meets them.
	Stages(x *torch.Tensor) []Stage
	// Features is F.
	Features() int
	// Input says what Forward takes.
	Input() InputSpec
	// Node is the level of the tree that holds the network's tensors.
	Node() *nn.Node
}

// Classifier is a backbone built with Config.Classes.
type Classifier interface {
	Backbone
	// Logits maps features [B, F] to [B, Config.Classes].
	Logits(features *torch.Tensor) *torch.Tensor
}

// Stage is a named intermediate result.
type Stage struct {
	Name       string        // stem, layer1, layer2, ...
	Activation *torch.Tensor // [B, C, T, H, W] or [B, C, H, W]
}

// InputSpec says what a backbone takes, and what its designers trained it on.
type InputSpec struct {
	Dims   int // 2: pictures, 3: clips
	Frames int // 1 for pictures
	Size   int // height and width in pixels
}

// The stems of a network. StemImageNet, the default, cuts height and width to a quarter (pictures) or a half (clips);
// StemSmall keeps them, for pictures of 32 pixels and the like. Networks that were published with one stem have no other and
// take the default.
const (
	StemImageNet = "imagenet"
	StemSmall    = "small"
)

// Config holds what all backbones can be asked for.
type Config struct {
	Stem    string `yaml:"stem"`    // imagenet or small; "" is imagenet
	Classes int    `yaml:"classes"` // > 0 adds a classifier for that many classes, torchvision's where it has the network
}

// Info describes a backbone that Build knows.
type Info struct {
	Name     string
	Input    InputSpec
	Features int
	Params   int    // parameters of the network as it is built by default, without a classifier
	Source   string // paper, as arXiv id where there is one
	Summary  string // one line
}

// architecture is a row of the table: what is known of a backbone before it is built, and how to build it.
type architecture struct {
	Info
	build func(n *nn.Node, c Config) Backbone
	stems []string // that it can be built with
}

// table lists the backbones by name of the function that builds each; its order is the order of `vssl models`.
var table = []architecture{
	{Info{"r3d_18", clip16, 512, 33166272, "1711.11248", "3D ResNet-18, 3x3x3 convolutions throughout"},
		newR3D18, bothStems},
	{Info{"mc3_18", clip16, 512, 11490240, "1711.11248", "3D convolutions in the first layer, then by frame"},
		newMC318, bothStems},
	{Info{"r2plus1d_18", clip16, 512, 31300125, "1711.11248", "each 3D convolution split into space and time"},
		newR2Plus1D18, bothStems},
	{Info{"s3d", InputSpec{3, 64, 224}, 1024, 7910048, "1712.04851", "inception blocks split into space and time"},
		newS3D, ownStem},
	{Info{"resnet18_2d3d", InputSpec{3, 5, 128}, 256, 14057536, "1909.04656", "ResNet-18 of DPC: first by frame, then over time"},
		newResNet2D3D(18), ownStem},
	{Info{"resnet50_2d3d", InputSpec{3, 5, 128}, 1024, 23562304, "1909.04656", "the same with the bottlenecks of ResNet-50"},
		newResNet2D3D(50), ownStem},
	{Info{"tiny3d", InputSpec{3, 8, 64}, 128, 903984, "", "small 3D ResNet for demonstrations and tests, fast on a CPU"},
		newTiny3D, bothStems},
	{Info{"tiny2d", picture, 128, 309456, "", "small ResNet for demonstrations and tests, fast on a CPU"},
		newTiny2D, bothStems},
	{Info{"resnet18", picture, 512, 11176512, "1512.03385", "ResNet-18 for pictures"}, newResNet18, bothStems},
	{Info{"resnet34", picture, 512, 21284672, "1512.03385", "ResNet-34 for pictures"}, newResNet34, bothStems},
	{Info{"resnet50", picture, 2048, 23508032, "1512.03385", "ResNet-50 (v1.5) for pictures"}, newResNet50, bothStems},
	{Info{"alexnet", picture, 9216, 2469696, "1404.5997", "AlexNet for pictures, features of 6x6 positions"},
		newAlexNet, ownStem},
	{Info{"clusternet5g", InputSpec{2, 1, 96}, 512, 21276992, "1807.06653", "ResNet-34 of IIC for small pictures"},
		newClusterNet5g, ownStem},
	{Info{"corrflow_encoder", InputSpec{2, 1, 256}, 64, 5291648, "1905.00875", "ResNet-18 of CorrFlow and MAST, dense features"},
		newCorrFlow, ownStem},
	{Info{"amdim_encoder", InputSpec{2, 1, 32}, 1024, 20051200, "1906.00910", "AMDIM's network for small pictures, at three scales"},
		newAMDIM, ownStem},
	{Info{"dim_convnet", InputSpec{2, 1, 32}, 64, 4921280, "1808.06670", "Deep InfoMax's network for small pictures, 32x32 only"},
		newDIM, ownStem},
	{Info{"gim_vision_encoder", InputSpec{2, 1, 64}, 1024, 8523392, "1905.11786", "Greedy InfoMax's network, each patch alone"},
		newGIM, ownStem},
}

// What the rows of the table can be built with.
var (
	bothStems = []string{StemImageNet, StemSmall}
	ownStem   = []string{StemImageNet} // their designers' only one
)

var (
	clip16  = InputSpec{Dims: 3, Frames: 16, Size: 112}
	picture = InputSpec{Dims: 2, Frames: 1, Size: 224}
)

// All describes every backbone.
func All() []Info {
	infos := make([]Info, len(table))
	for i, a := range table {
		infos[i] = a.Info
	}
	return infos
}

// Names lists the names that Build takes.
func Names() []string {
	names := make([]string, len(table))
	for i, a := range table {
		names[i] = a.Name
	}
	return names
}

// Build registers the backbone of that name in n, which should be empty, and draws its initial weights from the
// generator that torch.Seed sets. It returns an error that names the nearest backbone or stem if there is none.
func Build(name string, c Config, n *nn.Node) (Backbone, error) {
	if c.Stem == "" {
		c.Stem = StemImageNet
	}
	if c.Stem != StemImageNet && c.Stem != StemSmall {
		return nil, unknown("stem", c.Stem, []string{StemImageNet, StemSmall})
	}
	if c.Classes < 0 {
		return nil, fmt.Errorf("classes is %d, want 0 (no classifier) or more", c.Classes)
	}
	for _, a := range table {
		if a.Name != name {
			continue
		}
		if !slices.Contains(a.stems, c.Stem) {
			return nil, fmt.Errorf("model %q has no stem %q, want %q, which may be left out", name, c.Stem, a.stems)
		}
		return inScope(func() Backbone { return a.build(n, c) }), nil
	}
	return nil, unknown("model", name, Names())
}

// inScope builds something in a scope of its own: what the draws of the weights leave behind is freed.
func inScope[T any](build func() T) (built T) {
	torch.In(func(*torch.Scope) { built = build() })
	return built
}

func unknown(what, got string, known []string) error {
	if near := keys.Nearest(got, known); near != "" {
		return fmt.Errorf("%s %q is unknown; did you mean %q?", what, got, near)
	}
	return fmt.Errorf("%s %q is unknown, want one of %q", what, got, known)
}
