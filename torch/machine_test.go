package torch

import (
	"testing"
)

func TestParseDevice(t *testing.T) {
	for _, name := range []string{"cpu", "auto"} {
		if d, err := ParseDevice(name); err != nil || (CUDACount() == 0 && d != CPU) {
			t.Errorf("%s parses as %s, %v", name, d, err)
		}
	}
	for _, name := range []string{"", "gpu", "cuda:", "cuda:-1", "cuda:x", "cuda:99", "1"} {
		if d, err := ParseDevice(name); err == nil {
			t.Errorf("%q parses as %s", name, d)
		}
	}
	if got := CUDA(3).String(); got != "cuda:3" {
		t.Errorf("CUDA(3) shows as %s", got)
	}
}

func TestThreads(t *testing.T) {
	before := Threads()
	defer SetThreads(before)
	SetThreads(1)
	if Threads() != 1 {
		t.Errorf("%d threads, want 1", Threads())
	}
	mustFail(t, func() { SetThreads(0) })
}

func TestLibrary(t *testing.T) {
	if Version() == "" || BLAS() == "" {
		t.Errorf("version %q, BLAS %q", Version(), BLAS())
	}
	if speed := MatMulSpeed(); speed <= 0 {
		t.Errorf("speed is %g GFLOP/s", speed)
	}
	t.Logf("libtorch %s, BLAS %s, reference %v, %d threads, bf16 %v", Version(), BLAS(), BLASIsReference(), Threads(), CPUBF16())
}
