package pipelines

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"runtime"
	"time"

	"vssl/clips"
	"vssl/pipelines/sink"
	"vssl/torch"
)

// Options are about one sitting of a run, not about what the run is.
type Options struct {
	Resume   bool      // go on from the run folder's last whole checkpoint; start afresh where there is none
	Terminal io.Writer // progress and remarks, one line each; nil for none
	Version  string    // of the program, for the report
}

// Result is what a run ends with.
type Result struct {
	Run            string  `json:"run"`
	Steps          int     `json:"steps"`
	Epochs         int     `json:"epochs"` // whole passes over the data
	Loss           float64 `json:"loss"`   // of the last step
	ClipsPerSecond float64 `json:"clips_per_second"`
	DataWait       float64 `json:"data_wait"` // share of the time, 0..1
	Samples        int     `json:"samples"`   // trained on, with repetitions
	Skipped        int     `json:"skipped"`   // files left out
	LeftAside      int     `json:"left_aside"`
	Report         string  `json:"report"`
}

// Pretrain trains the configured method on the configured data until its steps or epochs are done, and leaves the run
// folder. It returns ErrInterrupted when ctx ended it, after saving; ErrDiverged when the loss is no longer a number;
// ErrNothingUsable when no sample could be read.
func Pretrain(ctx context.Context, cfg *Config, opts Options) (res Result, err error) {
	runtime.LockOSThread() // the engine's modes belong to the thread
	defer runtime.UnlockOSThread()
	defer torch.Recover(&err, "%s", cfg.MethodName())

	// -- what there is: the data, the run folder, the engine
	source, err := OpenSource(ctx, cfg, counters(opts.Terminal))
	if err != nil {
		return res, err
	}
	run, err := openRun(cfg, opts.Resume)
	if err != nil {
		return res, err
	}
	defer run.close(&err)
	if err := run.writeConfig(cfg); err != nil {
		return res, err
	}
	if err := run.noteLeftOut(source); err != nil {
		return res, err
	}

	// -- the network, its method, its optimiser
	owner := torch.NewScope()
	defer owner.Close()
	t, err := newTrainer(cfg, source, run, owner)
	if err != nil {
		return res, err
	}
	defer t.optimizer.Close()

	// -- where we were
	if opts.Resume {
		if err := t.resume(opts.Terminal); err != nil {
			return res, err
		}
	}
	if t.saved == 0 {
		if err := startFrom(cfg, t.method, opts.Terminal); err != nil {
			return res, err
		}
	}
	sinks, err := run.openSinks(t, opts.Terminal)
	if err != nil {
		return res, err
	}
	defer func() { err = errors.Join(err, sinks.Close()) }()
	t.sinks = sinks

	// -- train
	if err := t.loop(ctx); err != nil {
		return t.result(), err
	}

	// -- the end: what people look at
	err = t.report(ctx, opts)
	switch {
	case ctx.Err() != nil:
		return t.result(), ErrInterrupted
	case err != nil:
		return t.result(), fmt.Errorf("report: %w", err)
	}
	return t.result(), nil
}

// OpenSource opens the data set that the configuration names. show counts what has to be fetched, and ctx ends that.
func OpenSource(ctx context.Context, cfg *Config, show Progress) (clips.Source, error) {
	source, err := clips.OpenSource(cfg.Dataset, cfg.Data, clips.SourceOptions{Split: cfg.Split, List: cfg.List, Context: ctx, Progress: show})
	if err != nil {
		return nil, err
	}
	if source.Len() == 0 {
		return nil, fmt.Errorf("%s: %w", cfg.Data, ErrNothingUsable)
	}
	return source, nil
}

// counters shows progress on out; nil where that is nil.
func counters(out io.Writer) Progress {
	if out == nil {
		return nil
	}
	return func(what string) func(done, total int) { return sink.Counter(out, what) }
}

func (t *trainer) result() Result {
	st := &t.state
	res := Result{Run: t.run.dir, Steps: st.Step, Epochs: st.Epoch, Loss: st.Loss, Samples: st.Samples,
		Skipped: t.run.skipped(), LeftAside: t.run.leftAside(), Report: filepath.Join(t.run.dir, reportFile)}
	if st.Seconds > 0 {
		res.ClipsPerSecond = float64(st.Samples) / st.Seconds
		res.DataWait = st.Waited / st.Seconds
	}
	return res
}

// write sends a step's figures to the sinks.
func (t *trainer) write(values map[string]float64) error {
	return t.sinks.Write(sink.Record{Step: t.state.Step, Epoch: t.state.Epoch, Time: time.Now(), Values: values})
}
