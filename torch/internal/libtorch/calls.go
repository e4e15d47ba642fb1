package libtorch

// #include "shim.h"
import "C"

import "unsafe"

// ScopeEnter makes id the innermost scope of the calling thread and returns the one that was.
func ScopeEnter(id uint64) uint64 { return uint64(C.vt_scope_enter(C.uint64_t(id))) }

// ScopeLeave makes previous the innermost scope again.
func ScopeLeave(previous uint64) { C.vt_scope_leave(C.uint64_t(previous)) }

// Free releases handles.
func Free(hs []H) { C.vt_free(pointers(hs), C.int64_t(len(hs))) }

// Shape returns the sizes of x.
func Shape(x H) []int {
	sizes := make([]int, C.vt_rank(x))
	C.vt_shape(x, ints(sizes))
	return sizes
}

// Rank returns the number of dimensions.
func Rank(x H) int { return int(C.vt_rank(x)) }

// Numel returns the number of elements.
func Numel(x H) int { return int(C.vt_numel(x)) }

// DType returns libtorch's number of the element type.
func DType(x H) int { return int(C.vt_dtype(x)) }

// Device returns -1 for the CPU, else the index of the CUDA device.
func Device(x H) int { return int(C.vt_device(x)) }

// IsContiguous tells whether x is in row-major order.
func IsContiguous(x H) bool { return bool(C.vt_is_contiguous(x)) }

// IsChannelsLast tells whether the channels are innermost.
func IsChannelsLast(x H) bool { return bool(C.vt_is_channels_last(x)) }

// SameMemory tells whether a and b begin at one address.
func SameMemory(a, b H) bool { return bool(C.vt_same_memory(a, b)) }

// From copies data into a new CPU tensor.
func From(data unsafe.Pointer, bytes int, shape []int, dtype int) One {
	return one(C.vt_from(data, C.int64_t(bytes), ints(shape), C.int64_t(len(shape)), C.int64_t(dtype)))
}

// Read copies x, converted to dtype and in row-major order, to dst.
func Read(x H, dtype int, dst unsafe.Pointer, bytes int) None {
	return none(C.vt_read(x, C.int64_t(dtype), dst, C.int64_t(bytes)))
}

// Item reads the only element.
func Item(x H) Number {
	r := C.vt_item(x)
	return *(*Number)(unsafe.Pointer(&r))
}

// RequireGrad sets whether gradients are recorded for x.
func RequireGrad(x H, on bool) None { return none(C.vt_require_grad(x, C.bool(on))) }

// RequiresGrad tells whether gradients are recorded for x.
func RequiresGrad(x H) bool { return bool(C.vt_requires_grad(x)) }

// GradOf returns the gradient of a leaf, with a nil handle where there is none.
func GradOf(x H) One { return one(C.vt_grad(x)) }

// SetGrad replaces the gradient; grad may be nil.
func SetGrad(x, grad H) None { return none(C.vt_set_grad(x, grad)) }

// ZeroGrads drops the gradients.
func ZeroGrads(xs []H) { C.vt_zero_grads(pointers(xs), C.int64_t(len(xs))) }

// Backward adds the gradients of the scalar x to its leaves.
func Backward(x H, keepGraph bool) None { return none(C.vt_backward(x, C.bool(keepGraph))) }

// Gradients returns a handle, or nil, and its bytes for each input.
func Gradients(outputs, inputs []H, createGraph bool) (r One, grads []H, bytes []int64) {
	grads, bytes = make([]H, len(inputs)), make([]int64, len(inputs))
	r = one(C.vt_gradients(pointers(outputs), C.int64_t(len(outputs)), pointers(inputs), C.int64_t(len(inputs)),
		C.bool(createGraph), pointers(grads), (*C.int64_t)(unsafe.SliceData(bytes))))
	return r, grads, bytes
}

// SetGradMode switches recording on this thread and returns what was set.
func SetGradMode(on bool) bool { return bool(C.vt_set_grad_mode(C.bool(on))) }

// GradMode tells whether this thread records.
func GradMode() bool { return bool(C.vt_grad_mode()) }

// Autocast is the state of autocast of a thread.
type Autocast = C.vt_autocast

// AutocastEnter switches this thread to dtype, or off with -1, and returns what was set.
func AutocastEnter(dtype int) Autocast { return C.vt_autocast_enter(C.int64_t(dtype)) }

// AutocastLeave restores what AutocastEnter returned.
func AutocastLeave(previous Autocast) { C.vt_autocast_leave(previous) }
