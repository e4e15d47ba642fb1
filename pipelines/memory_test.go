package pipelines

import (
	"context"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"vssl/clips/demo"
	"vssl/torch"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// demoClips renders a demo set of n clips of a second and returns its folder.
func demoClips(t *testing.T, n int) string {
	t.Helper()
	data := filepath.Join(t.TempDir(), "demo")
	cfg := demo.Defaults()
	cfg.Clips, cfg.Seconds = n, 1
	if err := demo.Prepare(context.Background(), data, cfg, nil); err != nil {
		t.Fatal(err)
	}
	return data
}

// smallRun is a trainer over a few demo clips, with the cheapest settings that still go through everything.
func smallRun(t *testing.T, set ...string) *trainer {
	t.Helper()
	words := append([]string{"dataset=demo", "data=" + demoClips(t, 16), "out=" + filepath.Join(t.TempDir(), "run"), "recipe=small", "batch=4",
		"clip.frames=4", "augment.size=32", "checkpoint.every=100000", "schedule.steps=1", "precision=fp32"}, set...)
	tree, err := ParseSet(words)
	if err != nil {
		t.Fatal(err)
	}
	c, err := Resolve(Layers{Set: tree})
	if err != nil {
		t.Fatal(err)
	}
	source, err := OpenSource(t.Context(), c, nil)
	if err != nil {
		t.Fatal(err)
	}
	r, err := openRun(c, false)
	if err != nil {
		t.Fatal(err)
	}
	owner := torch.NewScope()
	tr, err := newTrainer(c, source, r, owner)
	if err != nil {
		t.Fatal(err)
	}
	if tr.sinks, err = r.openSinks(tr, nil); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		tr.optimizer.Close()
		owner.Close()
		if err := tr.sinks.Close(); err != nil {
			t.Error(err)
		}
		r.close(&err)
	})
	return tr
}

// to trains on until the given step.
func (t *trainer) to(test *testing.T, step int) {
	test.Helper()
	t.cfg.Schedule.Steps = step
	if err := t.loop(context.Background()); err != nil {
		test.Fatal(err)
	}
}

// Steps give back what they take: tensors to the last one, memory to within what allocators keep.
func TestStepsLeaveNothingBehind(t *testing.T) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	tr := smallRun(t)
	steps := 200
	if testing.Short() {
		steps = 40
	}
	tr.to(t, 20)
	tensors, memory := torch.Live(), resident(t)
	tr.to(t, steps)
	t.Logf("after 20 steps %d tensors, %d MiB; after %d steps %d tensors, %d MiB", tensors, memory>>20, steps, torch.Live(), resident(t)>>20)
	if got := torch.Live(); got != tensors {
		t.Errorf("%d live tensors after %d steps, %d after 20", got, steps, tensors)
	}
	if got := resident(t); got > memory+24<<20 {
		t.Errorf("%d MiB resident after %d steps, %d after 20", got>>20, steps, memory>>20)
	}
}

func TestEverythingIsGivenBackAtTheEnd(t *testing.T) {
	before := torch.Live()
	t.Run("run", func(t *testing.T) {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		smallRun(t, "optimizer.name=sgd").to(t, 3)
	})
	if got := torch.Live(); got != before {
		t.Errorf("%d tensors are alive after the run, %d before", got, before)
	}
}

// resident is the memory of the process that is in RAM, in bytes, after a collection.
func resident(t *testing.T) int64 {
	t.Helper()
	runtime.GC()
	debug.FreeOSMemory()
	data, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		t.Skip("no /proc/self/statm: resident memory cannot be read on this system")
	}
	pages, err := strconv.ParseInt(strings.Fields(string(data))[1], 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return pages * int64(os.Getpagesize())
}
