package pipelines

import (
	"context"
	"errors"

	"vssl/methods"
	"vssl/pipelines/sink"
)

// evaluate measures kNN on the training source, split by its labels, and keeps the checkpoint of the best as `best`.
func (t *trainer) evaluate(ctx context.Context, values map[string]float64) error {
	has, ok := t.method.(methods.HasBackbone)
	if !ok || len(t.source.Classes()) < 2 {
		return nil
	}
	ex := extractor{cfg: t.cfg, net: has.Backbone(), device: t.device, amp: t.compute}
	p, err := ex.parts(ctx, t.source, nil)
	var few *UsageError
	switch {
	case errors.As(err, &few): // too few labels to measure with are no reason to stop
		return nil
	case err != nil:
		return err
	}
	m := Metrics{}
	if err := measure(ctx, "knn", t.cfg, p, m, "", nil); err != nil {
		return err
	}
	values[sink.KNN] = m["knn"]
	if m["knn"] <= t.state.Best {
		return nil
	}
	t.state.Best = m["knn"]
	if err := t.save(); err != nil {
		return err
	}
	return t.run.checkpoints.best(t.state.Step)
}
