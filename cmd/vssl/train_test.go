package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestPretrainThenEval(t *testing.T) {
	run := filepath.Join(t.TempDir(), "run")
	var res struct {
		Run            string
		Steps, Samples int
		Loss           float64
		ClipsPerSecond float64  `json:"clips_per_second"`
		DataWait       *float64 `json:"data_wait"`
		Skipped        *int
	}
	if err := json.Unmarshal([]byte(must(t, small(run, "--epochs", "1", "--json")...)), &res); err != nil {
		t.Fatal(err)
	}
	if res.Run != run || res.Steps != 8 || res.Samples != 32 || res.Loss <= 0 || res.ClipsPerSecond <= 0 || res.DataWait == nil || res.Skipped == nil {
		t.Errorf("got %+v, want one epoch: 8 steps of 4", res)
	}
	for _, name := range []string{"config.yaml", "metrics.jsonl", "skipped.jsonl", "report.html", "checkpoints/last/model.safetensors",
		"checkpoints/last/optimizer.safetensors", "checkpoints/last/state.json"} {
		if _, err := os.Stat(filepath.Join(run, name)); err != nil {
			t.Error(err)
		}
	}
	if report := string(content(t, filepath.Join(run, "report.html"))); !strings.Contains(report, "learnt from 32 unlabelled videos of "+shared.demo+".") {
		t.Error("the report does not say what was learnt from")
	}
	if events, _ := filepath.Glob(filepath.Join(run, "tensorboard", "*tfevents*")); len(events) == 0 {
		t.Error("no TensorBoard events")
	}
	for kind, more := range map[string][]string{
		"knn": {"--k", "5", "--temperature", "0.2"}, "linear": {"--c", "0.1,1"}, "retrieval": {"--gallery", "self"},
		"few-shot": {"--shots", "1", "--episodes", "10"}, "finetune": {"--fractions", "0.5", "--epochs", "1", "--min-steps", "2"},
	} {
		var m map[string]any
		if err := json.Unmarshal([]byte(must(t, append([]string{"eval", kind, "--run", run, "--json"}, more...)...)), &m); err != nil {
			t.Fatal(err)
		}
		for _, key := range []string{kind, kind + "_random", kind + "_low", kind + "_high", "chance"} {
			if v, ok := m[key].(float64); !ok || v < 0 || v > 1 {
				t.Errorf("%s is %v in %v", key, m[key], m)
			}
		}
		if settings, ok := m["settings"].(map[string]any); !ok || settings["test_part"] == "" {
			t.Errorf("%s: settings are %v", kind, m["settings"])
		} else if kind == "knn" && (settings["k"] != 5. || settings["temperature"] != 0.2) {
			t.Errorf("knn was asked for k 5 at 0.2, its settings are %v", settings)
		}
	}
	if text := must(t, "eval", "knn", "--run", run, "--split", "train", "--test-split", "test"); !strings.Contains(text, "split test of") ||
		!strings.Contains(text, "untrained") || !strings.Contains(text, "chance") {
		t.Errorf("the table is\n%s", text)
	}
}

// The configuration that a run stores repeats the run.
func TestConfigRepeatsTheRun(t *testing.T) {
	dir := t.TempDir()
	first, second := filepath.Join(dir, "first"), filepath.Join(dir, "second")
	must(t, small(first, "--steps", "3")...)
	must(t, "pretrain", "--config", filepath.Join(first, "config.yaml"), "--out", second)
	if string(weights(t, first)) != string(weights(t, second)) {
		t.Error("the same configuration gives other weights")
	}
}

// A folder with broken files among good ones trains on what is there and says what was left out.
func TestBrokenFilesAreReported(t *testing.T) {
	data := t.TempDir()
	good, err := filepath.Glob(filepath.Join(shared.demo, "*", "*.mp4"))
	if err != nil || len(good) < 12 {
		t.Fatalf("%d files in the demo set, %v", len(good), err)
	}
	for i, from := range good[:12] {
		content, err := os.ReadFile(from)
		if err != nil {
			t.Fatal(err)
		}
		switch i {
		case 3:
			content = content[:len(content)/3] // the index at the end is gone
		case 5:
			content = nil
		case 7:
			content = []byte("<html>not found</html>")
		}
		name := filepath.Join(data, "c", "v"+string(rune('a'+i))+".mp4")
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, content, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(data, "c", "notes.txt"), []byte("not a video"), 0o644); err != nil {
		t.Fatal(err)
	}
	run := filepath.Join(t.TempDir(), "run")
	args := small(run, "--steps", "6")
	for i, a := range args {
		if a == shared.demo {
			args[i] = data
		}
		if a == "demo" {
			args[i] = "folder"
		}
	}
	must(t, args...)
	lines, err := os.ReadFile(filepath.Join(run, "skipped.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"vd.mp4", "vf.mp4", "vh.mp4"} {
		if strings.Count(string(lines), name) != 1 {
			t.Errorf("%s is not reported once:\n%s", name, lines)
		}
	}
}
