package models_test

import (
	"errors"
	"math"
	"math/rand/v2"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"vssl/models"
	"vssl/torch"
)

// TestTorchvision: torchvision loads our weights, strictly, and has our features; we load its checkpoint and have its.
func TestTorchvision(t *testing.T) {
	python := withTorchvision(t)
	for name, shape := range map[string][]int{"resnet18": {2, 3, 64, 64}, "r3d_18": {1, 3, 4, 48, 48}} {
		t.Run(name, func(t *testing.T) {
			b, n := build(t, name, models.Config{})
			unsettle(b)
			n.SetTraining(false)
			dir := t.TempDir()
			ours, theirs := filepath.Join(dir, "ours.safetensors"), filepath.Join(dir, "theirs.pth")
			torch.In(func(*torch.Scope) {
				x := torch.Randn(shape, torch.Float32, torch.CPU)
				with := func(yield func(string, *torch.Tensor) bool) {
					models.Tensors(n)(yield)
					yield("__input", x)
					yield("__features", features(b, x))
				}
				if err := models.SaveTensors(ours, nil, with); err != nil {
					t.Fatal(err)
				}
				script := filepath.Join("testdata", "exchange_weights.py")
				out, err := exec.CommandContext(t.Context(), python, script, name, ours, theirs).Output()
				var exit *exec.ExitError
				if errors.As(err, &exit) {
					t.Fatalf("%v: %s", err, exit.Stderr)
				}
				off, err := strconv.ParseFloat(strings.TrimSpace(string(out)), 64)
				if err != nil || !(off < 1e-5) {
					t.Errorf("torchvision's features for our weights are off by %s (%v), want less than 1e-5 of the largest", out, err)
				}
				checkTheirs(t, theirs, b, x)
			})
		})
	}
}

// withTorchvision finds a Python that has torchvision, else skips the test.
func withTorchvision(t *testing.T) string {
	t.Helper()
	for _, python := range []string{"python3", "/usr/bin/python3"} {
		if exec.CommandContext(t.Context(), python, "-c", "import torchvision").Run() == nil {
			return python
		}
	}
	t.Skip("no Python with torchvision here")
	return ""
}

// checkTheirs loads torchvision's checkpoint and compares the features for x with those in it.
func checkTheirs(t *testing.T, path string, b models.Backbone, x *torch.Tensor) {
	t.Helper()
	want := features(b, x) // of its shape
	given := func(yield func(string, *torch.Tensor) bool) { yield("__features", want) }
	if _, err := models.LoadTensors(path, given, false); err != nil {
		t.Fatal(err)
	}
	report, err := models.LoadBackbone(path, b)
	if err != nil || len(report.Missing) != 0 || report.Prefix != "state_dict.module." {
		t.Fatalf("got %v, %v", report, err)
	}
	got, scale := features(b, x).Float64s(), 0.0
	for _, w := range want.Float64s() {
		scale = max(scale, math.Abs(w))
	}
	for i, w := range want.Float64s() {
		if math.Abs(got[i]-w) > 1e-5*scale {
			t.Fatalf("feature %d is %g with torchvision's weights, want %g", i, got[i], w)
		}
	}
}

func features(b models.Backbone, x *torch.Tensor) (y *torch.Tensor) {
	torch.NoGrad(func() { y = b.Forward(x) })
	return y
}

// unsettle gives the running statistics values that a mistake would show with.
func unsettle(b models.Backbone) {
	rng := rand.New(rand.NewPCG(1, 1))
	torch.In(func(*torch.Scope) {
		for name, e := range b.Node().All() {
			if !e.IsBuffer || !e.Tensor.DType().IsFloat() {
				continue
			}
			values := make([]float32, e.Tensor.Numel())
			for i := range values {
				values[i] = float32(rng.NormFloat64() * 0.1)
				if strings.HasSuffix(name, "running_var") {
					values[i] = 0.5 + rng.Float32()
				}
			}
			e.Tensor.Copy_(torch.FromFloat32(values))
		}
	})
}
