package pipelines

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"time"

	"go.yaml.in/yaml/v3"

	"vssl/clips"
	"vssl/methods"
	"vssl/pipelines/sink"
	"vssl/torch"
	"vssl/torch/optim"
)

// Errors that end a run before its time.
var (
	ErrDiverged      = errors.New("the loss is not a finite number")
	ErrNothingUsable = errors.New("no sample is usable")
)

// collapseEvery is the number of steps between two readings of the collapse meter, whose singular values cost time.
const collapseEvery = 10

// trainer is one loop for all methods: it knows them by their interfaces only.
type trainer struct {
	cfg       *Config
	source    clips.Source
	number    map[string]int // of the sample with that key
	run       *run
	device    torch.Device
	compute   torch.DType // of matrix products and convolutions: Float32 or BFloat16
	method    methods.Method
	optimizer *optim.Optimizer
	state     State
	sinks     sink.Sink
	saved     int     // step of the newest checkpoint
	online    *online // what evaluations during training look at; nil where there is nothing to measure with
	measured  bool    // online has been looked for
}

// newTrainer builds the network with the run's seed; its tensors belong to owner.
func newTrainer(cfg *Config, source clips.Source, run *run, owner *torch.Scope) (*trainer, error) {
	t := &trainer{cfg: cfg, source: source, number: map[string]int{}, run: run}
	for i := range source.Len() {
		t.number[source.Sample(i).Key] = i
	}
	var err error
	if t.device, t.compute, err = engine(cfg); err != nil {
		return nil, err
	}
	if t.method, err = newMethod(cfg, source, t.device, owner); err != nil {
		return nil, err
	}
	t.optimizer = optim.New(cfg.optim(), groups(t.method, cfg.Optimizer))
	t.state = State{Version: stateVersion, Method: cfg.MethodName(), Model: cfg.Model.Name}
	return t, nil
}

// newMethod builds the configured method with weights drawn from the seed; startFrom loads those of model.weights.
func newMethod(cfg *Config, source clips.Source, device torch.Device, owner *torch.Scope) (methods.Method, error) {
	own, err := yaml.Marshal(cfg.methodKeys())
	if err != nil {
		return nil, err
	}
	torch.Seed(cfg.Seed)
	var m methods.Method
	torch.In(func(*torch.Scope) {
		m, err = methods.New(cfg.MethodName(), own, methods.Env{
			Scope: owner, ModelName: cfg.Model.Name, Model: cfg.model(),
			Clip: clips.Recipe{Frames: cfg.Clip.Frames, Stride: cfg.Clip.Stride}, Augment: cfg.Augment,
			Samples: source.Len(), Classes: len(source.Classes()), Batch: cfg.Batch, Seed: cfg.Seed,
		})
	})
	if err != nil {
		return nil, &UsageError{err}
	}
	m.Modules().ToDevice(device)
	m.Modules().ChannelsLast()
	return m, nil
}

// loop runs from the state's step to the last one. It saves every checkpoint.every steps, at the end, and when ctx ends.
func (t *trainer) loop(ctx context.Context) error {
	data := t.openData(ctx)
	defer func() { data.close() }()
	for !t.done() {
		started := time.Now()
		batches, err := data.next(t.cfg.Accumulate)
		switch {
		case ctx.Err() != nil:
			return errors.Join(ErrInterrupted, t.save())
		case errors.Is(err, io.EOF):
			t.state.Epoch, t.state.Position = data.epoch+1, 0
			continue
		case err != nil:
			return err
		}
		values := map[string]float64{}
		if err := t.step(batches, values); err != nil {
			return errors.Join(err, t.saveIfSound())
		}
		t.advance(batches, data.waited(), time.Since(started), values)
		release(batches)
		if err := t.finish(values); err != nil {
			return err
		}
	}
	return t.end(ctx)
}

// end measures the trained network where the run measures itself, and saves it.
func (t *trainer) end(ctx context.Context) error {
	before := t.state.Evaluated
	if t.cfg.Eval.Every > 0 {
		err := t.evaluate(ctx)
		switch {
		case ctx.Err() != nil:
			return errors.Join(ErrInterrupted, t.save())
		case err != nil:
			return err
		}
	}
	if t.state.Step != t.saved || t.state.Evaluated != before {
		return t.save()
	}
	return nil
}

// done says whether the run has all its steps, or all its epochs.
func (t *trainer) done() bool {
	if t.cfg.Schedule.Steps > 0 {
		return t.state.Step >= t.cfg.Schedule.Steps
	}
	return t.state.Epoch >= t.cfg.Schedule.Epochs
}

