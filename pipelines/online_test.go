package pipelines

import (
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"vssl/pipelines/sink"
)

// With eval.every the run measures itself between epochs and keeps the best state under its own name.
func TestOnlineEvaluation(t *testing.T) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	tr := smallRun(t, "eval.every=1", "eval.clips=1", "eval.k=3")
	tr.to(t, 9) // 16 clips in batches of 4: two epochs and a step
	best, err := os.Readlink(filepath.Join(tr.run.checkpoints.dir, "best"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := readState(filepath.Join(tr.run.checkpoints.dir, best)); err != nil {
		t.Error(err)
	}
	records, err := sink.ReadJSONL(filepath.Join(tr.run.dir, metricsFile))
	if err != nil {
		t.Fatal(err)
	}
	var at []int
	for _, r := range records {
		if acc, ok := r.Values[sink.KNN]; ok {
			at = append(at, r.Step)
			if acc < 0 || acc > 1 {
				t.Errorf("kNN is %g", acc)
			}
		}
	}
	if len(at) != 2 || at[0] != 5 || at[1] != 9 {
		t.Errorf("kNN stands at steps %v, want 5 and 9: the first of the second and of the third epoch", at)
	}
}
