package pipelines

import (
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"vssl/methods"
	_ "vssl/methods/all"
	"vssl/recipes"
)

func TestResolveLayers(t *testing.T) {
	file := filepath.Join(t.TempDir(), "c.yaml")
	if err := os.WriteFile(file, []byte("batch: 8\noptimizer: {lr: 0.5}\nmethod: {temperature: 0.3}\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	set, err := ParseSet([]string{"optimizer.lr=0.25", "recipe=small", "data=7"})
	if err != nil {
		t.Fatal(err)
	}
	c, err := Resolve(Layers{File: file, Set: set})
	if err != nil {
		t.Fatal(err)
	}
	if c.Batch != 8 || c.Optimizer.LR != 0.25 || c.Model.Name != "tiny3d" || c.Method["temperature"] != 0.3 || c.Data != "7" {
		t.Errorf("got batch %d, lr %g, model %q, temperature %v, data %q", c.Batch, c.Optimizer.LR, c.Model.Name, c.Method["temperature"], c.Data)
	}
	if c.Timeout != Defaults(methods.Video).Timeout {
		t.Errorf("a key that no layer sets is %g, want the default %g", c.Timeout, Defaults(methods.Video).Timeout)
	}
}

func TestResolveNamesWhatIsWrong(t *testing.T) {
	for word, want := range map[string]string{
		"optimizer.weight_deacy=1": `did you mean "optimizer.weight_decay"`,
		"method.temprature=1":      `did you mean "method.temperature"`,
		"method.name=cvlr":         `did you mean "cvrl"`,
		"recipe=smal":              `did you mean "small"`,
		"model.name=r3d18":         `did you mean "r3d_18"`,
		"precision=fp8":            `precision "fp8"`,
		"batch=1":                  "batch is 1",
		"batch=many":               "batch is many, want int",
		"clip.frames=1.5":          "clip.frames is 1.5, want int",
		"device=tpu":               "tpu",
		"optimizer.name=sdg":       `did you mean "sgd"`,
		"schedule.final=2":         "schedule.final is 2",
		"augment.nothing=1":        `unknown key "augment.nothing"`,
	} {
		set, err := ParseSet([]string{word})
		if err == nil {
			_, err = Resolve(Layers{Set: set})
		}
		var usage *UsageError
		if !errors.As(err, &usage) || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: got %v, want one line of usage with %q", word, err, want)
		}
	}
}

func TestParseSetRefuses(t *testing.T) {
	for _, word := range []string{"batch", "=1", "c.d=["} {
		if _, err := ParseSet([]string{word}); err == nil {
			t.Errorf("%q is accepted", word)
		}
	}
	if _, err := ParseSet([]string{"batch=1", "batch.size=2"}); err == nil {
		t.Error("a key below a value is accepted")
	}
}

func TestEveryRecipeLoads(t *testing.T) {
	for method, names := range allRecipes(t) {
		for _, name := range names {
			set := map[string]any{"method": map[string]any{"name": method}, "recipe": name}
			byName, err := Resolve(Layers{Set: set})
			if err != nil {
				t.Errorf("%s %s: %v", method, name, err)
				continue
			}
			file := filepath.Join("..", "recipes", method+"-"+name+".yaml")
			byFile, err := Resolve(Layers{File: file})
			if err != nil || !reflect.DeepEqual(byName, byFile) {
				t.Errorf("%s: --config with the file is not --recipe %s: %v", file, name, err)
			}
			checkHead(t, file, method, name)
		}
	}
}

// checkHead wants the command that takes the recipe in the first line of its file, and words on what to expect below it.
func checkHead(t *testing.T, file, method, recipe string) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(string(text), "\n")
	want := "--method " + method + " "
	if recipe != "default" {
		want += "--recipe " + recipe + " "
	}
	if !strings.HasPrefix(lines[0], "# vssl ") || !strings.Contains(lines[0], want) || lines[1] != "#" || !strings.HasPrefix(lines[2], "# ") {
		t.Errorf("%s begins with %q, want a comment with its command (%s), and what to expect", file, lines[0], want)
	}
}

func allRecipes(t *testing.T) map[string][]string {
	t.Helper()
	out := map[string][]string{}
	for _, info := range methods.All() {
		if info.Family == "test" {
			continue // of this package's tests
		}
		m := info.Name
		out[m] = recipes.Of(m)
		if len(out[m]) == 0 {
			t.Errorf("method %s has no recipe", m)
		}
	}
	return out
}
