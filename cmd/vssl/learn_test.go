package main

import (
	"encoding/json"
	"path/filepath"
	"testing"

	"vssl/pipelines/sink"
)

// On the whole demo set, whose classes differ in motion only, the trained network beats itself before training by at
// least 20 points of kNN, and its features stay spread. 480 steps, about two minutes on two cores.
func TestLearnsMotionWithoutLabels(t *testing.T) {
	if testing.Short() {
		t.Skip("short: trains for minutes")
	}
	dir := t.TempDir()
	data, run := filepath.Join(dir, "demo"), filepath.Join(dir, "run")
	must(t, "prepare", "demo", "--data", data)
	must(t, "pretrain", "--dataset", "demo", "--data", data, "--method", "cvrl", "--recipe", "small", "--epochs", "40", "--out", run)
	var m struct {
		KNN    float64
		Random float64 `json:"knn_random"`
	}
	if err := json.Unmarshal([]byte(must(t, "eval", "knn", "--run", run, "--json")), &m); err != nil {
		t.Fatal(err)
	}
	t.Logf("kNN %.3f, untrained %.3f", m.KNN, m.Random)
	if m.KNN < m.Random+0.20 {
		t.Errorf("kNN is %.3f, untrained %.3f: less than 20 points apart", m.KNN, m.Random)
	}
	records, err := sink.ReadJSONL(filepath.Join(run, "metrics.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	spread, rank := last(records, sink.FeatureStd), last(records, sink.EffectiveRank)
	if spread < 0.3 || rank < 5 {
		t.Errorf("features collapse: spread %.2f, want 0.3 or more; effective rank %.1f, want 5 or more", spread, rank)
	}
}

// last is the newest value of a figure that not every step has.
func last(records []sink.Record, name string) float64 {
	for i := len(records) - 1; i >= 0; i-- {
		if v, ok := records[i].Values[name]; ok {
			return v
		}
	}
	return 0
}
