package clips

import (
	"os"
	"path/filepath"
	"testing"
)

// Damaged and unusual files are read or reported, each once, and come out the same from any number of workers: what a decoder
// conceals must not depend on what was decoded before.
func TestOddFiles(t *testing.T) {
	shared := os.Getenv("VSSL_SHARED")
	if shared == "" {
		t.Skip("VSSL_SHARED not set: there are no odd files to read")
	}
	s := open(t, "folder", filepath.Join(shared, "data", "odd"), SourceOptions{})
	r := Pair(8, 2, Contrastive(32))
	r.Sound = smallRecipe().Sound
	cfg := LoaderConfig{Source: s, Recipe: r, Batch: 2, Seed: 5, Shuffle: true, Workers: 1, IndexDir: t.TempDir()}
	want, skipped, samples := epoch(t, cfg)
	if len(samples)+len(skipped) != s.Len() || len(samples) == 0 {
		t.Errorf("%d read, %d skipped of %d", len(samples), len(skipped), s.Len())
	}
	for _, k := range skipped {
		t.Log(k.Path, k.Reason)
	}
	for _, workers := range []int{2, 4} {
		cfg.Workers = workers
		cfg.IndexDir = "-" // without the indices on disk too
		got, _, _ := epoch(t, cfg)
		same(t, "batches", got, want)
	}
}
