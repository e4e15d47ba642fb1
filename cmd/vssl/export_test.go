package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"vssl/internal/safetensors"
	"vssl/pipelines"
)

// published is a file that PyTorch wrote; internal/pytorch/testdata/make.py says what is in it.
func published(name string) string {
	return filepath.Join("..", "..", "internal", "pytorch", "testdata", name)
}

// TestExportOfARun: the backbone alone comes out, byte for byte as it was trained, and goes into another run.
func TestExportOfARun(t *testing.T) {
	dir := t.TempDir()
	run, out := filepath.Join(dir, "run"), filepath.Join(dir, "backbone.safetensors")
	must(t, small(run, "--steps", "4")...)
	var done pipelines.Exported
	if err := json.Unmarshal([]byte(must(t, "export", "--run", run, "--out", out, "--json")), &done); err != nil {
		t.Fatal(err)
	}
	stat, err := os.Stat(out)
	if err != nil || done.Out != out || done.Bytes != stat.Size() || done.Prefix != "backbone." || done.Left == 0 {
		t.Errorf("got %+v, %v", done, err)
	}
	whole, alone := openWeights(t, filepath.Join(run, "checkpoints", "last", "model.safetensors")), openWeights(t, out)
	if len(alone.Tensors()) != done.Tensors || len(whole.Tensors()) != done.Tensors+done.Left {
		t.Errorf("%d of %d tensors, reported %+v", len(alone.Tensors()), len(whole.Tensors()), done)
	}
	for _, info := range alone.Tensors() {
		of, ok := whole.Lookup("backbone." + info.Name)
		if !ok || string(bytesOf(t, whole, of)) != string(bytesOf(t, alone, info)) {
			t.Errorf("%s differs", info.Name)
		}
	}
	for key, want := range map[string]string{"backbone": "", "format": "pt", "method": "cvrl", "step": "4",
		"size": "32", "frames": "4", "mean": "[0.485,0.456,0.406]", "std": "[0.229,0.224,0.225]"} {
		if got := alone.Metadata()[key]; got != want {
			t.Errorf("metadata %s is %q, want %q", key, got, want)
		}
	}
	if alone.Metadata()["model"] == "" || alone.Metadata()["stem"] == "" {
		t.Errorf("metadata is %v", alone.Metadata())
	}
	must(t, "export", "--run", run, "--checkpoint", "step-2", "--out", out, "--force")
	if got := openWeights(t, out).Metadata()["step"]; got != "2" {
		t.Errorf("step %s, want 2", got)
	}
	code, _, stderr := vssl(t, small(filepath.Join(dir, "second"), "--steps", "2", "--set", "model.weights="+out)...)
	if code != 0 || !strings.Contains(stderr, "weights of "+out) || strings.Contains(stderr, "not in the file") {
		t.Errorf("exit %d: %s", code, stderr)
	}
}

