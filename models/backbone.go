package models

import (
	"fmt"

	"vssl/internal/keys"
	"vssl/models/nn"
	"vssl/torch"
)

// Backbone is a network that turns clips or pictures into features.
type Backbone interface {
	// Forward returns the features [B, F] of x, the mean of the last stage over time and space. x is [B, 3, T, H, W]
	// where Input().Dims is 3, else [B, 3, H, W]. It panics with a *torch.Error for another shape.
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
// StemSmall keeps them, for pictures of 32 pixels and the like.
const (
	StemImageNet = "imagenet"
	StemSmall    = "small"
)

// Config holds what all backbones can be asked for.
type Config struct {
	Stem    string `yaml:"stem"`    // imagenet or small; "" is imagenet
	Classes int    `yaml:"classes"` // > 0 adds torchvision's classifier `fc` for that many classes
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
}

// table lists the backbones by name of the function that builds each; its order is the order of `vssl models`.
var table = []architecture{
	{Info{"r3d_18", clip16, 512, 33166272, "1711.11248", "3D ResNet-18, 3x3x3 convolutions throughout"}, newR3D18},
	{Info{"mc3_18", clip16, 512, 11490240, "1711.11248", "3D convolutions in the first layer, then by frame"}, newMC318},
	{Info{"r2plus1d_18", clip16, 512, 31300125, "1711.11248", "each 3D convolution split into space and time"}, newR2Plus1D18},
	{Info{"tiny3d", InputSpec{3, 8, 64}, 128, 903984, "", "small 3D ResNet for demonstrations and tests, fast on a CPU"}, newTiny3D},
	{Info{"resnet18", picture, 512, 11176512, "1512.03385", "ResNet-18 for pictures"}, newResNet18},
	{Info{"resnet50", picture, 2048, 23508032, "1512.03385", "ResNet-50 (v1.5) for pictures"}, newResNet50},
}

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
		var b Backbone
		torch.In(func(*torch.Scope) { b = a.build(n, c) })
		return b, nil
	}
	return nil, unknown("model", name, Names())
}

func unknown(what, got string, known []string) error {
	if near := keys.Nearest(got, known); near != "" {
		return fmt.Errorf("%s %q is unknown; did you mean %q?", what, got, near)
	}
	return fmt.Errorf("%s %q is unknown, want one of %q", what, got, known)
}
