package torch

import (
	"fmt"
	"runtime"

	"vssl/torch/internal/libtorch"
)

// RequireGrad sets whether operations on t are recorded for gradients, and returns t. It panics for integers, and for on = false
// unless t is a leaf.
func (t *Tensor) RequireGrad(on bool) *Tensor {
	const op = "require_grad"
	done(op, libtorch.RequireGrad(t.handle(op), on), t)
	return t
}

// RequiresGrad tells whether operations on t are recorded for gradients.
func (t *Tensor) RequiresGrad() bool { return libtorch.RequiresGrad(t.handle("requires_grad")) }

// Grad returns the gradient that Backward has gathered in a leaf, nil where there is none. The result shares its memory.
func (t *Tensor) Grad() *Tensor {
	const op = "grad"
	r := libtorch.GradOf(t.handle(op))
	if r.Kind == libtorch.OK && r.H == nil {
		return nil
	}
	return adopt(op, r, t)
}

// SetGrad replaces the gradient of a leaf by g, of t's shape, or drops it when g is nil.
func (t *Tensor) SetGrad(g *Tensor) {
	const op = "set_grad"
	done(op, libtorch.SetGrad(t.handle(op), g.handleOrNil(op)), t, g)
}

// ZeroGrad drops the gradient of t.
func (t *Tensor) ZeroGrad() { libtorch.ZeroGrads([]libtorch.H{t.handle("zero_grad")}) }

// Backward adds the gradients of the scalar t to the leaves it came from, and frees the record. Autocast is off meanwhile: the
// backward pass has the types of the forward one.
func (t *Tensor) Backward() {
	const op = "backward"
	done(op, libtorch.Backward(t.handle(op), false), t)
}

// BackwardKeep is Backward without freeing the record, so that it can run again.
func (t *Tensor) BackwardKeep() {
	const op = "backward"
	done(op, libtorch.Backward(t.handle(op), true), t)
}

// Grad returns the gradients of the sum of the scalar outputs with respect to inputs, nil for an input that does not matter; the
// leaves' own gradients stay as they are. With createGraph the gradients are recorded themselves, and the record of outputs stays.
func Grad(outputs, inputs []*Tensor, createGraph bool) []*Tensor {
	const op = "gradients"
	r, hs, bytes := libtorch.Gradients(handles(op, outputs), handles(op, inputs), createGraph)
	if r.Kind != libtorch.OK {
		fail(op, r.None, outputs)
	}
	s := innermost(r.Scope)
	grads := make([]*Tensor, len(hs))
	for i, h := range hs {
		if h != nil {
			grads[i] = enrol(op, s, h, bytes[i])
		}
	}
	return grads
}

// NoGrad runs f without recording for gradients, and restores what was set before, also when f panics. The goroutine stays
// locked to its thread meanwhile.
func NoGrad(f func()) { withGrad(false, f) }

// EnableGrad runs f with recording, inside a NoGrad too, and restores what was set before.
func EnableGrad(f func()) { withGrad(true, f) }

func withGrad(on bool, f func()) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	previous := libtorch.SetGradMode(on)
	defer libtorch.SetGradMode(previous)
	f()
}

// GradEnabled tells whether operations on this thread are recorded.
func GradEnabled() bool { return libtorch.GradMode() }

// Autocast runs f with products and convolutions computed in dt, BFloat16 or Float16, on all devices, and what needs range
// computed in float32, as libtorch's lists say. It restores what was set before, also when f panics. The goroutine stays locked to its thread
// meanwhile. It panics for other types.
func Autocast(dt DType, f func()) {
	if dt != BFloat16 && dt != Float16 {
		panic(&Error{Op: "autocast", Message: fmt.Sprintf("wants bfloat16 or float16, got %s", dt)})
	}
	withAutocast(int(dt), f)
}

// NoAutocast runs f with every operation in the type of its operands, as for losses, and restores what was set before.
func NoAutocast(f func()) { withAutocast(-1, f) }

func withAutocast(dtype int, f func()) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	previous := libtorch.AutocastEnter(dtype)
	defer libtorch.AutocastLeave(previous)
	f()
}
