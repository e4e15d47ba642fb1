package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestAddingAMethodTakesOneFile builds the program with the file and the recipe of docs/add-a-method.md laid over the tree, and
// trains the method on pictures.
func TestAddingAMethodTakesOneFile(t *testing.T) {
	if testing.Short() {
		t.Skip("short: links a program")
	}
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	page, err := os.ReadFile(filepath.Join(root, "docs", "add-a-method.md"))
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	overlay := map[string]string{}
	for path, block := range map[string]string{
		"methods/contrastive/align_uniform.go": fenced(t, string(page), "go"),
		"recipes/align-uniform-small.yaml":     fenced(t, string(page), "yaml"),
	} {
		file := filepath.Join(dir, filepath.Base(path))
		if err := os.WriteFile(file, []byte(block), 0o644); err != nil {
			t.Fatal(err)
		}
		overlay[filepath.Join(root, path)] = file
	}
	data, err := json.Marshal(map[string]any{"Replace": overlay})
	if err != nil {
		t.Fatal(err)
	}
	layer, program := filepath.Join(dir, "overlay.json"), filepath.Join(dir, "vssl")
	if err := os.WriteFile(layer, data, 0o644); err != nil {
		t.Fatal(err)
	}
	run := func(name string, args ...string) string {
		t.Helper()
		cmd := exec.CommandContext(t.Context(), name, args...)
		cmd.Dir = root
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, out)
		}
		return string(out)
	}
	run("go", "build", "-overlay", layer, "-o", program, "./cmd/vssl")

	if list := run(program, "methods"); !strings.Contains(list, "align-uniform") {
		t.Errorf("the method is not listed:\n%s", list)
	}
	out := filepath.Join(dir, "run")
	run(program, "image", "--dataset", "folder", "--data", shared.demo, "--method", "align-uniform", "--recipe", "small", "--out", out,
		"--steps", "3", "--batch", "8", "--model", "resnet18", "--json")
	if _, err := os.Stat(filepath.Join(out, "checkpoints", "last", "model.safetensors")); err != nil {
		t.Error(err)
	}
	run(program, "eval", "knn", "--run", out, "--json")
}

// fenced is the first block of that language on a page.
func fenced(t *testing.T, page, language string) string {
	t.Helper()
	_, rest, found := strings.Cut(page, "\n```"+language+"\n")
	block, _, closed := strings.Cut(rest, "\n```\n")
	if !found || !closed {
		t.Fatalf("the page has no block of %s", language)
	}
	return block + "\n"
}
