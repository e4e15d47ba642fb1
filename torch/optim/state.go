package optim

import (
	"fmt"
	"slices"

	"vssl/torch"
)

// Named is a state tensor with its key.
type Named struct {
	Name   string
	Tensor *torch.Tensor
}

// stepsName is the key of the counts of updates.
const stepsName = "steps"

// State returns all that the rule remembers, in an order that depends on the groups alone: for each parameter its tensors as
// "momentum/NAME" and the like, of the parameter's shape, then "steps", int64 [number of parameters]. The steps belong to the innermost open
// scope, the other tensors are the optimizer's own.
func (o *Optimizer) State() []Named {
	var all []Named
	slots := o.config.slots()
	for i, t := range o.update.State {
		all = append(all, Named{slots[i%len(slots)] + "/" + o.names[i/len(slots)], t})
	}
	return append(all, Named{stepsName, torch.FromInt64(o.update.Steps)})
}

// Load copies a state that State returned for the same config and groups, in any order. An error names a tensor that is missing,
// unknown or of another shape; the state is then as it was.
func (o *Optimizer) Load(state []Named) (err error) {
	defer torch.Recover(&err, "optimizer state")
	given := map[string]*torch.Tensor{}
	for _, n := range state {
		given[n.Name] = n.Tensor
	}
	torch.In(func(*torch.Scope) {
		own := o.State()
		if err = check(own, given); err != nil {
			return
		}
		for _, n := range own {
			n.Tensor.Copy_(given[n.Name])
		}
		copy(o.update.Steps, own[len(own)-1].Tensor.Int64s())
	})
	return err
}

// Forget sets the state of the given parameters back to that of new ones. Parameters that the optimizer does not know are
// passed over.
func (o *Optimizer) Forget(params []*torch.Tensor) {
	slots := len(o.config.slots())
	for i, p := range o.update.Params {
		if !slices.Contains(params, p) {
			continue
		}
		o.update.Steps[i] = 0
		for _, t := range o.update.State[i*slots : (i+1)*slots] {
			t.Fill_(0)
		}
	}
}

// check compares the tensors of a given state with those that are wanted.
func check(want []Named, given map[string]*torch.Tensor) error {
	for _, n := range want {
		t, ok := given[n.Name]
		if !ok {
			return fmt.Errorf("optimizer state: %q is missing", n.Name)
		}
		if !slices.Equal(t.Shape(), n.Tensor.Shape()) {
			return fmt.Errorf("optimizer state: %q has shape %v, want %v", n.Name, t.Shape(), n.Tensor.Shape())
		}
	}
	for name := range given {
		if !slices.ContainsFunc(want, func(n Named) bool { return n.Name == name }) {
			return fmt.Errorf("optimizer state: %q belongs to no parameter", name)
		}
	}
	return nil
}
