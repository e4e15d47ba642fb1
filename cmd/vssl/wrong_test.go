package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Wrong input gets one sentence that says what to do, and exit 2 (usage) or 1.
func TestWrongInput(t *testing.T) {
	dir := t.TempDir()
	empty := filepath.Join(dir, "empty")
	if err := os.MkdirAll(empty, 0o755); err != nil {
		t.Fatal(err)
	}
	list := filepath.Join(dir, "list.csv")
	if err := os.WriteFile(list, []byte("gone.mp4,0\nlost.mp4,1\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	text := filepath.Join(dir, "texts", "a")
	if err := os.MkdirAll(text, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(text, "not.mp4"), []byte("no video at all"), 0o644); err != nil {
		t.Fatal(err)
	}
	out := filepath.Join(dir, "run")
	train := func(more ...string) []string {
		return append([]string{"pretrain", "--out", out, "--steps", "1"}, more...)
	}
	for name, c := range map[string]struct {
		args []string
		say  string
	}{
		"missing folder":   {train("--data", filepath.Join(dir, "nowhere")), "nowhere"},
		"empty folder":     {train("--data", empty), "empty"},
		"no data":          {train(), "data"},
		"dead list":        {train("--dataset", "list", "--data", list), "list.csv"},
		"nothing usable":   {train("--data", filepath.Dir(text)), ""},
		"unknown method":   {train("--method", "cvlr"), `"cvrl"`},
		"unknown data set": {train("--dataset", "kinetic", "--data", empty), "kinetics"},
		"unknown key":      {train("--set", "optimizer.momentun=1"), `"optimizer.momentum"`},
		"unknown flag":     {train("--bacth", "3"), "bacth"},
		"unknown command":  {[]string{"pretain"}, `"pretrain"`},
		"bad number":       {train("--steps", "many", "--data", shared.demo), "schedule"},
		"no run":           {[]string{"eval", "knn", "--run", filepath.Join(dir, "norun")}, "norun"},
		"no kind":          {[]string{"eval"}, "knn"},
		"unknown kind":     {[]string{"eval", "knnn", "--run", out}, `"knn"`},
		"no out":           {[]string{"pretrain", "--dataset", "demo", "--data", shared.demo}, "--out"},
		"no config":        {train("--config", filepath.Join(dir, "none.yaml")), "none.yaml"},
		"probe nothing":    {[]string{"probe", filepath.Join(dir, "none.mp4")}, "none.mp4"},
		"probe text":       {[]string{"probe", filepath.Join(text, "not.mp4")}, "not.mp4"},
	} {
		t.Run(name, func(t *testing.T) {
			code, stdout, stderr := vssl(t, c.args...)
			lines := strings.Split(strings.TrimSpace(stderr), "\n")
			last := lines[len(lines)-1]
			if code != exitFailed && code != exitUsage {
				t.Errorf("exit %d", code)
			}
			if !strings.HasPrefix(last, "vssl: ") || !strings.Contains(last, c.say) || strings.Contains(stderr, "panic") {
				t.Errorf("says %q, want a sentence with %q", last, c.say)
			}
			if stdout != "" {
				t.Errorf("stdout holds %q", stdout)
			}
		})
	}
}

func TestRunIsNotOverwritten(t *testing.T) {
	run := filepath.Join(t.TempDir(), "run")
	must(t, small(run, "--steps", "2")...)
	code, _, stderr := vssl(t, small(run, "--steps", "2")...)
	if code != exitUsage || !strings.Contains(stderr, "--resume") {
		t.Errorf("exit %d: %s", code, stderr)
	}
}
