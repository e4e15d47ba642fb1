package models_test

import (
	"fmt"
	"strings"
	"testing"

	"vssl/models"
	"vssl/models/nn"
	"vssl/torch"
)

// constructors are the networks that models.Build does not know, in a small size.
var constructors = map[string]func(n *nn.Node) error{
	"AMDIM": func(n *nn.Node) error {
		_, err := models.NewAMDIM(n, models.AMDIMConfig{Width: 2, Out: 8, Depth: 2})
		return err
	},
	"ClusterNet": func(n *nn.Node) error {
		_, err := models.NewClusterNet(n, models.ClusterNetConfig{Channels: 2, Size: 32, Outputs: 3, Heads: 2})
		return err
	},
	"ConvGRU": func(n *nn.Node) error {
		_, err := models.NewConvGRU(n, models.ConvGRUConfig{In: 3, Hidden: 2, Kernel: 3, Layers: 2})
		return err
	},
	"PatchNet": func(n *nn.Node) error {
		_, err := models.NewPatchNet(n, patches)
		return err
	},
	"ResNet2D3D": func(n *nn.Node) error {
		_, err := models.NewResNet2D3D(n, models.ResNet2D3DConfig{Depth: 18, BatchStatistics: true})
		return err
	},
	"InfoMaxNet":        func(n *nn.Node) error { models.NewInfoMaxNet(n, 4); return nil },
	"InfoMaxProjection": func(n *nn.Node) error { models.NewInfoMaxProjection(n, 3, 4); return nil },
	"SelfLabelHead": func(n *nn.Node) error {
		models.NewSelfLabelHead(n, models.SelfLabelHeadConfig{In: 3, Hidden: 4, Out: 2})
		return nil
	},
	"SpectrogramNet": func(n *nn.Node) error { models.NewSpectrogramNet(n); return nil },
	"WaveNet":        func(n *nn.Node) error { models.NewWaveNet(n); return nil },
}

var patches = models.PatchNetConfig{In: 1, Bottleneck: true, Blocks: []int{1, 2}, Widths: []int{2, 3}, Patch: 8, Stride: 4}

// TestConstructorsLeaveOnlyParameters: no draw of a weight outlives the building, and nothing outlives the tree.
func TestConstructorsLeaveOnlyParameters(t *testing.T) {
	for name, build := range constructors {
		before := torch.Live()
		scope := torch.NewScope()
		root := nn.NewRoot(scope)
		if err := build(root); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		tensors := 0
		for range root.All() {
			tensors++
		}
		if got := torch.Live() - before; got != tensors || tensors == 0 {
			t.Errorf("%s: %d tensors live, the tree has %d", name, got, tensors)
		}
		scope.Close()
		if got := torch.Live() - before; got != 0 {
			t.Errorf("%s: %d tensors outlive the tree", name, got)
		}
	}
}

// TestNamesOfConstructors holds the state dicts of two networks whose names are out of the ordinary.
func TestNamesOfConstructors(t *testing.T) {
	for name, want := range map[string]string{
		"ConvGRU": `ConvGRUCell_00.reset_gate.weight[2 5 3 3] ConvGRUCell_00.reset_gate.bias[2]
			ConvGRUCell_00.update_gate.weight[2 5 3 3] ConvGRUCell_00.update_gate.bias[2]
			ConvGRUCell_00.out_gate.weight[2 5 3 3] ConvGRUCell_00.out_gate.bias[2]
			ConvGRUCell_01.reset_gate.weight[2 4 3 3] ConvGRUCell_01.reset_gate.bias[2]
			ConvGRUCell_01.update_gate.weight[2 4 3 3] ConvGRUCell_01.update_gate.bias[2]
			ConvGRUCell_01.out_gate.weight[2 4 3 3] ConvGRUCell_01.out_gate.bias[2]`,
		"PatchNet": `model.Conv1.weight[2 1 5 5] model.Conv1.bias[2]
			model.layer 0.0.conv1.weight[2 2 1 1] model.layer 0.0.conv1.bias[2]
			model.layer 0.0.conv2.weight[2 2 3 3] model.layer 0.0.conv2.bias[2]
			model.layer 0.0.conv3.weight[8 2 1 1] model.layer 0.0.conv3.bias[8]
			model.layer 0.0.shortcut.0.weight[8 2 1 1] model.layer 0.0.shortcut.0.bias[8]
			model.layer 1.0.conv1.weight[3 8 1 1] model.layer 1.0.conv1.bias[3]
			model.layer 1.0.conv2.weight[3 3 3 3] model.layer 1.0.conv2.bias[3]
			model.layer 1.0.conv3.weight[12 3 1 1] model.layer 1.0.conv3.bias[12]
			model.layer 1.0.shortcut.0.weight[12 8 1 1] model.layer 1.0.shortcut.0.bias[12]
			model.layer 1.1.conv1.weight[3 12 1 1] model.layer 1.1.conv1.bias[3]
			model.layer 1.1.conv2.weight[3 3 3 3] model.layer 1.1.conv2.bias[3]
			model.layer 1.1.conv3.weight[12 3 1 1] model.layer 1.1.conv3.bias[12]`,
	} {
		scope := torch.NewScope()
		root := nn.NewRoot(scope)
		if err := constructors[name](root); err != nil {
			t.Fatal(err)
		}
		var got []string
		for name, e := range root.All() {
			got = append(got, fmt.Sprint(name, e.Tensor.Shape()))
		}
		if want := strings.Join(strings.Fields(want), " "); strings.Join(got, " ") != want {
			t.Errorf("%s has\n%s\nwant\n%s", name, strings.Join(got, " "), want)
		}
		scope.Close()
	}
}

