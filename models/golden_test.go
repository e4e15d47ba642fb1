package models_test

import (
	"math"
	"strings"
	"testing"

	"vssl/internal/golden"
	"vssl/models"
	"vssl/models/nn"
	"vssl/torch"
)

// projection names the output that the case is differentiated through.
func projection(c *golden.Case) string {
	switch {
	case c.Name == "resnet50_train":
		return "layer2"
	case classes[strings.TrimPrefix(c.Objective, "networks.")] == 0:
		return "features"
	}
	return "logits"
}

// classes are those of the classifier in the cases; without an entry the features are projected.
var classes = map[string]int{"r3d_18": 400, "mc3_18": 400, "r2plus1d_18": 400, "resnet18": 1000, "resnet50": 1000}

func TestGolden(t *testing.T) {
	for _, name := range []string{"r3d_18", "r3d_18_train", "mc3_18", "r2plus1d_18", "r2plus1d_18_train",
		"resnet18", "resnet18_train", "resnet50", "resnet50_train"} {
		t.Run(name, func(t *testing.T) {
			if testing.Short() && strings.HasSuffix(name, "_train") {
				t.Skip("training cases are left out with -short")
			}
			checkNetwork(t, golden.Shared(t, "networks/"+name))
		})
	}
}

// TestGoldenTiny3D compares with the same network in PyTorch; testdata/make_tiny3d.py wrote the answers.
func TestGoldenTiny3D(t *testing.T) {
	for _, name := range []string{"tiny3d", "tiny3d_train"} {
		t.Run(name, func(t *testing.T) { checkNetwork(t, "testdata/"+name+".safetensors") })
	}
}

// checkNetwork runs a case: forward, then backward from the projected output, with weights made by rule.
func checkNetwork(t *testing.T, path string) {
	c, err := golden.Load(path)

	if err != nil {
		t.Fatal(err)
	}
	c.Float = torch.Float32
	scope := torch.NewScope()
	defer scope.Close()
	root := nn.NewRoot(scope)
	name := strings.TrimPrefix(c.Objective, "networks.")
	b, err := models.Build(name, models.Config{Classes: classes[name]}, root)
	if err != nil {
		t.Fatal(err)
	}
	fillByRule(root)
	root.SetTraining(c.Params["mode"] == "train")
	torch.In(func(*torch.Scope) {
		x := c.In("x").RequireGrad(true)
		got := outputs(b, x, projection(c) == "layer2")
		loss := got[projection(c)].Mul(c.In("proj")).Sum()
		loss.Backward()
		got["loss"] = loss
		for output, tensor := range got {
			check(t, c, "out."+output, tensor.Detach().Float64s())
		}
		checkNorms(t, c, root, x)
	})
}

// outputs runs the network once, by stages where a case looks inside it.
func outputs(b models.Backbone, x *torch.Tensor, inside bool) map[string]*torch.Tensor {
	out := map[string]*torch.Tensor{}
	if inside {
		stages := b.Stages(x)
		out["layer2"] = nn.GlobalAverage.Forward(stages[2].Activation)
		out["features"] = nn.GlobalAverage.Forward(stages[4].Activation)
	} else {
		out["features"] = b.Forward(x)
	}
	if classifier, ok := b.(models.Classifier); ok {
		out["logits"] = classifier.Logits(out["features"])
	}
	return out
}

func checkNorms(t *testing.T, c *golden.Case, root *nn.Node, x *torch.Tensor) {
	var grads, buffers []float64
	for name, e := range root.All() {
		switch {
		case !e.IsBuffer:
			grads = append(grads, length(e.Tensor.Grad()))
		case !strings.HasSuffix(name, "num_batches_tracked"):
			buffers = append(buffers, length(e.Tensor))
		}
	}
	atInput := []float64{length(x.Grad())}
	check(t, c, "out.gradnorm", grads)
	check(t, c, "out.gradnorm_x", atInput)
	check(t, c, "out.log_gradnorm", logs(grads))
	check(t, c, "out.log_gradnorm_x", logs(atInput))
	check(t, c, "out.buffernorm", buffers)
}

// check compares what the case has an answer for.
func check(t *testing.T, c *golden.Case, name string, got []float64) {
	t.Helper()
	if !c.Has(name) {
		return
	}
	if _, err := c.Compare(name, got); err != nil {
		t.Error(err)
	}
}

// length is the L2 norm in float64, 0 for a gradient that is not there.
func length(t *torch.Tensor) float64 {
	if t == nil {
		return 0
	}
	sum := 0.0
	for _, v := range t.Detach().Float64s() {
		sum += v * v
	}
	return math.Sqrt(sum)
}

func logs(values []float64) []float64 {
	out := make([]float64, len(values))
	for i, v := range values {
		out[i] = math.Log(v)
	}
	return out
}

// fillByRule gives every tensor the values that its name stands for in the golden cases.
func fillByRule(n *nn.Node) {
	torch.In(func(*torch.Scope) {
		for name, e := range n.All() {
			shape := e.Tensor.Shape()
			e.Tensor.Copy_(torch.FromFloat32(golden.Weights(name, shape)).Reshape(shape...))
		}
	})
}
