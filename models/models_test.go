package models_test

import (
	"math"
	"strings"
	"testing"

	"vssl/models"
	"vssl/models/nn"
	"vssl/torch"
)

// build makes a backbone for one test.
func build(t *testing.T, name string, c models.Config) (models.Backbone, *nn.Node) {
	t.Helper()
	scope := torch.NewScope()
	t.Cleanup(scope.Close)
	torch.Seed(1)
	root := nn.NewRoot(scope)
	b, err := models.Build(name, c, root)
	if err != nil {
		t.Fatal(err)
	}
	return b, root
}

// TestTable holds what the table says against what is built.
func TestTable(t *testing.T) {
	for _, info := range models.All() {
		t.Run(info.Name, func(t *testing.T) {
			before := torch.Live()
			b, root := build(t, info.Name, models.Config{})
			if root.NumParams() != info.Params || b.Features() != info.Features || b.Input() != info.Input {
				t.Errorf("built %d parameters, %d features, input %+v, the table says %+v",
					root.NumParams(), b.Features(), b.Input(), info)
			}
			tensors := 0
			for range root.All() {
				tensors++
			}
			if leaked := torch.Live() - before - tensors; leaked != 0 {
				t.Errorf("%d tensors beside the %d of the tree", leaked, tensors)
			}
		})
	}
}

func TestStems(t *testing.T) {
	for _, test := range []struct {
		name, stem string
		in, want   []int // of the stem
	}{
		{"resnet18", "imagenet", []int{1, 3, 32, 32}, []int{1, 64, 8, 8}},
		{"resnet18", "small", []int{1, 3, 32, 32}, []int{1, 64, 32, 32}},
		{"tiny2d", "imagenet", []int{1, 3, 32, 32}, []int{1, 16, 8, 8}},
		{"tiny2d", "small", []int{1, 3, 32, 32}, []int{1, 16, 32, 32}},
		{"r3d_18", "imagenet", []int{1, 3, 2, 16, 16}, []int{1, 64, 2, 8, 8}},
		{"r3d_18", "small", []int{1, 3, 2, 16, 16}, []int{1, 64, 2, 16, 16}},
		{"r2plus1d_18", "small", []int{1, 3, 2, 16, 16}, []int{1, 64, 2, 16, 16}},
		{"tiny3d", "imagenet", []int{1, 3, 2, 16, 16}, []int{1, 16, 2, 4, 4}},
		{"tiny3d", "small", []int{1, 3, 2, 16, 16}, []int{1, 16, 2, 16, 16}},
	} {
		b, root := build(t, test.name, models.Config{Stem: test.stem})
		root.SetTraining(false)
		torch.In(func(*torch.Scope) {
			stages := b.Stages(torch.Randn(test.in, torch.Float32, torch.CPU))
			if got := stages[0].Activation.Shape(); !equal(got, test.want) {
				t.Errorf("%s, %s: stem puts out %v, want %v", test.name, test.stem, got, test.want)
			}
			if last := stages[len(stages)-1]; last.Name != "layer4" || last.Activation.Dim(1) != b.Features() {
				t.Errorf("%s: last stage is %s %v", test.name, last.Name, last.Activation.Shape())
			}
		})
	}
}

func equal(a, b []int) bool {
	for i := range a {
		if len(a) != len(b) || a[i] != b[i] {
			return false
		}
	}
	return true
}

func TestUnknownNames(t *testing.T) {
	for _, test := range []struct{ name, stem, want string }{
		{"r3d18", "", `model "r3d18" is unknown; did you mean "r3d_18"?`},
		{"vit", "", `model "vit" is unknown, want one of`},
		{"r3d_18", "smal", `stem "smal" is unknown; did you mean "small"?`},
	} {
		_, err := models.Build(test.name, models.Config{Stem: test.stem}, nil)
		if err == nil || !strings.HasPrefix(err.Error(), test.want) {
			t.Errorf("%s %s: got %v, want %s", test.name, test.stem, err, test.want)
		}
	}
}

// TestInitialisation holds deviation and bounds of fresh weights against torchvision's rules.
func TestInitialisation(t *testing.T) {
	_, root := build(t, "r3d_18", models.Config{Classes: 400})
	deviation := func(name string) (mean, std float64) {
		torch.In(func(*torch.Scope) {
			w := root.ParamByName(name).Tensor.Detach()
			mean, std = w.Mean().Float(), w.Std(false).Float()
		})
		return mean, std
	}
	for name, want := range map[string]float64{
		"layer1.0.conv1.0.weight":      math.Sqrt(2 / (64.0 * 27)),
		"layer4.0.downsample.0.weight": math.Sqrt(2.0 / 512),
		"fc.weight":                    0.01,
	} {
		if mean, std := deviation(name); math.Abs(std/want-1) > 0.02 || math.Abs(mean) > 0.02*want {
			t.Errorf("%s: mean %g, deviation %g, want 0 and %g", name, mean, std, want)
		}
	}
	for name, want := range map[string]float64{"fc.bias": 0, "stem.1.weight": 1, "stem.1.bias": 0,
		"stem.1.running_mean": 0, "stem.1.running_var": 1} {
		if mean, std := deviation(name); mean != want || std != 0 {
			t.Errorf("%s: mean %g, deviation %g, want %g everywhere", name, mean, std, want)
		}
	}
	_, root = build(t, "resnet18", models.Config{Classes: 1000})
	torch.In(func(*torch.Scope) {
		bound := 1 / math.Sqrt(512)
		for _, name := range []string{"fc.weight", "fc.bias"} {
			w := root.ParamByName(name).Tensor.Detach()
			if largest := w.Abs().Max().Float(); largest > bound || largest < 0.95*bound {
				t.Errorf("%s reaches %g, want just below %g", name, largest, bound)
			}
		}
	})
}

