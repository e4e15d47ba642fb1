package pipelines

import (
	"fmt"
	"iter"

	"vssl/models"
	"vssl/torch"
	"vssl/torch/optim"
)

func (t *trainer) saveOptimizer(path string) (err error) {
	torch.In(func(*torch.Scope) { err = models.SaveTensors(path, nil, named(t.optimizer.State())) })
	return err
}

func (t *trainer) loadOptimizer(path string) (err error) {
	torch.In(func(*torch.Scope) {
		state := t.optimizer.State()
		if _, err = models.LoadTensors(path, named(state), true); err != nil {
			err = fmt.Errorf("%w: %w: was it written with another optimizer.name?", ErrCheckpoint, err)
			return
		}
		err = t.optimizer.Load(state)
	})
	return err
}

func named(state []optim.Named) iter.Seq2[string, *torch.Tensor] {
	return func(yield func(string, *torch.Tensor) bool) {
		for _, n := range state {
			if !yield(n.Name, n.Tensor) {
				return
			}
		}
	}
}
