package torch

import (
	"fmt"
	"unsafe"

	"vssl/torch/internal/libtorch"
)

// Float returns the only element. It panics when there are more or none.
func (t *Tensor) Float() float64 {
	const op = "float"
	r := libtorch.Item(t.handle(op))
	done(op, r.None, t)
	return r.Value
}

// Int returns the only element, cut to a whole number. It panics when there are more or none.
func (t *Tensor) Int() int { return int(t.Float()) }

// True returns whether the only element is not zero. It panics when there are more or none.
func (t *Tensor) True() bool { return t.Float() != 0 }

// read copies the elements, converted, in row-major order, from whatever device and layout.
func read[E any](op string, t *Tensor, dt DType) []E {
	dst := make([]E, libtorch.Numel(t.handle(op)))
	size := int(unsafe.Sizeof(*new(E)))
	done(op, libtorch.Read(t.h, int(dt), unsafe.Pointer(unsafe.SliceData(dst)), len(dst)*size), t)
	return dst
}

// Float32s copies the elements as float32, row-major.
func (t *Tensor) Float32s() []float32 { return read[float32]("float32s", t, Float32) }

// Float64s copies the elements as float64, row-major.
func (t *Tensor) Float64s() []float64 { return read[float64]("float64s", t, Float64) }

// Int64s copies the elements as int64, row-major; fractions are cut.
func (t *Tensor) Int64s() []int64 { return read[int64]("int64s", t, Int64) }

// Bytes copies the elements in their own type, row-major, little-endian.
func (t *Tensor) Bytes() []byte {
	dst := make([]byte, t.Numel()*t.DType().Size())
	t.CopyBytes(dst)
	return dst
}

// CopyBytes copies the elements in their own type, row-major, little-endian, to dst. It panics unless dst has exactly their size.
func (t *Tensor) CopyBytes(dst []byte) {
	const op = "copy_bytes"
	dt := libtorch.DType(t.handle(op))
	if want := libtorch.Numel(t.h) * DType(dt).Size(); want != len(dst) {
		panic(&Error{Op: op, Shapes: [][]int{t.Shape()}, Message: fmt.Sprintf("the tensor has %d bytes, the destination %d", want, len(dst))})
	}
	done(op, libtorch.Read(t.h, dt, unsafe.Pointer(unsafe.SliceData(dst)), len(dst)), t)
}

// CopyFloat32s copies the elements, converted, row-major, to dst. It panics unless dst has exactly as many.
func (t *Tensor) CopyFloat32s(dst []float32) { copyTo("copy_float32s", t, Float32, dst) }

// CopyFloat64s is CopyFloat32s for float64.
func (t *Tensor) CopyFloat64s(dst []float64) { copyTo("copy_float64s", t, Float64, dst) }

func copyTo[E any](op string, t *Tensor, dt DType, dst []E) {
	if n := libtorch.Numel(t.handle(op)); n != len(dst) {
		panic(&Error{Op: op, Shapes: [][]int{t.Shape()}, Message: fmt.Sprintf("the tensor has %d elements, the destination %d", n, len(dst))})
	}
	size := int(unsafe.Sizeof(*new(E)))
	done(op, libtorch.Read(t.h, int(dt), unsafe.Pointer(unsafe.SliceData(dst)), len(dst)*size), t)
}
