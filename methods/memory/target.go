package memory

import (
	"fmt"
	"slices"

	"vssl/methods/objective"
	"vssl/models/nn"
	"vssl/torch"
)

// TargetConfig says how a target follows. BYOL's authors have 0.996 and 1; MoCo's 0.999 throughout.
type TargetConfig struct {
	Base    float64 // 0..1, share that the target keeps of itself at the beginning of the run
	Final   float64 // 0..1, the share at the end; in between half a cosine
	Buffers bool    // running statistics follow too; else the target's own forward passes make them
}

// Target is a network whose weights are a moving average of another's: BYOL's target, MoCo's key encoder.
type Target struct {
	config TargetConfig
	pairs  []pair
}

// pair is an entry of the target and the one that it follows.
type pair struct{ target, online *nn.Entry }

// NewTarget makes target follow online from its present values on: it copies all tensors and freezes the target. Both trees keep
// their owners. It panics if they differ in names or shapes, or the config is impossible.
func NewTarget(target, online *nn.Node, c TargetConfig) *Target {
	if !(c.Base >= 0 && c.Base <= 1 && c.Final >= 0 && c.Final <= 1) {
		panic(fmt.Sprintf("memory: a target with shares %g to %g, want 0..1", c.Base, c.Final))
	}
	t := &Target{config: c}
	sources := map[string]*nn.Entry{}
	for name, e := range online.All() {
		sources[name] = e
	}
	for name, e := range target.All() {
		from := sources[name]
		if from == nil || !slices.Equal(from.Tensor.Shape(), e.Tensor.Shape()) {
			panic(fmt.Sprintf("memory: target: %q %v has no like in the network that it follows", name, e.Tensor.Shape()))
		}
		delete(sources, name)
		t.pairs = append(t.pairs, pair{e, from})
	}
	for name := range sources {
		panic(fmt.Sprintf("memory: target: %q is missing", name))
	}
	target.SetTrainable(false)
	t.Reset()
	return t
}

// Reset makes the target what its network is now, buffers too: for weights that were read after both were made.
func (t *Target) Reset() {
	torch.NoGrad(func() {
		for _, p := range t.pairs {
			p.target.Tensor.Copy_(p.online.Tensor)
		}
	})
}

// Tau is the share that the target keeps of itself when progress, 0..1, of the run is done; after that it is Final.
func (t *Target) Tau(progress float64) float64 {
	return objective.CosineShare(t.config.Base, t.config.Final, min(progress, 1))
}

// Update moves the target once, after an optimiser step that began when progress of the run was done: weights become
// tau*target + (1-tau)*online. With Buffers, statistics do so too and whole numbers are copied.
func (t *Target) Update(progress float64) {
	tau := t.Tau(progress)
	torch.In(func(*torch.Scope) {
		for _, p := range t.pairs {
			switch {
			case p.target.IsBuffer && !t.config.Buffers:
			case p.target.IsBuffer && p.target.Tensor.DType() == torch.Int64:
				p.target.Tensor.Copy_(p.online.Tensor)
			default:
				objective.WriteAverage(p.target.Tensor, p.online.Tensor, tau)
			}
		}
	})
}