// rate is the learning rate of the step to come. Its time runs in epochs, so that files which turn out broken do not
// keep the cosine from its end; with a number of steps given, it runs in steps.
func (t *trainer) rate() float64 {
	c := t.cfg.Schedule
	s := schedule{peak: t.cfg.Optimizer.LR, final: c.Final, warmup: c.Warmup, total: float64(c.Epochs), drops: c.Drops, factor: c.Factor}
	if c.Steps == 0 {
		return s.rate(t.epochs())
	}
	s.warmup *= max(1, float64(t.source.Len())/float64(t.cfg.Batch*t.cfg.Accumulate))
	s.total = float64(c.Steps)
	return s.rate(float64(t.state.Step))
}

// epochs is how many passes over the data are done, with the fraction of the current one.
func (t *trainer) epochs() float64 {
	return float64(t.state.Epoch) + float64(t.state.Position)/float64(t.source.Len())
}

// steps is how many optimiser steps the run has in all, as far as is known.
func (t *trainer) steps() int {
	if t.cfg.Schedule.Steps > 0 {
		return t.cfg.Schedule.Steps
	}
	usable := t.source.Len() - t.run.broken()
	return t.cfg.Schedule.Epochs * (usable / t.cfg.Batch) / t.cfg.Accumulate // a last batch that is not full is left out
}

// progress is the share of the run that is done, 0..1.
func (t *trainer) progress() float64 {
	if t.cfg.Schedule.Steps > 0 {
		return float64(t.state.Step) / float64(t.cfg.Schedule.Steps)
	}
	return t.epochs() / float64(t.cfg.Schedule.Epochs)
}

// step is one optimiser step: forward and backward for each batch, then the update. All it makes in native memory is
// gone when it returns. A loss that is not finite is ErrDiverged, before the update.
func (t *trainer) step(batches []*clips.Batch, values map[string]float64) (err error) {
	defer torch.Recover(&err, "step %d", t.state.Step+1)
	values[sink.LR] = t.rate()
	torch.In(func(*torch.Scope) {
		t.method.Modules().SetTraining(true)
		t.optimizer.ZeroGrad()
		for _, b := range batches {
			t.forward(b, len(batches), values)
		}
		if !finite(values[sink.Loss]) {
			err = fmt.Errorf("step %d: %w: loss is %g, learning rate %g; the last checkpoint holds the last good state, try --resume with a lower --lr",
				t.state.Step+1, ErrDiverged, values[sink.Loss], values[sink.LR])
			return
		}
		values["grad_norm"] = t.optimizer.ClipGradNorm(t.cfg.ClipGrad)
		t.optimizer.Step(values[sink.LR])
		if m, ok := t.method.(methods.FollowsSteps); ok {
			torch.NoGrad(func() { m.AfterStep(t.methodStep(batches[len(batches)-1].Epoch)) })
		}
	})
	return err
}

// forward adds the gradient of one batch, one part in parts, and its figures.
func (t *trainer) forward(b *clips.Batch, parts int, values map[string]float64) {
	torch.In(func(*torch.Scope) {
		input := toDevice(b, t.device)
		var losses methods.Losses
		autocast(t.compute, func() { losses = t.method.Loss(t.methodStep(b.Epoch), input) })
		share := 1 / float64(parts)
		losses.Total.MulScalar(share).Backward()
		values[sink.Loss] += losses.Total.Float() * share
		for name, figure := range losses.Figures {
			values[name] += figure.Float() * share
		}
		if losses.Features != nil && t.state.Step%collapseEvery == 0 {
			meter := methods.MeasureCollapse(losses.Features)
			values[sink.FeatureStd] += meter.Std * share
			values[sink.EffectiveRank] += meter.Rank * share
		}
	})
}

func (t *trainer) methodStep(epoch int) methods.Step {
	return methods.Step{Number: t.state.Step, Epoch: epoch, Progress: t.progress()}
}

// advance counts a step that was made.
// took is the time of all of it, waited the part spent waiting for data.
func (t *trainer) advance(batches []*clips.Batch, waited, took time.Duration, values map[string]float64) {
	st := &t.state
	last := batches[len(batches)-1]
	n := 0
	for _, b := range batches {
		n += len(b.Index)
	}
	st.Step++
	st.Epoch, st.Position = last.Epoch, last.Position
	st.Samples += n
	st.Loss = values[sink.Loss]
	st.Seconds += took.Seconds()
	st.Waited += waited.Seconds()
	values[sink.ClipsPerSecond] = float64(n) / took.Seconds()
	values[sink.DataWait] = waited.Seconds() / took.Seconds()
	values[sink.Skipped] = float64(t.run.skipped())
}

// finish writes the figures of the step, and saves where it is time.
func (t *trainer) finish(values map[string]float64) error {
	if err := t.write(values); err != nil {
		return err
	}
	if t.state.Step%t.cfg.Checkpoint.Every != 0 {
		return nil
	}
	return t.save()
}

func finite(x float64) bool { return !math.IsNaN(x) && !math.IsInf(x, 0) }
