package pipelines

import (
	"bytes"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
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
	if !slices.Equal(at, []int{4, 8, 9}) {
		t.Errorf("kNN stands at steps %v, want 4 and 8, the last of the first and of the second epoch, and 9, the last of the run", at)
	}
	if got := len(records); got != 9+3 {
		t.Errorf("%d records, want 9 of steps and 3 of evaluations", got)
	}
	tr.to(t, 9) // as a finished run that is resumed: nothing is measured again
	if again, err := sink.ReadJSONL(filepath.Join(tr.run.dir, metricsFile)); err != nil || len(again) != len(records) {
		t.Errorf("%d records (%v) after a second end, %d before", len(again), err, len(records))
	}
}

// An evaluation leaves no trace in what is trained: the weights are those of a run without.
func TestOnlineEvaluationChangesNothing(t *testing.T) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	data := demoClips(t, 16)
	weights := func(set ...string) map[string][]byte {
		tr := smallRun(t, append([]string{"data=" + data}, set...)...)
		tr.to(t, 6)
		all := map[string][]byte{}
		for name, e := range tr.method.Modules().All() {
			all[name] = e.Tensor.Bytes()
		}
		return all
	}
	plain := weights("eval.every=0")
	measured := weights("eval.every=1", "eval.clips=1", "eval.k=3", "eval.kinds=[knn, linear]")
	if !maps.EqualFunc(plain, measured, bytes.Equal) {
		t.Error("the weights differ")
	}
}

// The labelled data of the evaluation may be another than that of the training; a mistake in it shows before the first step.
func TestOnlineEvaluationOnOtherData(t *testing.T) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	data := demoClips(t, 16)
	tr := smallRun(t, "eval.every=1", "eval.clips=1", "eval.k=3", "eval.data="+data, "eval.split=train", "eval.test_split=test", "eval.kinds=[linear]")
	tr.to(t, 5)
	records, err := sink.ReadJSONL(filepath.Join(tr.run.dir, metricsFile))
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, r := range records {
		if _, ok := r.Values[sink.Linear]; ok {
			n++
		}
		if _, ok := r.Values[sink.KNN]; ok {
			t.Error("kNN is measured, which was not asked for")
		}
	}
	if n != 2 {
		t.Errorf("%d linear evaluations, want 2: after the epoch and at the end", n)
	}
	if sets := tr.online.sets; sets.train.Len()+sets.test.Len() != 16 || sets.about != "split test of "+data {
		t.Errorf("measured on %d and %d samples, %s", sets.train.Len(), sets.test.Len(), sets.about)
	}
	wrong := smallRun(t, "eval.every=1", "eval.data="+filepath.Join(t.TempDir(), "nowhere"), "eval.dataset=folder")
	wrong.cfg.Schedule.Steps = 1
	if err := wrong.loop(t.Context()); err == nil || !strings.Contains(err.Error(), "nowhere") || wrong.state.Step != 0 {
		t.Errorf("after %d steps: %v", wrong.state.Step, err)
	}
}
