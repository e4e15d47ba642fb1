// Package optim changes parameters by their gradients: SGD, Adam, AdamW, LARS and RMSProp.
//
// A step is one call of the native library. Float32 parameters on the CPU are updated in one pass over memory on all threads,
// others by libtorch's operators on lists. The same gradients give the same bits, whatever the number of threads.
package optim

import (
	"fmt"
	"slices"

	"vssl/torch"
)

// Group is parameters that share their settings.
type Group struct {
	Names       []string        // one for each parameter, unique over all groups: the keys of the state
	Params      []*torch.Tensor // leaves that require gradients
	WeightDecay *float64        // instead of the config's, when not nil
	Scale       float64         // factor of the rate; 0 stands for 1
}

// Optimizer holds the state of an update rule for some parameters. It is used by one goroutine.
type Optimizer struct {
	config Config
	names  []string
	scope  *torch.Scope // owns the state tensors
	update torch.Update
}

// New makes an optimizer with zero state. It panics when the config is not valid or a group's names and parameters do not
// match. The caller closes it, before or after the parameters' scope.
func New(c Config, groups []Group) *Optimizer {
	if err := c.Validate(); err != nil {
		panic(fmt.Sprintf("optim: %v", err))
	}
	o := &Optimizer{config: c.withDefaults(), scope: torch.NewScope()}
	for _, g := range groups {
		o.addGroup(g)
	}
	if len(slices.Compact(slices.Sorted(slices.Values(o.names)))) != len(o.names) {
		panic("optim: two parameters have one name")
	}
	torch.In(func(*torch.Scope) {
		for _, p := range o.update.Params {
			for range o.config.slots() {
				o.update.State = append(o.update.State, o.scope.Keep(p.Detach().ZerosLike()))
			}
		}
	})
	return o
}

func (o *Optimizer) addGroup(g Group) {
	if len(g.Names) != len(g.Params) {
		panic(fmt.Sprintf("optim: a group has %d names for %d parameters", len(g.Names), len(g.Params)))
	}
	u := &o.update
	for i, p := range g.Params {
		// SimCLR's authors leave biases and normalisations out of decay and trust ratio.
		plain := o.config.Kind == LARS && !o.config.AdaptAll && p.Rank() <= 1
		decay := o.config.WeightDecay
		if g.WeightDecay != nil {
			decay = *g.WeightDecay
		}
		if plain {
			decay = 0
		}
		o.names = append(o.names, g.Names[i])
		u.Params = append(u.Params, p)
		u.Decay = append(u.Decay, decay)
		u.Scale = append(u.Scale, orDefault(g.Scale, 1))
		u.Adapt = append(u.Adapt, !plain)
		u.Steps = append(u.Steps, 0)
	}
}

// Step updates every parameter that has a gradient, at rate lr.
func (o *Optimizer) Step(lr float64) {
	o.update.Rule = o.config.rule(lr)
	o.update.Apply()
}

// ZeroGrad drops all gradients; the next backward pass writes new ones rather than adding.
func (o *Optimizer) ZeroGrad() { torch.ZeroGrads(o.update.Params) }

// GradNorm returns the 2-norm of all gradients taken together.
func (o *Optimizer) GradNorm() float64 { return torch.GradNorm(o.update.Params) }

// ClipGradNorm returns GradNorm and, where that is above limit > 0, scales the gradients down to limit. A norm that is not finite
// comes back as it is and the gradients stay.
func (o *Optimizer) ClipGradNorm(limit float64) float64 {
	return torch.ClipGradNorm(o.update.Params, limit)
}

// Params returns the parameters, in order of the groups. The slice is the optimizer's own.
func (o *Optimizer) Params() []*torch.Tensor { return o.update.Params }

// Config returns the config, with defaults filled in.
func (o *Optimizer) Config() Config { return o.config }

// Close frees the state.
func (o *Optimizer) Close() { o.scope.Close() }
