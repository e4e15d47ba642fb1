package torch

import (
	"fmt"
	"strings"

	"vssl/torch/internal/libtorch"
)

// Tensor is an n-dimensional array in native memory, owned by a [Scope].
type Tensor struct {
	h     libtorch.H // nil once the owner is closed
	owner *Scope
	place int // in owner.own
	bytes int64
}

// Shape is the sizes of a tensor's dimensions, outermost first; empty for a scalar.
type Shape = []int

// handle returns the native handle and panics when it is gone.
func (t *Tensor) handle(op string) libtorch.H {
	if t == nil {
		panic(&Error{Op: op, Message: "a tensor is nil"})
	}
	if t.h == nil {
		panic(&Error{Op: op, Message: "a tensor is used after its scope was closed"})
	}
	return t.h
}

// handleOrNil is handle for operands that may be left out.
func (t *Tensor) handleOrNil(op string) libtorch.H {
	if t == nil {
		return nil
	}
	return t.handle(op)
}

func handles(op string, ts []*Tensor) []libtorch.H {
	hs := make([]libtorch.H, len(ts))
	for i, t := range ts {
		hs[i] = t.handle(op)
	}
	return hs
}

// adopt makes a tensor of what an operator returned, owned by the innermost scope, or panics with its failure.
func adopt(op string, r libtorch.One, operands ...*Tensor) *Tensor {
	if r.Kind != libtorch.OK {
		fail(op, r.None, operands)
	}
	return enrol(op, innermost(r.Scope), r.H, r.Bytes)
}

// adoptMany is adopt for two or three results.
func adoptMany(op string, r libtorch.Many, operands ...*Tensor) (ts [3]*Tensor) {
	if r.Kind != libtorch.OK {
		fail(op, r.None, operands)
	}
	s := innermost(r.Scope)
	for i, h := range r.H {
		if h != nil {
			ts[i] = enrol(op, s, h, r.Bytes[i])
		}
	}
	return ts
}

// done panics with the failure of an operator that returns nothing.
func done(op string, r libtorch.None, operands ...*Tensor) {
	if r.Kind != libtorch.OK {
		fail(op, r, operands)
	}
}

func innermost(id uint64) *Scope {
	s, _ := openScopes.Load(id)
	return s.(*Scope)
}

func enrol(op string, s *Scope, h libtorch.H, bytes int64) *Tensor {
	t := &Tensor{h: h, bytes: bytes}
	liveCount.Add(1)
	liveBytes.Add(bytes)
	s.add(op, t)
	return t
}

// Shape returns the sizes of the dimensions, outermost first.
func (t *Tensor) Shape() []int { return libtorch.Shape(t.handle("shape")) }

// Dim returns the size of dimension i, which may count from the end with -1. It panics when there is no such dimension.
func (t *Tensor) Dim(i int) int {
	shape := t.Shape()
	n := i
	if n < 0 {
		n += len(shape)
	}
	if n < 0 || n >= len(shape) {
		panic(&Error{Op: "dim", Shapes: [][]int{shape}, Message: fmt.Sprintf("there is no dimension %d", i)})
	}
	return shape[n]
}

// Rank returns the number of dimensions, 0 for a scalar.
func (t *Tensor) Rank() int { return libtorch.Rank(t.handle("rank")) }

// Numel returns the number of elements.
func (t *Tensor) Numel() int { return libtorch.Numel(t.handle("numel")) }

// DType returns the element type.
func (t *Tensor) DType() DType { return DType(libtorch.DType(t.handle("dtype"))) }

// Device returns where the memory is.
func (t *Tensor) Device() Device { return deviceOf(libtorch.Device(t.handle("device"))) }

// IsContiguous tells whether the elements lie in row-major order without gaps.
func (t *Tensor) IsContiguous() bool { return libtorch.IsContiguous(t.handle("is_contiguous")) }

// IsChannelsLast tells whether a tensor of 4 or 5 dimensions has its channels innermost in memory.
func (t *Tensor) IsChannelsLast() bool { return libtorch.IsChannelsLast(t.handle("is_channels_last")) }

// SharesMemory tells whether the elements of t and o begin at one address.
func (t *Tensor) SharesMemory(o *Tensor) bool {
	return libtorch.SameMemory(t.handle("shares_memory"), o.handle("shares_memory"))
}

// Closed tells whether the scope that owned t has been closed.
func (t *Tensor) Closed() bool { return t.h == nil }

// String describes t and shows its first elements.
func (t *Tensor) String() string {
	if t == nil || t.h == nil {
		return "tensor(closed)"
	}
	const show = 8
	var b strings.Builder
	fmt.Fprintf(&b, "tensor(%s %s %s", shapeText(t.Shape()), t.DType(), t.Device())
	n := t.Numel()
	if n > 0 {
		In(func(*Scope) {
			first := t.Detach().Reshape(-1).Narrow(0, 0, min(n, show)).Float64s()
			fmt.Fprintf(&b, " %.5g", first)
		})
	}
	if n > show {
		b.WriteString("...")
	}
	return b.String() + ")"
}
