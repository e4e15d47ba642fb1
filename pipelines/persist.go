package pipelines

import (
	"errors"
	"fmt"
	"io"
	"iter"
	"path/filepath"

	"vssl/methods"
	"vssl/models"
	"vssl/torch"
	"vssl/torch/optim"
)

// saveIfSound saves the state before a step that failed, unless its weights are what is wrong.
func (t *trainer) saveIfSound() error {
	sound := true
	torch.In(func(*torch.Scope) {
		for _, p := range t.method.Modules().All() {
			sound = sound && p.Tensor.To(torch.Float32).IsFinite().All().Float() == 1
		}
	})
	if !sound || t.saved == t.state.Step {
		return nil
	}
	return t.save()
}

// save writes a checkpoint of the state as it stands between two steps.
func (t *trainer) save() error {
	st := t.state
	st.RNG = torch.RNGState()
	st.Skipped = t.run.skips
	if keeper, ok := t.method.(methods.Stateful); ok {
		extra, err := keeper.State()
		if err != nil {
			return fmt.Errorf("state of %s: %w", st.Method, err)
		}
		st.Extra = extra
	}
	meta := map[string]string{"method": st.Method, "model": st.Model, "step": fmt.Sprint(st.Step)}
	if b, ok := t.method.(methods.HasBackbone); ok {
		meta[backboneKey] = prefixOf(b.Backbone(), t.method)
	}
	t.saved = st.Step
	return t.run.checkpoints.save(st, func(dir string) error {
		if err := models.Save(filepath.Join(dir, modelFile), t.method.Modules(), meta); err != nil {
			return err
		}
		return t.saveOptimizer(filepath.Join(dir, optimizerFile))
	})
}

// resume takes the newest whole checkpoint; one that is damaged is named on the terminal and the one before it is taken.
func (t *trainer) resume(terminal io.Writer) error {
	dirs, err := t.run.checkpoints.newest()
	if err != nil || len(dirs) == 0 {
		return err
	}
	var broken []error
	for _, dir := range dirs {
		err := t.load(dir)
		if err == nil {
			say(terminal, "resumed from %s", dir)
			return nil
		}
		if !errors.Is(err, ErrCheckpoint) {
			return err
		}
		say(terminal, "%v; trying the one before", err)
		broken = append(broken, err)
	}
	return fmt.Errorf("no checkpoint in %s is whole: %w", t.run.checkpoints.dir, errors.Join(broken...))
}

// load puts a checkpoint's state in place, or says why it is not to be had.
func (t *trainer) load(dir string) error {
	st, err := readState(dir)
	if err != nil {
		return err
	}
	if st.Method != t.state.Method || st.Model != t.state.Model {
		return &UsageError{fmt.Errorf("%s is of method %s on %s, this run is %s on %s: choose another --out, or the same method and model",
			dir, st.Method, st.Model, t.state.Method, t.state.Model)}
	}
	if _, err := models.Load(filepath.Join(dir, modelFile), t.method.Modules(), true); err != nil {
		return err
	}
	if err := t.loadOptimizer(filepath.Join(dir, optimizerFile)); err != nil {
		return err
	}
	if keeper, ok := t.method.(methods.Stateful); ok {
		if err := keeper.Restore(st.Extra); err != nil {
			return fmt.Errorf("%s: state of %s: %w", dir, st.Method, err)
		}
	}
	torch.SetRNGState(st.RNG)
	t.state, t.saved = st, st.Step
	return t.run.noteSkipped(st.Skipped)
}

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
