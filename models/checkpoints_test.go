package models_test

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"vssl/internal/pytorch"
	"vssl/models"
	"vssl/torch"
)

// checkpoint is the path of a file that PyTorch wrote: internal/pytorch/testdata/make.py says what is in it.
func checkpoint(name string) string {
	return filepath.Join("..", "internal", "pytorch", "testdata", name)
}

// TestLoadCheckpoints: torchvision's weights are found wherever they lie in files of PyTorch, each in its place.
func TestLoadCheckpoints(t *testing.T) {
	for name, want := range map[string]struct {
		prefix string
		alike  []string
		left   []string // among the tensors that the network has not
	}{
		"resnet18.pth":        {"", nil, []string{"fc.weight", "fc.bias"}},
		"resnet18_legacy.pth": {"", nil, []string{"fc.weight", "fc.bias"}},
		"encoders.pth.tar": {"state_dict.module.encoder_q.", []string{"state_dict.module.encoder_k."},
			[]string{"state_dict.module.encoder_q.fc.weight", "state_dict.module.encoder_k.conv1.weight",
				"optimizer.state.0.momentum_buffer"}},
		"trainer.ckpt": {"state_dict.model.backbone.", nil, []string{"state_dict.model.backbone.fc.weight"}},
	} {
		b, n := build(t, "resnet18", models.Config{})
		report, err := models.LoadBackbone(checkpoint(name), b)
		if err != nil {
			t.Fatal(err)
		}
		if report.Prefix != want.prefix || !slices.Equal(report.Alike, want.alike) || len(report.Missing) != 0 || report.Read != 120 {
			t.Errorf("%s: got %s", name, report)
		}
		for _, left := range want.left {
			if !slices.Contains(report.Unexpected, left) {
				t.Errorf("%s: %s is not reported", name, left)
			}
		}
		checkConstants(t, name, models.Tensors(n), 1)
	}
}

// checkConstants holds that tensor i is first+i everywhere.
func checkConstants(t *testing.T, file string, tensors func(func(string, *torch.Tensor) bool), first int64) {
	t.Helper()
	want := first
	for name, tensor := range tensors {
		if got := tensor.Int64s(); slices.ContainsFunc(got, func(v int64) bool { return v != want }) {
			t.Errorf("%s: %s is not %d everywhere", file, name, want)
			return
		}
		want++
	}
}

// TestLoadUnder: the caller may say which of two networks he wants.
func TestLoadUnder(t *testing.T) {
	b, n := build(t, "resnet18", models.Config{})
	if _, err := models.LoadBackboneUnder(checkpoint("encoders.pth.tar"), b, "state_dict.module.encoder_k."); err != nil {
		t.Fatal(err)
	}
	checkConstants(t, "encoders.pth.tar", models.Tensors(n), 1001)
	_, err := models.LoadBackboneUnder(checkpoint("encoders.pth.tar"), b, "state_dict.")
	if !errors.Is(err, models.ErrMismatch) || !strings.Contains(err.Error(), `"state_dict."`) {
		t.Errorf("another prefix: got %v", err)
	}
}

// TestLoadPartly: a stem of another shape is said, another network is an error, and so is a file with a few names in common.
func TestLoadPartly(t *testing.T) {
	small, _ := build(t, "resnet18", models.Config{Stem: models.StemSmall})
	report, err := models.LoadBackbone(checkpoint("resnet18.pth"), small)
	if err != nil || !slices.Equal(report.Missing, []string{"conv1.weight"}) || !slices.Contains(report.Unexpected, "conv1.weight") {
		t.Errorf("another stem: got %v, %v", report, err)
	}
	if s := report.String(); s != "119 of 120 tensors of the network; not in the file, left as they were: conv1.weight; "+
		"in the file alone: conv1.weight, fc.weight, fc.bias" {
		t.Errorf("the sentence is %s", s)
	}
	for _, other := range []string{"tiny3d", "resnet50"} {
		b, n := build(t, other, models.Config{})
		var before [][]byte
		for _, tensor := range models.Tensors(n) {
			before = append(before, tensor.Bytes())
		}
		_, err := models.LoadBackbone(checkpoint("encoders.pth.tar"), b)
		if !errors.Is(err, models.ErrMismatch) || !strings.Contains(err.Error(), "encoders.pth.tar") {
			t.Errorf("%s: got %v", other, err)
		}
		for name, tensor := range models.Tensors(n) {
			if !slices.Equal(before[0], tensor.Bytes()) {
				t.Fatalf("%s: %s was loaded from another network", other, name)
			}
			before = before[1:]
		}
	}
}

// TestLoadFromLarger: the weights of a larger network of the same names fit, and the report says that they may be the wrong
// ones; those of the network itself, whatever lies beside them, pass without the question.
func TestLoadFromLarger(t *testing.T) {
	larger, root := build(t, "resnet34", models.Config{Classes: 3})
	path := filepath.Join(t.TempDir(), "larger.safetensors")
	if err := models.Save(path, root, nil); err != nil {
		t.Fatal(err)
	}
	b, _ := build(t, "resnet18", models.Config{})
	report, err := models.LoadBackbone(path, b)
	if err != nil || !report.Larger ||
		!strings.Contains(report.String(), "98 of 218 tensors of the file have no place in the network: is it of a larger one?") {
		t.Errorf("got %v, %v", report, err)
	}
	if report, err = models.LoadBackbone(path, larger); err != nil || report.Larger {
		t.Errorf("its own: got %v, %v", report, err)
	}
	for _, name := range []string{"resnet18.pth", "encoders.pth.tar", "trainer.ckpt"} {
		if report, err := models.LoadBackbone(checkpoint(name), b); err != nil || report.Larger {
			t.Errorf("%s: got %v, %v", name, report, err)
		}
	}
}

// TestLoadDamagedCheckpoint: the error names the file.
func TestLoadDamagedCheckpoint(t *testing.T) {
	b, _ := build(t, "resnet18", models.Config{})
	path := filepath.Join(t.TempDir(), "cut.pth")
	whole := read(t, checkpoint("resnet18_legacy.pth"))
	if err := os.WriteFile(path, whole[:len(whole)-1], 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := models.LoadBackbone(path, b); !errors.Is(err, pytorch.ErrFormat) || !strings.Contains(err.Error(), path) {
		t.Errorf("got %v", err)
	}
	if _, err := models.LoadBackbone(t.TempDir(), b); err == nil || !strings.Contains(err.Error(), "folder") {
		t.Errorf("a folder: got %v", err)
	}
}
