package libtorch

// #include "shim.h"
import "C"

import "unsafe"

// Seed seeds the generators of all devices.
func Seed(seed uint64) None { return none(C.vt_seed(C.uint64_t(seed))) }

// RNGState returns the generator's state of a device as a uint8 tensor.
func RNGState(device int) One { return one(C.vt_rng_state(C.int64_t(device))) }

// SetRNGState sets the generator of a device.
func SetRNGState(device int, state H) None { return none(C.vt_set_rng_state(C.int64_t(device), state)) }

// CUDAUsed tells whether CUDA has been started in this process.
func CUDAUsed() bool { return bool(C.vt_cuda_used()) }

// Version is the release of the headers that the shim was compiled with.
func Version() string { return C.GoString(C.vt_version()) }

// CUDACount is the number of usable CUDA devices.
func CUDACount() int { return int(C.vt_cuda_count()) }

// CUDAWait waits for the work queued on a device.
func CUDAWait(index int) None { return none(C.vt_cuda_wait(C.int64_t(index))) }

// SetThreads sets the number of threads of an operator.
func SetThreads(n int) { C.vt_set_threads(C.int64_t(n)) }

// Threads returns the number of threads of an operator.
func Threads() int { return int(C.vt_threads()) }

// BLAS names the file that the BLAS functions come from.
func BLAS() string {
	text := C.vt_blas()
	defer C.vt_text_free(text)
	return C.GoString(text)
}

// MemoryStart tells malloc to keep freed memory and, if own is set, installs the caching allocator.
func MemoryStart(own bool) { C.vt_memory_start(C.bool(own)) }

// MemoryCached returns the bytes that are kept for reuse.
func MemoryCached() int64 { return int64(C.vt_memory_cached()) }

// MemoryInUse returns the bytes of large blocks in use.
func MemoryInUse() int64 { return int64(C.vt_memory_in_use()) }

// MemoryRelease gives what is kept back to the system.
func MemoryRelease() { C.vt_memory_release() }

// Rule is the update rule of an optimiser, as in shim.h.
type Rule struct {
	Kind                                        int64
	LR, Momentum, Beta1, Beta2, Eps, Alpha, Eta float64
	Nesterov, Classic                           bool
}

// OptimStep updates params by their gradients.
func OptimStep(rule Rule, params, states []H, decay, scale []float64, adapt []bool, steps []int64) None {
	perParam := 0
	if len(params) > 0 {
		perParam = len(states) / len(params)
	}
	return none(C.vt_optim_step(*(*C.vt_rule)(unsafe.Pointer(&rule)), pointers(params), C.int64_t(len(params)), pointers(states),
		C.int64_t(perParam), (*C.double)(unsafe.SliceData(decay)), (*C.double)(unsafe.SliceData(scale)),
		(*C.bool)(unsafe.SliceData(adapt)), (*C.int64_t)(unsafe.SliceData(steps))))
}

// GradNorm returns the 2-norm of all gradients and scales them down to limit where limit > 0.
func GradNorm(params []H, limit float64) Number {
	r := C.vt_grad_norm(pointers(params), C.int64_t(len(params)), C.double(limit))
	return *(*Number)(unsafe.Pointer(&r))
}

// CUDABytes returns the bytes of live tensors on a CUDA device.
func CUDABytes(index int) int64 { return int64(C.vt_cuda_bytes(C.int64_t(index))) }
