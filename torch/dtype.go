package torch

import "fmt"

// DType is the type of a tensor's elements. Its values are libtorch's numbers of them.
type DType int8

// The element types.
const (
	UInt8    DType = 0
	Int8     DType = 1
	Int16    DType = 2
	Int32    DType = 3
	Int64    DType = 4
	Float16  DType = 5
	Float32  DType = 6
	Float64  DType = 7
	Bool     DType = 11
	BFloat16 DType = 15
)

var dtypes = map[DType]struct {
	name string
	size int
}{
	UInt8: {"uint8", 1}, Int8: {"int8", 1}, Int16: {"int16", 2}, Int32: {"int32", 4}, Int64: {"int64", 8},
	Float16: {"float16", 2}, Float32: {"float32", 4}, Float64: {"float64", 8}, Bool: {"bool", 1}, BFloat16: {"bfloat16", 2},
}

// String returns the name, such as "float32".
func (d DType) String() string {
	if info, ok := dtypes[d]; ok {
		return info.name
	}
	return fmt.Sprintf("dtype %d", int8(d))
}

// Size returns the bytes of one element, 0 for a value that is none of the constants.
func (d DType) Size() int { return dtypes[d].size }

// IsFloat tells whether the type has fractions, and so gradients.
func (d DType) IsFloat() bool {
	return d == Float32 || d == Float64 || d == Float16 || d == BFloat16
}

// ParseDType reads a name as String gives it.
func ParseDType(name string) (DType, error) {
	for d, info := range dtypes {
		if info.name == name {
			return d, nil
		}
	}
	return 0, fmt.Errorf("element type %q is not known; one of float32, float64, float16, bfloat16, int64, int32, int16, int8, uint8, bool", name)
}

// Reduction says how a loss over rows or elements becomes its result. Its values are libtorch's.
type Reduction int

// The reductions.
const (
	ReduceNone Reduction = iota // each value on its own
	ReduceMean                  // their mean
	ReduceSum                   // their sum
)