// TestClassifiers: backbones whose last steps differ from those of a ResNet give features and logits of the promised shapes,
// and leave nothing else behind.
func TestClassifiers(t *testing.T) {
	for name, shape := range map[string][]int{
		"s3d": {2, 3, 8, 64, 64}, "resnet18_2d3d": {2, 3, 5, 64, 64}, "alexnet": {2, 3, 80, 64}, "corrflow_encoder": {2, 3, 16, 24},
		"dim_convnet": {2, 3, 32, 32}, "gim_vision_encoder": {2, 3, 24, 16},
	} {
		t.Run(name, func(t *testing.T) {
			b, root := build(t, name, models.Config{Classes: 3})
			root.SetTraining(false)
			torch.NoGrad(func() {
				torch.In(func(*torch.Scope) {
					x := torch.Randn(shape, torch.Float32, torch.CPU)
					before := torch.Live()
					features := b.Forward(x)
					if left := torch.Live() - before; left != 1 {
						t.Errorf("Forward leaves %d tensors, want the features", left)
					}
					logits := b.(models.Classifier).Logits(features)
					if !equal(features.Shape(), []int{2, b.Features()}) || !equal(logits.Shape(), []int{2, 3}) {
						t.Errorf("features %v, logits %v", features.Shape(), logits.Shape())
					}
				})
			})
		})
	}
}

// TestImpossibleConfigurations: the error says what was found and what is wanted.
func TestImpossibleConfigurations(t *testing.T) {
	root := nn.NewRoot(torch.NewScope()) // stays empty
	expect := func(want string) func(any, error) {
		return func(_ any, err error) {
			t.Helper()
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("got %v, want %s", err, want)
			}
		}
	}
	expect(`model "alexnet" has no stem "small", want ["imagenet"]`)(models.Build("alexnet", models.Config{Stem: "small"}, root))
	expect("depth is 19, want 18, 34 or 50")(models.NewResNet2D3D(root, models.ResNet2D3DConfig{Depth: 19}))
	clusters := models.ClusterNetConfig{Channels: 3, Size: 48, Outputs: 1}
	expect("size is 48, want 32, 64 or 96")(models.NewClusterNet(root, clusters))
	clusters.Size = 32
	expect("channels, outputs and heads are 3, 1 and 0")(models.NewClusterNet(root, clusters))
	gru := models.ConvGRUConfig{In: 1, Hidden: 1, Kernel: 2, Layers: 1, Dropout: 1}
	expect("kernel is 2, want an odd number")(models.NewConvGRU(root, gru))
	gru.Kernel = 1
	expect("dropout is 1, want 0 or more and less than 1")(models.NewConvGRU(root, gru))
	narrow := models.AMDIMConfig{Width: 2, Out: 7, Depth: 1}
	expect("7 channels come out, want four times the width (8)")(models.NewAMDIM(root, narrow))
	uneven := patches
	uneven.Blocks = []int{1}
	expect("blocks are [1] and widths [2 3], want one of each")(models.NewPatchNet(root, uneven))
	for name := range root.All() {
		t.Errorf("%s is registered", name)
	}
}

// TestPatchesAreSeenAlone: what a patch shows changes its own features and no others.
func TestPatchesAreSeenAlone(t *testing.T) {
	scope := torch.NewScope()
	defer scope.Close()
	torch.Seed(1)
	apart := models.PatchNetConfig{In: 1, Blocks: []int{1}, Widths: []int{4}, Patch: 8, Stride: 8}
	p, err := models.NewPatchNet(nn.NewRoot(scope), apart)
	if err != nil {
		t.Fatal(err)
	}
	torch.In(func(*torch.Scope) {
		x := torch.Randn([]int{1, 1, 16, 24}, torch.Float32, torch.CPU)
		before, _ := p.Patches(x)
		x.Narrow(2, 8, 8).Narrow(3, 16, 8).Copy_(torch.Zeros([]int{1, 1, 8, 8}, torch.Float32, torch.CPU))
		after, _ := p.Patches(x)
		changed := after.Sub(before).Abs().AmaxDims(false, 0, 1).Detach().Float32s()
		for i, d := range changed {
			if (d > 0) != (i == 5) {
				t.Errorf("patch %d of 2x3 changes by %g", i, d)
			}
		}
	})
}

// TestConvGRUDropsOnlyInTraining: with dropout a state has zeros in training and none in evaluation.
func TestConvGRUDropsOnlyInTraining(t *testing.T) {
	scope := torch.NewScope()
	defer scope.Close()
	torch.Seed(1)
	root := nn.NewRoot(scope)
	g, err := models.NewConvGRU(root, models.ConvGRUConfig{In: 2, Hidden: 8, Kernel: 1, Layers: 1, Dropout: 0.5})
	if err != nil {
		t.Fatal(err)
	}
	for _, training := range []bool{true, false} {
		root.SetTraining(training)
		torch.In(func(*torch.Scope) {
			_, state := g.Forward(torch.Randn([]int{2, 3, 2, 4, 4}, torch.Float32, torch.CPU))
			if zeros := state.EqScalar(0).To(torch.Float32).Mean().Float(); (zeros > 0.3) != training {
				t.Errorf("training %v: a share of %g is zero", training, zeros)
			}
		})
	}
}
