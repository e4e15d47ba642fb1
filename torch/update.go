package torch

import "vssl/torch/internal/libtorch"

// RuleKind is an update rule.
type RuleKind = int64

// The update rules; package optim says what each computes.
const (
	RuleSGD RuleKind = iota
	RuleAdam
	RuleAdamW
	RuleLARS
	RuleRMSProp
)

// Rule is an update rule with its numbers, for package optim, which describes them.
type Rule = libtorch.Rule

// Update is one optimiser step, for package optim.
type Update struct {
	Rule   Rule
	Params []*Tensor
	State  []*Tensor // the same number for each parameter, in order
	Decay  []float64 // weight decay of each parameter, no unit
	Scale  []float64 // factor of the rate for each parameter
	Adapt  []bool    // LARS: whether the trust ratio holds for a parameter
	Steps  []int64   // updates of each parameter so far, counted up where there is a gradient
}

// Apply changes the parameters by their gradients. Those without one stay as they are. It panics with an *Error when a tensor is closed.
func (u *Update) Apply() {
	const op = "optimizer_step"
	done(op, libtorch.OptimStep(u.Rule, handles(op, u.Params), handles(op, u.State), u.Decay, u.Scale, u.Adapt, u.Steps))
}

// ZeroGrads drops the gradients of all params in one call.
func ZeroGrads(params []*Tensor) { libtorch.ZeroGrads(handles("zero_grads", params)) }

// GradNorm returns the 2-norm of the gradients of all params taken together; those without one count as 0.
func GradNorm(params []*Tensor) float64 { return ClipGradNorm(params, 0) }

// ClipGradNorm returns GradNorm, and where it is above limit > 0 scales the gradients down to it.
func ClipGradNorm(params []*Tensor, limit float64) float64 {
	const op = "grad_norm"
	r := libtorch.GradNorm(handles(op, params), limit)
	done(op, r.None)
	return r.Value
}