func openWeights(t *testing.T, path string) *safetensors.File {
	t.Helper()
	f, err := safetensors.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

func bytesOf(t *testing.T, f *safetensors.File, info safetensors.Info) []byte {
	t.Helper()
	data, err := f.Read(nil, info)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// TestExportOfCheckpoints: weights of PyTorch become safetensors, through a network and as they are.
func TestExportOfCheckpoints(t *testing.T) {
	dir := t.TempDir()
	for name, c := range map[string]struct {
		args    []string
		tensors int
		has     string
	}{
		"network": {[]string{"--weights", published("encoders.pth.tar"), "--model", "resnet18"}, 120, "layer4.1.bn2.running_var"},
		"other encoder": {[]string{"--weights", published("encoders.pth.tar"), "--model", "resnet18",
			"--prefix", "state_dict.module.encoder_k"}, 120, "conv1.weight"},
		"all":    {[]string{"--weights", published("layouts.pt")}, 18, "bool"},
		"prefix": {[]string{"--weights", published("trainer.ckpt"), "--prefix", "state_dict.model.backbone"}, 122, "fc.weight"},
	} {
		out := filepath.Join(dir, strings.ReplaceAll(name, " ", "-"))
		must(t, append([]string{"export", "--out", out}, c.args...)...)
		f := openWeights(t, out)
		if _, ok := f.Lookup(c.has); !ok || len(f.Tensors()) != c.tensors {
			t.Errorf("%s: %d tensors, %s is there: %v", name, len(f.Tensors()), c.has, ok)
		}
	}
	code, stdout, stderr := vssl(t, "export", "--weights", published("encoders.pth.tar"), "--model", "resnet18",
		"--out", filepath.Join(dir, "x"))
	if code != 0 || !strings.Contains(stdout, "encoder_q.") || !strings.Contains(stdout, "--prefix chooses") {
		t.Errorf("exit %d: %s%s", code, stdout, stderr)
	}
}

// TestWrongExports: one sentence each, and nothing is written or changed.
func TestWrongExports(t *testing.T) {
	dir := t.TempDir()
	there := filepath.Join(dir, "there.safetensors")
	hostile := filepath.Join(dir, "hostile.pth")
	for path, content := range map[string]string{there: "mine", hostile: "\x80\x02cos\nsystem\nU\x04trueq\x00\x85R."} {
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	out := filepath.Join(dir, "new.safetensors")
	from := func(more ...string) []string {
		return append([]string{"--weights", published("resnet18.pth"), "--out", out}, more...)
	}
	for name, c := range map[string]struct {
		args []string
		say  string
		code int
	}{
		"nothing":       {nil, "--run", exitUsage},
		"both":          {from("--run", dir), "either", exitUsage},
		"no out":        {[]string{"--weights", published("resnet18.pth")}, "--out", exitUsage},
		"exists":        {[]string{"--weights", published("resnet18.pth"), "--out", there}, "--force", exitUsage},
		"folder":        {[]string{"--weights", published("resnet18.pth"), "--out", dir, "--force"}, "folder", exitUsage},
		"no folder":     {from("--out", filepath.Join(dir, "no", "x")), "no folder", exitUsage},
		"no run":        {[]string{"--run", dir, "--out", out}, "is not a run", exitUsage},
		"no file":       {[]string{"--weights", filepath.Join(dir, "none"), "--out", out}, "none", exitFailed},
		"unknown model": {from("--model", "resnet81"), "resnet18", exitUsage},
		"another model": {from("--model", "resnet50"), "do not fit", exitFailed},
		"another stem":  {from("--model", "resnet18", "--stem", "small"), "conv1.weight", exitFailed},
		"no prefix":     {from("--prefix", "nowhere"), "nowhere.", exitFailed},
		"for a run":     {[]string{"--run", dir, "--model", "resnet18", "--out", out}, "--weights", exitUsage},
		"for a file":    {from("--checkpoint", "best"), "--run", exitUsage},
		"hostile":       {[]string{"--weights", hostile, "--out", there, "--force"}, "os.system", exitFailed},
	} {
		code, stdout, stderr := vssl(t, append([]string{"export"}, c.args...)...)
		if code != c.code || !strings.Contains(stderr, c.say) || stdout != "" || strings.Count(stderr, "\n") != 1 {
			t.Errorf("%s: exit %d, %q, want %d and %q", name, code, stderr, c.code, c.say)
		}
	}
	files, err := os.ReadDir(dir)
	names := []string{}
	for _, f := range files {
		names = append(names, f.Name())
	}
	if content, readErr := os.ReadFile(there); err != nil || readErr != nil || string(content) != "mine" ||
		!slices.Equal(names, []string{"hostile.pth", "there.safetensors"}) {
		t.Errorf("left %v, %q", names, content)
	}
}

// TestPretrainFromOtherWeights: weights that do not fit end the run before it begins, with what is missing.
func TestPretrainFromOtherWeights(t *testing.T) {
	run := filepath.Join(t.TempDir(), "run")
	code, _, stderr := vssl(t, small(run, "--steps", "1", "--set", "model.weights="+published("resnet18.pth"))...)
	if code != exitFailed || !strings.Contains(stderr, "model.weights") || !strings.Contains(stderr, "resnet18.pth") {
		t.Errorf("exit %d: %s", code, stderr)
	}
}
