package torch

import (
	"fmt"
	"unsafe"

	"vssl/torch/internal/libtorch"
)

// from copies a slice into a CPU tensor; without a shape it is a vector.
func from[E any](op string, data []E, dt DType, shape []int) *Tensor {
	if len(shape) == 0 {
		shape = []int{len(data)}
	}
	size := int(unsafe.Sizeof(*new(E)))
	return adopt(op, libtorch.From(unsafe.Pointer(unsafe.SliceData(data)), len(data)*size, shape, int(dt)))
}

// FromFloat32 copies data, row-major, into a float32 CPU tensor of the given shape; a vector when none is given. It panics
// unless the number of elements fits.
func FromFloat32(data []float32, shape ...int) *Tensor {
	return from("from_float32", data, Float32, shape)
}

// FromFloat64 copies data, row-major, into a float64 CPU tensor of the given shape; a vector when none is given.
func FromFloat64(data []float64, shape ...int) *Tensor {
	return from("from_float64", data, Float64, shape)
}

// FromInt64 copies data, row-major, into an int64 CPU tensor of the given shape; a vector when none is given.
func FromInt64(data []int64, shape ...int) *Tensor {
	return from("from_int64", data, Int64, shape)
}

// FromUint8 copies data, row-major, into a uint8 CPU tensor of the given shape; a vector when none is given.
func FromUint8(data []uint8, shape ...int) *Tensor {
	return from("from_uint8", data, UInt8, shape)
}

// FromInts copies data into an int64 CPU tensor of the given shape; a vector when none is given.
func FromInts(data []int, shape ...int) *Tensor {
	return from("from_ints", data, Int64, shape)
}

// FromBytes copies data, the elements' little-endian bytes in row-major order, into a CPU tensor of the given type and
// shape; no sizes make a scalar. It panics unless the number of bytes fits.
func FromBytes(dt DType, data []byte, shape ...int) *Tensor {
	const op = "from_bytes"
	if dt.Size() == 0 {
		panic(&Error{Op: op, Message: fmt.Sprintf("%s is no element type", dt)})
	}
	return adopt(op, libtorch.From(unsafe.Pointer(unsafe.SliceData(data)), len(data), shape, int(dt)))
}

// Scalar returns a float32 CPU tensor of rank 0.
func Scalar(v float64) *Tensor { return Full(nil, v, Float32, CPU) }
