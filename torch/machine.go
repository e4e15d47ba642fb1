package torch

import (
	"os"
	"runtime"
	"strings"
	"time"

	"golang.org/x/sys/cpu"

	"vssl/torch/internal/libtorch"
)

// The allocator and the threads are set before the first tensor. Debian's libtorch begins with one thread.
func init() {
	libtorch.MemoryStart(os.Getenv("VSSL_ALLOCATOR") != "system")
	if os.Getenv("OMP_NUM_THREADS") == "" {
		libtorch.SetThreads(runtime.GOMAXPROCS(0))
	}
}

// SetThreads sets the number of threads that one operator computes with, on all OS threads from the next [In] on. It panics unless
// n is at least 1.
func SetThreads(n int) {
	if n < 1 {
		panic(&Error{Op: "set_threads", Message: "the number of threads must be at least 1"})
	}
	libtorch.SetThreads(n)
}

// Threads returns the number of threads that one operator computes with; at the start the cores this process may use, or
// OMP_NUM_THREADS where that is set.
func Threads() int { return libtorch.Threads() }

// Version returns the release of libtorch that this program was compiled with, as "1.13.0".
func Version() string { return libtorch.Version() }

// CPUBF16 tells whether this processor multiplies in bfloat16 (AVX512-BF16 or AMX), so that Autocast is faster than float32.
func CPUBF16() bool { return cpu.X86.HasAVX512BF16 || cpu.X86.HasAMXBF16 }

// BLAS names the file that matrix products come from, or "built in". Debian's libtorch takes whatever libblas.so.3 is
// installed, and the reference one is tens of times slower than OpenBLAS.
func BLAS() string { return libtorch.BLAS() }

// BLASIsReference tells whether the BLAS is the slow reference one.
func BLASIsReference() bool {
	return strings.Contains(BLAS(), "/blas/libblas")
}

// MatMulSpeed multiplies float32 matrices for about a tenth of a second and returns the speed in GFLOP/s.
func MatMulSpeed() float64 {
	const n = 512
	var best float64
	In(func(*Scope) {
		a := Ones([]int{n, n}, Float32, CPU)
		for start := time.Now(); time.Since(start) < 100*time.Millisecond; {
			begin := time.Now()
			In(func(*Scope) { a.MatMul(a) })
			best = max(best, 2*n*n*n/time.Since(begin).Seconds()/1e9)
		}
	})
	return best
}

// CachedBytes returns the memory that the CPU allocator keeps for reuse, in bytes. Together with what is in use it stays below
// the peak in use, a quarter more, and 64 MiB. The environment variable VSSL_ALLOCATOR=system turns the allocator off before the program starts.
func CachedBytes() int64 { return libtorch.MemoryCached() }

// LargeBytes returns the memory in use in large blocks of the CPU allocator, in bytes: also what only a gradient graph holds.
func LargeBytes() int64 { return libtorch.MemoryInUse() }

// DeviceBytes returns the memory of live tensors on a CUDA device, in bytes; 0 for the CPU, whose is [LargeBytes].
func DeviceBytes(d Device) int64 {
	if d.Kind == KindCPU {
		return 0
	}
	return libtorch.CUDABytes(d.Index)
}

// ReleaseCache gives the memory that is kept for reuse back to the system, on the CPU and on the CUDA devices in use.
func ReleaseCache() { libtorch.MemoryRelease() }
