package pipelines

import (
	"context"
	"errors"
	"runtime"
	"testing"
)

// A loss that is no number stops the run and leaves the last good state.
func TestDivergenceStopsTheRun(t *testing.T) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	tr := smallRun(t, "optimizer.name=sgd", "optimizer.lr=1e30", "schedule.warmup=0", "checkpoint.every=1", "schedule.steps=50")
	err := tr.loop(context.Background())
	if !errors.Is(err, ErrDiverged) {
		t.Fatalf("got %v, want ErrDiverged", err)
	}
	dirs, err := tr.run.checkpoints.newest()
	if err != nil || len(dirs) == 0 {
		t.Fatalf("no checkpoint is left: %v", err)
	}
	if _, err := readState(dirs[0]); err != nil {
		t.Error(err)
	}
}

func TestCancelledRunIsSaved(t *testing.T) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	tr := smallRun(t)
	tr.to(t, 2)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	tr.cfg.Schedule.Steps = 10
	if err := tr.loop(ctx); !errors.Is(err, ErrInterrupted) {
		t.Fatalf("got %v, want ErrInterrupted", err)
	}
	if tr.saved != 2 {
		t.Errorf("saved step %d, want 2", tr.saved)
	}
}
