package torch

import (
	"errors"
	"fmt"
	"strings"

	"vssl/torch/internal/libtorch"
)

// Failures that no caller can foresee; an [*Error] wraps one of them, for errors.Is.
var (
	ErrOutOfMemory = errors.New("out of memory")
	ErrDevice      = errors.New("device failed")
)

// Error is what an operation panics with.
type Error struct {
	Op      string  // the operation, as "matmul"
	Shapes  [][]int // of its operands, where they could still be read
	Message string  // what is wrong
	Err     error   // ErrOutOfMemory, ErrDevice, or nil for a broken contract
}

// Error gives "matmul: shapes [8, 128] and [64, 8]: message".
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(e.Op)
	for i, s := range e.Shapes {
		b.WriteString([]string{": shapes ", " and "}[min(i, 1)])
		b.WriteString(shapeText(s))
	}
	b.WriteString(": " + e.Message)
	if e.Err != nil && !strings.Contains(e.Message, e.Err.Error()) {
		b.WriteString(": " + e.Err.Error())
	}
	return b.String()
}

// Unwrap returns Err.
func (e *Error) Unwrap() error { return e.Err }

// Recover is deferred by a function that returns an error: it turns the panic of a tensor operation into *err, after the
// prefix that format and args give. Other panics pass.
//
//	defer torch.Recover(&err, "step %d", n)
func Recover(err *error, format string, args ...any) {
	switch p := recover().(type) {
	case nil:
	case *Error:
		*err = fmt.Errorf("%s: %w", fmt.Sprintf(format, args...), p)
	default:
		panic(p)
	}
}

// fail panics with the failure that the shim reports, and names the operands.
func fail(op string, f libtorch.None, operands []*Tensor) {
	e := &Error{Op: op, Message: strings.TrimSpace(f.Text())}
	switch f.Kind {
	case libtorch.Memory:
		e.Err = ErrOutOfMemory
	case libtorch.DeviceFailed:
		e.Err = ErrDevice
	}
	for _, t := range operands {
		if t != nil && t.h != nil {
			e.Shapes = append(e.Shapes, libtorch.Shape(t.h))
		}
	}
	panic(e)
}

func shapeText(shape []int) string {
	return strings.ReplaceAll(fmt.Sprint(shape), " ", ", ")
}
