package main

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"vssl/methods"
)

// picturesPerClass and the classes make a set that fills several batches of 32.
const picturesPerClass = 40

// pictures writes a tree of PNG files of 32 x 32 pixels: discs, squares, stripes and noise in colours of their own.
func pictures(t *testing.T) string {
	t.Helper()
	root := t.TempDir()
	for class, shape := range map[string]func(x, y, size int) bool{
		"disc":    func(x, y, size int) bool { return x*x+y*y < size*size },
		"square":  func(x, y, size int) bool { return max(x, -x, y, -y) < size },
		"stripes": func(x, y, size int) bool { return (x+y+64)/size%2 == 0 },
		"cross":   func(x, y, size int) bool { return min(max(x, -x), max(y, -y)) < size/3 },
	} {
		dir := filepath.Join(root, class)
		if err := os.MkdirAll(dir, 0o755); err != nil {
			t.Fatal(err)
		}
		for i := range picturesPerClass {
			rng := rand.New(rand.NewPCG(uint64(i), uint64(len(class))))
			if err := writePicture(filepath.Join(dir, fmt.Sprintf("%02d.png", i)), rng, shape); err != nil {
				t.Fatal(err)
			}
		}
	}
	return root
}

func writePicture(path string, rng *rand.Rand, shape func(x, y, size int) bool) error {
	colour := func() color.NRGBA {
		return color.NRGBA{uint8(rng.IntN(256)), uint8(rng.IntN(256)), uint8(rng.IntN(256)), 255}
	}
	front, back := colour(), colour()
	cx, cy, size := 12+rng.IntN(9), 12+rng.IntN(9), 5+rng.IntN(7)
	p := image.NewNRGBA(image.Rect(0, 0, 32, 32))
	for y := range 32 {
		for x := range 32 {
			c := back
			if shape(x-cx, y-cy, size) {
				c = front
			}
			p.SetNRGBA(x, y, c)
		}
	}
	var b bytes.Buffer
	if err := png.Encode(&b, p); err != nil {
		return err
	}
	return os.WriteFile(path, b.Bytes(), 0o644)
}

// imageMethods are the names of the methods that learn from pictures.
func imageMethods() (names []string) {
	for _, info := range methods.All() {
		if info.Medium == methods.Image {
			names = append(names, info.Name)
		}
	}
	return names
}

// Each method goes on exactly from a checkpoint in the midst of an epoch and from one between two epochs: queues, banks, targets,
// codes, assignments and all, to the last byte of the model and of the optimiser.
func TestEveryImageMethodResumesExactly(t *testing.T) {
	data := pictures(t)
	const steps = 10 // two epochs of five
	for _, name := range imageMethods() {
		t.Run(name, func(t *testing.T) {
			run := filepath.Join(t.TempDir(), "run")
			must(t, "image", "--data", data, "--method", name, "--recipe", "small", "--model", "tiny2d", "--epochs", "2", "--batch", "32", "--out", run,
				"--set", "checkpoint.every=1", "--set", "checkpoint.keep=100")
			if report := string(content(t, filepath.Join(run, "report.html"))); !strings.Contains(report, "learnt from 160 unlabelled pictures of "+data+".") {
				t.Error("the report does not say what was learnt from")
			}
			for _, at := range []int{3, 5} {
				part := filepath.Join(t.TempDir(), "part")
				copyRunUntil(t, run, part, at)
				must(t, "image", "--out", part, "--resume")
				for _, file := range []string{"model.safetensors", "optimizer.safetensors"} {
					last := filepath.Join("checkpoints", fmt.Sprintf("step-%08d", steps), file)
					if !bytes.Equal(content(t, filepath.Join(run, last)), content(t, filepath.Join(part, last))) {
						t.Errorf("resumed from step %d, the run ends with another %s", at, file)
					}
				}
				checkSteps(t, part, steps)
			}
		})
	}
}

// copyRunUntil makes a run folder as it was after a step.
func copyRunUntil(t *testing.T, from, to string, step int) {
	t.Helper()
	if err := os.CopyFS(to, os.DirFS(from)); err != nil {
		t.Fatal(err)
	}
	dirs, err := filepath.Glob(filepath.Join(to, "checkpoints", "step-*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, dir := range dirs {
		if n, err := strconv.Atoi(strings.TrimPrefix(filepath.Base(dir), "step-")); err != nil || n > step {
			if err := os.RemoveAll(dir); err != nil {
				t.Fatal(err)
			}
		}
	}
}

func content(t *testing.T, path string) []byte {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestImageRefusesMethodsOfVideos(t *testing.T) {
	for _, info := range methods.All() {
		if info.Medium != methods.Video {
			continue
		}
		code, _, stderr := vssl(t, "image", "--data", shared.demo, "--method", info.Name, "--out", t.TempDir())
		if code != exitUsage || !strings.Contains(stderr, "vssl pretrain --method "+info.Name) {
			t.Errorf("%s: exit %d: %s", info.Name, code, stderr)
		}
	}
	if !slices.Contains(imageMethods(), methods.Default(methods.Image)) {
		t.Error("no method is the default for pictures")
	}
}
