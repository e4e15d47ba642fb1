package pipelines

import (
	"context"
	"errors"
	"io"

	"vssl/clips"
	"vssl/methods"
	"vssl/models/nn"
	"vssl/torch"
)

// beginEpoch does what belongs between two epochs: the evaluation of the one that ended, and the method's own preparation of the
// one that begins. It does nothing where a run resumes in the midst of the epoch. An error leaves the trainer as it was.
func (t *trainer) beginEpoch(ctx context.Context, epoch int) (err error) {
	if epoch < t.state.Begun {
		return nil
	}
	random := torch.RNGState()
	defer func() {
		if err != nil {
			err = errors.Join(err, torch.SetRNGState(random))
		}
	}()
	defer torch.Recover(&err, "epoch %d", epoch)
	if err := t.prepareOnline(ctx); err != nil {
		return err
	}
	if every := t.cfg.Eval.Every; every > 0 && epoch > 0 && epoch%every == 0 {
		if err := t.evaluate(ctx); err != nil {
			return err
		}
	}
	if m, ok := t.method.(methods.BeginsEpochs); ok {
		torch.In(func(*torch.Scope) {
			torch.NoGrad(func() { err = m.BeginEpoch(ctx, t.methodStep(epoch), between{t}) })
		})
		if err != nil {
			return err
		}
	}
	t.state.Begun = epoch + 1
	return nil
}

// between is the run as a method sees it between two epochs.
type between struct{ t *trainer }

var _ methods.Run = between{}

// Each reads the whole set once, in order, but for what has failed before.
func (r between) Each(ctx context.Context, recipe clips.Recipe, f func(b methods.Batch) error) error {
	t := r.t
	t.method.Modules().SetTraining(false)
	cfg := t.cfg.loader(t.source, recipe, t.cfg.Batch)
	cfg.Broken = t.unreadable()
	loader := clips.NewLoader(ctx, cfg)
	defer loader.Close()
	for {
		b, err := loader.Next()
		if errors.Is(err, io.EOF) {
			return t.run.noteSkipped(loader.Skipped())
		}
		if err != nil {
			return err
		}
		if err := t.run.noteSkipped(b.Skipped); err != nil {
			return err
		}
		torch.In(func(*torch.Scope) {
			autocast(t.compute, func() { err = f(toDevice(b, t.device)) })
		})
		b.Release()
		if err != nil {
			return err
		}
	}
}

// Forget drops the optimiser's memory of the parameters below n.
func (r between) Forget(n *nn.Node) {
	var params []*torch.Tensor
	for _, e := range n.All() {
		params = append(params, e.Tensor)
	}
	r.t.optimizer.Forget(params)
}
