package pipelines

import (
	"context"
	"errors"
	"time"

	"vssl/methods"
	"vssl/pipelines/sink"
	"vssl/torch"
)

// onlineKinds are the kinds of evaluation that a run can make of itself.
func onlineKinds() []string { return []string{knnKind, linearKind} }

// probeC is the weight of the data in the linear probe during training, where nothing is held out to choose it by.
const probeC = 1

// online is the labelled data that a run measures itself on.
type online struct{ sets evalSets }

// openOnline opens the data of the evaluations during training, nil where there is nothing to measure with. Data that the eval
// section names must have labels; that of the training need not.
func openOnline(ctx context.Context, cfg *Config) (*online, error) {
	sets, err := openSets(ctx, cfg, false, nil)
	var few *UsageError
	e := cfg.Eval
	named := e.Dataset != "" || e.Data != "" || e.Split != "" || e.Test != "" || e.TestSplit != ""
	switch {
	case err == nil:
		return &online{sets}, nil
	case errors.As(err, &few) && !named: // too few labels to measure with are no reason not to train
		return nil, nil
	default:
		return nil, err
	}
}

// prepareOnline opens the labelled data before the first step, so that a mistake shows there and not after an epoch.
func (t *trainer) prepareOnline(ctx context.Context) (err error) {
	if t.cfg.Eval.Every == 0 || t.measured {
		return nil
	}
	t.measured = true
	if _, ok := t.method.(methods.HasBackbone); ok {
		t.online, err = openOnline(ctx, t.cfg)
	}
	return err
}

// evaluate measures the network as it is now, writes the figures, and keeps the checkpoint of the best kNN as `best`. It draws
// nothing from the engine's generators. A second call at the same step does nothing.
func (t *trainer) evaluate(ctx context.Context) error {
	if err := t.prepareOnline(ctx); err != nil {
		return err
	}
	if t.online == nil || t.state.Evaluated == t.state.Step {
		return nil
	}
	values, err := t.measure(ctx)
	if err != nil || len(values) == 0 {
		return err
	}
	t.state.Evaluated = t.state.Step
	if err := t.sinks.Write(sink.Record{Step: t.state.Step, Epoch: t.state.Epoch, Time: time.Now(), Values: values}); err != nil {
		return err
	}
	if values[sink.KNN] <= t.state.Best {
		return nil
	}
	t.state.Best = values[sink.KNN]
	if err := t.save(); err != nil {
		return err
	}
	return t.run.checkpoints.best(t.state.Step)
}

// measure is what the kinds of eval.kinds say, by name; none where too few samples can be read.
func (t *trainer) measure(ctx context.Context) (values map[string]float64, err error) {
	defer torch.Recover(&err, "evaluation after step %d", t.state.Step)
	c := t.cfg.Eval
	ex := extractor{cfg: t.cfg, net: t.method.(methods.HasBackbone).Backbone(), device: t.device, amp: t.compute}
	p, err := ex.parts(ctx, t.online.sets)
	var few *UsageError
	switch {
	case errors.As(err, &few):
		return nil, nil
	case err != nil:
		return nil, err
	}
	values = map[string]float64{}
	for _, kind := range c.Kinds {
		switch kind {
		case knnKind:
			got, err := knnAccuracy(ctx, p.train, p.test, vote{c.K, c.Temperature, p.size()}, nil, 1)
			if err != nil {
				return nil, err
			}
			values[sink.KNN] = got[0].Value
		case linearKind:
			r, err := fitLinear(ctx, p.train, p.test, probeC, []int{1})
			if err != nil {
				return nil, err
			}
			values[sink.Linear] = float64(r.hits[0]) / float64(r.of)
		}
	}
	return values, nil
}
