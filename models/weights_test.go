package models_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"vssl/internal/safetensors"
	"vssl/models"
	"vssl/models/nn"
	"vssl/torch"
)

func TestSaveThenLoad(t *testing.T) {
	_, from := build(t, "tiny3d", models.Config{Classes: 5})
	path := filepath.Join(t.TempDir(), "w.safetensors")
	if err := models.Save(path, from, map[string]string{"step": "3"}); err != nil {
		t.Fatal(err)
	}
	_, to := build(t, "tiny3d", models.Config{Classes: 5})
	torch.In(func(*torch.Scope) {
		for _, e := range to.All() {
			e.Tensor.Fill_(9)
		}
	})
	report, err := models.Load(path, to, true)
	if err != nil {
		t.Fatal(err)
	}
	if report.Metadata["step"] != "3" || len(report.Missing)+len(report.Unexpected) != 0 {
		t.Errorf("report is %+v", report)
	}
	for name, e := range from.All() {
		if got := to.ParamByName(name).Tensor; !bytes.Equal(got.Bytes(), e.Tensor.Bytes()) || got.RequiresGrad() != e.Trainable {
			t.Errorf("%s differs", name)
		}
	}
	again := filepath.Join(t.TempDir(), "again.safetensors")
	to.ChannelsLast() // the layout in memory does not reach the file
	if err := models.Save(again, to, map[string]string{"step": "3"}); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(read(t, path), read(t, again)) {
		t.Error("a file that was loaded and saved differs")
	}
}

func read(t *testing.T, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestLoadOfOtherNetworks(t *testing.T) {
	_, plain := build(t, "tiny3d", models.Config{})
	path := filepath.Join(t.TempDir(), "w.safetensors")
	if err := models.Save(path, plain, nil); err != nil {
		t.Fatal(err)
	}
	_, classified := build(t, "tiny3d", models.Config{Classes: 5})
	if _, err := models.Load(path, classified, true); !errors.Is(err, models.ErrMismatch) || !strings.Contains(err.Error(), "fc.weight") {
		t.Errorf("strict: got %v, want a mismatch that names fc.weight", err)
	}
	report, err := models.Load(path, classified, false)
	if err != nil || !slices.Equal(report.Missing, []string{"fc.weight", "fc.bias"}) || len(report.Unexpected) != 0 {
		t.Errorf("not strict: got %+v, %v", report, err)
	}
	_, small := build(t, "tiny3d", models.Config{Stem: models.StemSmall})
	report, err = models.Load(path, small, false)
	if err != nil || !slices.Equal(report.Missing, []string{"stem.0.weight"}) || !slices.Equal(report.Unexpected, []string{"stem.0.weight"}) {
		t.Errorf("another shape: got %+v, %v", report, err)
	}
	_, other := build(t, "resnet18", models.Config{})
	if _, err := models.Load(path, other, false); !errors.Is(err, models.ErrMismatch) {
		t.Errorf("nothing fits: got %v", err)
	}
}

func TestLoadOfDamagedFiles(t *testing.T) {
	_, n := build(t, "tiny3d", models.Config{})
	path := filepath.Join(t.TempDir(), "w.safetensors")
	if err := models.Save(path, n, nil); err != nil {
		t.Fatal(err)
	}
	whole := read(t, path)
	for name, content := range map[string][]byte{"empty": nil, "cut": whole[:len(whole)/2], "text": []byte("not weights, at all")} {
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := models.Load(path, n, true); !errors.Is(err, safetensors.ErrFormat) || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

// TestLoadBackbone: the network is found alone and inside the model of a run.
func TestLoadBackbone(t *testing.T) {
	scope := torch.NewScope()
	defer scope.Close()
	root := nn.NewRoot(scope)
	from, err := models.Build("tiny3d", models.Config{}, root.Child("backbone"))
	if err != nil {
		t.Fatal(err)
	}
	models.NewMLPHead(root.Child("head"), models.HeadConfig{In: 128, Hidden: 8, Out: 4, Layers: 2})
	for _, n := range []*nn.Node{root, from.Node()} {
		path := filepath.Join(t.TempDir(), "w.safetensors")
		if err := models.Save(path, n, nil); err != nil {
			t.Fatal(err)
		}
		to, _ := build(t, "tiny3d", models.Config{})
		to.Node().ParamByName("stem.0.weight").Tensor.Fill_(9)
		report, err := models.LoadBackbone(path, to)
		if err != nil || len(report.Missing) != 0 {
			t.Fatalf("got %+v, %v", report, err)
		}
		for name, e := range from.Node().All() {
			if !bytes.Equal(to.Node().ParamByName(name).Tensor.Bytes(), e.Tensor.Bytes()) {
				t.Errorf("%s differs", name)
			}
		}
		other, _ := build(t, "resnet18", models.Config{})
		if _, err := models.LoadBackbone(path, other); !errors.Is(err, models.ErrMismatch) {
			t.Errorf("another network: got %v", err)
		}
	}
}

// TestLoadConverts: half-precision weights load into a float32 network.
func TestLoadConverts(t *testing.T) {
	path := filepath.Join(t.TempDir(), "half.safetensors")
	torch.In(func(*torch.Scope) {
		half := torch.FromFloat32([]float32{1, -2.5, 3}).To(torch.BFloat16)
		err := models.SaveTensors(path, nil, func(yield func(string, *torch.Tensor) bool) { yield("w", half) })
		if err != nil {
			t.Fatal(err)
		}
		w := torch.Zeros([]int{3}, torch.Float32, torch.CPU)
		_, err = models.LoadTensors(path, func(yield func(string, *torch.Tensor) bool) { yield("w", w) }, true)
		if got := w.Float32s(); err != nil || !slices.Equal(got, []float32{1, -2.5, 3}) {
			t.Errorf("got %v, %v", got, err)
		}
	})
}

func TestSaveLeavesTheOldFile(t *testing.T) {
	_, n := build(t, "tiny3d", models.Config{})
	dir := t.TempDir()
	path := filepath.Join(dir, "w.safetensors")
	if err := models.Save(path, n, nil); err != nil {
		t.Fatal(err)
	}
	want := read(t, path)
	torch.In(func(*torch.Scope) {
		flag := torch.Zeros([]int{1}, torch.Bool, torch.CPU)
		if err := models.SaveTensors(path, nil, func(yield func(string, *torch.Tensor) bool) { yield("b", flag) }); err == nil {
			t.Error("a type that cannot be stored was saved")
		}
	})
	if !bytes.Equal(read(t, path), want) {
		t.Error("a failed save changed the file")
	}
	if files, err := os.ReadDir(dir); err != nil || len(files) != 1 {
		t.Errorf("a failed save leaves %v, %v", files, err)
	}
}
