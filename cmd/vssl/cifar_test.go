package main

import (
	"archive/tar"
	"compress/gzip"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path"
	"path/filepath"
	"testing"

	"vssl/pipelines/sink"
)

// What the small recipe of each method reaches above its untrained network: points of kNN on 3,000 test pictures of CIFAR-10 after ten
// epochs of 10,000, with room for the seed. A 95 % interval of the kNN is 1.8 points either way.
var margins = map[string]float64{
	"npid": 0.10, "deepcluster": 0.08, "swav": 0.08, "moco": 0.10, "moco2": 0.09, "byol": 0.06, "simclr": 0.07, "supervised": 0.20,
}

// Each method of pictures learns without labels, and its features stay spread.
func TestImageMethodsLearnWithoutLabels(t *testing.T) {
	shared := os.Getenv("VSSL_SHARED")
	if testing.Short() || shared == "" {
		t.Skip("short, or VSSL_SHARED not set: there is no CIFAR-10 to train on for minutes")
	}
	dir := t.TempDir()
	train, test := filepath.Join(dir, "train"), filepath.Join(dir, "test")
	unpack(t, filepath.Join(shared, "data", "images", "cifar10-jpg-train.tar.gz"), train, 1000)
	unpack(t, filepath.Join(shared, "data", "images", "cifar10-jpg-test.tar.gz"), test, 300)
	for _, name := range imageMethods() {
		margin, ok := margins[name]
		if !ok {
			continue
		}
		t.Run(name, func(t *testing.T) {
			run := filepath.Join(dir, name)
			must(t, "image", "--data", train, "--method", name, "--recipe", "small", "--epochs", "10", "--out", run,
				"--model", "tiny2d", "--set", "model.stem=imagenet", "--set", "threads=1")
			var m struct {
				KNN    float64
				Random float64 `json:"knn_random"`
			}
			if err := json.Unmarshal([]byte(must(t, "eval", "knn", "--run", run, "--test", test, "--json")), &m); err != nil {
				t.Fatal(err)
			}
			records, err := sink.ReadJSONL(filepath.Join(run, "metrics.jsonl"))
			if err != nil {
				t.Fatal(err)
			}
			spread, rank := last(records, sink.FeatureStd), last(records, sink.EffectiveRank)
			t.Logf("kNN %.3f, untrained %.3f; spread %.2f, effective rank %.1f", m.KNN, m.Random, spread, rank)
			if m.KNN < m.Random+margin {
				t.Errorf("kNN is %.3f, untrained %.3f: less than %.2f apart", m.KNN, m.Random, margin)
			}
			if spread < 0.3 || rank < 5 {
				t.Errorf("features collapse: spread %.2f, want 0.3 or more; effective rank %.1f, want 5 or more", spread, rank)
			}
		})
	}
}

// unpack writes the first n files of every folder of an archive.
func unpack(t *testing.T, archive, to string, n int) {
	t.Helper()
	f, err := os.Open(archive)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	taken := map[string]int{}
	for r := tar.NewReader(z); ; {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		class := path.Base(path.Dir(h.Name))
		if taken[class]++; h.Typeflag != tar.TypeReg || taken[class] > n {
			continue
		}
		data, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		dir := filepath.Join(to, class)
		if err := os.MkdirAll(dir, 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, path.Base(h.Name)), data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}
