// Package libtorch is the cgo half of package torch: the C shim over libtorch and the thin Go calls of it, with raw handles
// and no ownership. Only package torch uses it.
//
// It is a package of its own so that an edit of torch does not compile the C++ again. The operators in ops_gen.* come from
// torch/ops.list.
package libtorch

/*
#cgo CXXFLAGS: -std=c++20 -O1 -g0 -fvisibility=hidden -Wno-deprecated-declarations -Wno-attributes
#cgo LDFLAGS: -ltorch -ltorch_cpu -lc10 -ldl
#cgo cuda CXXFLAGS: -DVSSL_CUDA
#cgo cuda LDFLAGS: -Wl,--no-as-needed -ltorch_cuda -lc10_cuda -Wl,--as-needed
#include "shim.h"

#cgo noescape vt_scope_enter
#cgo nocallback vt_scope_enter
#cgo noescape vt_scope_leave
#cgo nocallback vt_scope_leave
#cgo noescape vt_free
#cgo nocallback vt_free
#cgo noescape vt_rank
#cgo nocallback vt_rank
#cgo noescape vt_shape
#cgo nocallback vt_shape
#cgo noescape vt_from
#cgo nocallback vt_from
#cgo noescape vt_read
#cgo nocallback vt_read
#cgo noescape vt_gradients
#cgo nocallback vt_gradients
#cgo noescape vt_zero_grads
#cgo nocallback vt_zero_grads
#cgo noescape vt_optim_step
#cgo nocallback vt_optim_step
#cgo noescape vt_grad_norm
#cgo nocallback vt_grad_norm
*/
import "C"

import "unsafe"

// H is the handle of a tensor: a C++ object that its holder frees with [Free].
type H = unsafe.Pointer

// Kinds of failure, as in shim.h.
const (
	OK = iota
	Contract
	Memory
	DeviceFailed
	NoScope
)

// None, One, Many and Number mirror the result types of shim.h. Err is nil, or a text to take with [Text].
type (
	None struct {
		Err  unsafe.Pointer
		Kind int64
	}
	One struct {
		None
		Scope uint64
		H     H
		Bytes int64
	}
	Many struct {
		None
		Scope uint64
		H     [3]H
		Bytes [3]int64
	}
	Number struct {
		None
		Value float64
	}
)

// Text copies the message of a failure and frees it.
func (n None) Text() string {
	text := C.GoString((*C.char)(n.Err))
	C.vt_text_free((*C.char)(n.Err))
	return text
}

// ints lends a slice of sizes to C for a call; int has 64 bits on every platform that libtorch runs on.
func ints(s []int) *C.int64_t { return (*C.int64_t)(unsafe.Pointer(unsafe.SliceData(s))) }

// pointers lends a slice of handles to C for a call.
func pointers(hs []H) *unsafe.Pointer { return unsafe.SliceData(hs) }

func none(r C.vt_none) None { return *(*None)(unsafe.Pointer(&r)) }
func one(r C.vt_one) One    { return *(*One)(unsafe.Pointer(&r)) }
