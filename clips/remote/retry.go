package remote

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
)

const maxPause = 30 * time.Second

var errStalled = errors.New("nothing came for too long")

// again repeats do until it succeeds, fails for good, or has failed Attempts times in a row without progress.
func (f *fetcher) again(ctx context.Context, do func(context.Context) (progress bool, err error)) error {
	pause := f.cfg.Pause
	for failed := 0; ; {
		progress, err := do(ctx)
		if err == nil || isPermanent(err) || ctx.Err() != nil {
			return err
		}
		if failed++; progress {
			failed, pause = 1, f.cfg.Pause
		}
		if failed >= f.cfg.Attempts {
			return fmt.Errorf("%s (tried %d times); run again to go on from there", oneLine(err), failed)
		}
		if !sleep(ctx, pause) {
			return ctx.Err()
		}
		pause = min(2*pause, maxPause)
	}
}

func oneLine(err error) string { return strings.Join(strings.Fields(err.Error()), " ") }

// sleep waits, and reports whether it could wait to the end.
func sleep(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// watch ends the context when alive is not called for as long as patience.
func watch(ctx context.Context, patience time.Duration) (watched context.Context, alive, stop func()) {
	watched, cancel := context.WithCancelCause(ctx)
	timer := time.AfterFunc(patience, func() { cancel(errStalled) })
	return watched, func() { timer.Reset(patience) }, func() { timer.Stop(); cancel(nil) }
}

// cause is why a read failed: the end of the context, where it ended, says less than what ended it.
func cause(ctx context.Context, err error) error {
	if err != nil && errors.Is(context.Cause(ctx), errStalled) {
		return errStalled
	}
	return err
}