// TestPicturesOfClips: a network for pictures sees a clip as the mean of its frames.
func TestPicturesOfClips(t *testing.T) {
	b, root := build(t, "resnet18", models.Config{Stem: models.StemSmall})
	root.SetTraining(false)
	torch.In(func(*torch.Scope) {
		clip := torch.Randn([]int{2, 3, 2, 16, 16}, torch.Float32, torch.CPU)
		got := models.Features(b, clip)
		first, second := b.Forward(clip.Select(2, 0)), b.Forward(clip.Select(2, 1))
		want := first.Add(second).DivScalar(2)
		if off := got.Sub(want).Abs().Max().Float(); off > 1e-4 {
			t.Errorf("off by %g", off)
		}
		if one := models.Features(b, clip.Narrow(2, 0, 1)); one.Sub(first).Abs().Max().Float() > 1e-4 {
			t.Error("a clip of one frame differs from its picture")
		}
	})
}

// TestChannelsLast: the memory format of input and weights changes speed, not answers.
func TestChannelsLast(t *testing.T) {
	b, root := build(t, "tiny3d", models.Config{})
	root.SetTraining(false)
	torch.In(func(*torch.Scope) {
		x := torch.Randn([]int{2, 3, 4, 32, 32}, torch.Float32, torch.CPU)
		want := b.Forward(x)
		before := torch.Live()
		root.ChannelsLast()
		if now := torch.Live(); now != before {
			t.Errorf("the change of format leaves %d tensors more", now-before)
		}
		got := b.Forward(x.ChannelsLast())
		if off := got.Sub(want).Abs().Max().Float(); off > 1e-4 {
			t.Errorf("off by %g", off)
		}
	})
}

// TestAutocast: under bf16 the answers stay near and the statistics float32.
func TestAutocast(t *testing.T) {
	b, root := build(t, "tiny3d", models.Config{})
	torch.In(func(*torch.Scope) {
		x := torch.Randn([]int{4, 3, 4, 32, 32}, torch.Float32, torch.CPU).ChannelsLast()
		want := b.Forward(x)
		torch.Autocast(torch.BFloat16, func() {
			stages := b.Stages(x)
			if got := stages[len(stages)-1].Activation.DType(); got != torch.BFloat16 {
				t.Errorf("activations are %v, want bf16", got)
			}
			got := nn.GlobalAverage.Forward(stages[len(stages)-1].Activation)
			if off := got.To(torch.Float32).Sub(want).Norm().Div(want.Norm()).Float(); off > 0.05 {
				t.Errorf("off by a share of %g", off)
			}
		})
	})
	for name, e := range root.All() {
		if e.IsBuffer && strings.Contains(name, "running") && e.Tensor.DType() != torch.Float32 {
			t.Errorf("%s is %v", name, e.Tensor.DType())
		}
	}
}

func TestHead(t *testing.T) {
	scope := torch.NewScope()
	defer scope.Close()
	root := nn.NewRoot(scope)
	head := models.NewMLPHead(root, models.HeadConfig{In: 8, Hidden: 16, Out: 4, Layers: 3, Norm: true})
	var names []string
	for name, e := range root.All() {
		if !e.IsBuffer {
			names = append(names, name)
		}
	}
	want := "0.weight 0.bias 1.weight 1.bias 3.weight 3.bias 4.weight 4.bias 6.weight 6.bias"
	if got := strings.Join(names, " "); got != want {
		t.Errorf("parameters are %s, want %s", got, want)
	}
	torch.In(func(*torch.Scope) {
		if got := head.Forward(torch.Randn([]int{3, 8}, torch.Float32, torch.CPU)).Shape(); !equal(got, []int{3, 4}) {
			t.Errorf("shape %v", got)
		}
	})
}

// TestHeadWithNormOut: the last normalisation brings each feature of a batch to mean 0 and deviation 1, and has a scale alone.
func TestHeadWithNormOut(t *testing.T) {
	scope := torch.NewScope()
	defer scope.Close()
	root := nn.NewRoot(scope)
	head := models.NewMLPHead(root, models.HeadConfig{In: 8, Hidden: 16, Out: 4, Layers: 2, Norm: true, NoBias: true, NormOut: true})
	var names []string
	for name, e := range root.All() {
		if !e.IsBuffer {
			names = append(names, name)
		}
	}
	if got, want := strings.Join(names, " "), "0.weight 1.weight 1.bias 3.weight 4.weight"; got != want {
		t.Errorf("parameters are %s, want %s", got, want)
	}
	torch.In(func(*torch.Scope) {
		z := head.Forward(torch.Randn([]int{64, 8}, torch.Float32, torch.CPU)).Detach()
		mean, variance := z.MeanDims(false, 0), z.Square().MeanDims(false, 0)
		if off := mean.Abs().Max().Float(); off > 1e-5 {
			t.Errorf("means are up to %g away from 0", off)
		}
		if off := variance.SubScalar(1).Abs().Max().Float(); off > 1e-2 {
			t.Errorf("variances are up to %g away from 1", off)
		}
	})
}
