package torch

import (
	"fmt"
	"strconv"
	"strings"

	"vssl/torch/internal/libtorch"
)

// DeviceKind is the sort of a device.
type DeviceKind uint8

// The sorts of devices.
const (
	KindCPU DeviceKind = iota
	KindCUDA
)

// Device is where a tensor's memory is. The zero value is the CPU.
type Device struct {
	Kind  DeviceKind
	Index int // of the CUDA device, 0 for the CPU
}

// CPU is the host.
var CPU = Device{}

// CUDA returns the CUDA device n, counted from 0.
func CUDA(n int) Device { return Device{KindCUDA, n} }

// String returns "cpu" or "cuda:N".
func (d Device) String() string {
	if d.Kind == KindCPU {
		return "cpu"
	}
	return fmt.Sprintf("cuda:%d", d.Index)
}

// code is the form that the shim takes.
func (d Device) code() int {
	if d.Kind == KindCPU {
		return -1
	}
	return d.Index
}

func deviceOf(code int) Device {
	if code < 0 {
		return CPU
	}
	return CUDA(code)
}

// CUDACount returns the number of CUDA devices that can be used, 0 where the build or the driver has none.
func CUDACount() int { return libtorch.CUDACount() }

// ParseDevice reads "cpu", "cuda", "cuda:N" or "auto", which is the first CUDA device if there is one and else the CPU. A
// CUDA device that is not there is an error.
func ParseDevice(name string) (Device, error) {
	switch {
	case name == "cpu":
		return CPU, nil
	case name == "auto":
		if CUDACount() > 0 {
			return CUDA(0), nil
		}
		return CPU, nil
	case name == "cuda":
		name = "cuda:0"
	}
	digits, found := strings.CutPrefix(name, "cuda:")
	n, err := strconv.Atoi(digits)
	if !found || err != nil || n < 0 {
		return Device{}, fmt.Errorf("device %q: want auto, cpu, cuda or cuda:N", name)
	}
	if have := CUDACount(); n >= have {
		return Device{}, fmt.Errorf("device %q: %d CUDA devices found; use cpu, or a build with -tags cuda on a machine with the driver", name, have)
	}
	return CUDA(n), nil
}

// Synchronize waits until a device has done the work queued on it. On the CPU there is nothing to wait for.
func Synchronize(d Device) {
	if d.Kind == KindCUDA {
		const op = "synchronize"
		done(op, libtorch.CUDAWait(d.Index))
	}
}
