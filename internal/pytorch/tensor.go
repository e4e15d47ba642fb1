package pytorch

import (
	"errors"
	"fmt"
	"math"
	"math/bits"
	"strings"

	"vssl/internal/pickle"
	"vssl/internal/safetensors"
)

// maxRank bounds the dimensions of one tensor, as in safetensors.
const maxRank = 64

// storageTypes are the element types of PyTorch's storages, by class.
var storageTypes = map[string]safetensors.DType{
	"DoubleStorage": safetensors.F64, "FloatStorage": safetensors.F32, "HalfStorage": safetensors.F16,
	"BFloat16Storage": safetensors.BF16, "LongStorage": safetensors.I64, "IntStorage": safetensors.I32,
	"ShortStorage": safetensors.I16, "CharStorage": safetensors.I8, "ByteStorage": safetensors.U8, "BoolStorage": safetensors.Bool,
	"UntypedStorage": "",
}

// elementTypes are PyTorch's dtypes, by name.
var elementTypes = map[string]safetensors.DType{
	"float64": safetensors.F64, "double": safetensors.F64, "float32": safetensors.F32, "float": safetensors.F32,
	"float16": safetensors.F16, "half": safetensors.F16, "bfloat16": safetensors.BF16,
	"float8_e4m3fn": safetensors.F8E4M3, "float8_e5m2": safetensors.F8E5M2,
	"int64": safetensors.I64, "long": safetensors.I64, "int32": safetensors.I32, "int": safetensors.I32,
	"int16": safetensors.I16, "short": safetensors.I16, "int8": safetensors.I8, "uint8": safetensors.U8,
	"uint16": safetensors.U16, "uint32": safetensors.U32, "uint64": safetensors.U64, "bool": safetensors.Bool,
}

// newStorage reads the parts that both formats share of a reference: ("storage", class, key, place, elements).
func newStorage(id pickle.Tuple) (*storage, error) {
	if len(id) < 5 || id[0] != "storage" {
		return nil, errors.New("a reference that is none to a storage")
	}
	class, isClass := id[1].(pickle.Global)
	key, isKey := id[2].(string)
	count, isCount := id[4].(int64)
	if !isClass || !isKey || !isCount || count < 0 {
		return nil, errors.New("a reference to a storage without a class, a key or a size")
	}
	dtype, ok := storageTypes[class.Name]
	if module, _, _ := strings.Cut(class.Module, "."); !ok || module != "torch" {
		return nil, fmt.Errorf("storages of %s are unknown", class)
	}
	s := &storage{key: key, dtype: dtype, count: count}
	if count > math.MaxInt64/s.width() {
		return nil, fmt.Errorf("storage %q has %d elements", key, count)
	}
	return s, nil
}

// width is the size of an element in bytes.
func (s *storage) width() int64 { return int64(max(1, s.dtype.Size())) }

// rebuildTensor views a storage: (storage, offset, size, stride, ...).
func rebuildTensor(args pickle.Tuple) (any, error) {
	if len(args) < 4 {
		return nil, fmt.Errorf("%d arguments, want 4", len(args))
	}
	s, ok := args[0].(*storage)
	if !ok || s.dtype == "" {
		return nil, fmt.Errorf("given %s, want a storage with a type", pickle.Describe(args[0]))
	}
	return view(s, s.dtype, args)
}

// rebuildTyped views a storage of untyped bytes: (storage, offset, size, stride, requires_grad, hooks, dtype, ...).
func rebuildTyped(args pickle.Tuple) (any, error) {
	if len(args) < 7 {
		return nil, fmt.Errorf("%d arguments, want 7", len(args))
	}
	s, ok := args[0].(*storage)
	g, isGlobal := args[6].(pickle.Global)
	dtype := elementTypes[g.Name]
	if !ok || !isGlobal || g.Module != "torch" || dtype == "" {
		return nil, fmt.Errorf("given %s of %s, want a storage and an element type", pickle.Describe(args[0]), pickle.Describe(args[6]))
	}
	return view(s, dtype, args)
}

// view checks that every element lies in the storage.
func view(s *storage, dtype safetensors.DType, args pickle.Tuple) (*tensor, error) {
	offset, ok := args[1].(int64)
	shape, okShape := integers(args[2])
	strides, okStrides := integers(args[3])
	if !ok || !okShape || !okStrides || offset < 0 || len(shape) != len(strides) || len(shape) > maxRank {
		return nil, fmt.Errorf("offset, sizes and strides are not whole numbers of 0 or more that agree")
	}
	t := &tensor{storage: s, dtype: dtype, offset: offset, shape: make([]int, len(shape)), strides: strides}
	end, empty := uint64(offset), false // the last element
	for i, n := range shape {
		t.shape[i] = int(n)
		empty = empty || n == 0
		high, low := bits.Mul64(uint64(max(n, 1)-1), uint64(strides[i]))
		sum, carry := bits.Add64(end, low, 0)
		if high != 0 || carry != 0 || sum > math.MaxInt64/8 {
			return nil, fmt.Errorf("sizes %v and strides %v reach too far", shape, strides)
		}
		end = sum
	}
	elements := s.count * s.width() / int64(dtype.Size())
	if !empty && end >= uint64(elements) {
		return nil, fmt.Errorf("sizes %v, strides %v and offset %d reach past the %d elements of storage %q",
			shape, strides, offset, elements, s.key)
	}
	if _, ok := t.bytes(); !ok {
		return nil, fmt.Errorf("sizes %v are too many elements", shape)
	}
	return t, nil
}

// integers reads a tuple or a list of whole numbers of 0 or more.
func integers(v any) ([]int64, bool) {
	var items []any
	switch v := v.(type) {
	case pickle.Tuple:
		items = v
	case *pickle.List:
		items = v.Items
	default:
		return nil, false
	}
	if len(items) > maxRank {
		return nil, false
	}
	out := make([]int64, len(items))
	for i, item := range items {
		n, ok := item.(int64)
		if !ok || n < 0 {
			return nil, false
		}
		out[i] = n
	}
	return out, true
}

// bytes is the size of the tensor's own elements, row-major; false where it overflows.
func (t *tensor) bytes() (int64, bool) {
	size, empty := int64(t.dtype.Size()), false
	for _, n := range t.shape {
		empty = empty || n == 0
		high, low := bits.Mul64(uint64(size), uint64(max(n, 1)))
		if high != 0 || low > math.MaxInt64 {
			return 0, false
		}
		size = int64(low)
	}
	if empty {
		return 0, true
	}
	return size, true
}

// span is the range of bytes in the record that holds the elements of a tensor that is not empty.
func (t *tensor) span() (from, to int64) {
	width := int64(t.dtype.Size())
	from = t.storage.first*t.storage.width() + t.offset*width
	to = from + width
	for i, n := range t.shape {
		to += int64(n-1) * t.strides[i] * width
	}
	return from, to
}

// contiguous says whether the elements lie in row-major order without gaps.
func (t *tensor) contiguous() bool {
	want := int64(1)
	for i := len(t.shape) - 1; i >= 0; i-- {
		if t.shape[i] != 1 && t.strides[i] != want {
			return false
		}
		want *= int64(t.shape[i])
	}
	return true
}

// gather puts the elements into dst in row-major order; src begins with the first of them.
func (t *tensor) gather(dst, src []byte) {
	width, rank := int64(t.dtype.Size()), len(t.shape)
	inner, step := int64(t.shape[rank-1]), t.strides[rank-1]*width
	at := make([]int, rank-1) // the row that comes next
	var row int64             // its first byte in src
	for len(dst) > 0 {
		for i := range inner {
			copy(dst[i*width:(i+1)*width], src[row+i*step:])
		}
		dst = dst[inner*width:]
		for d := rank - 2; d >= 0; d-- {
			at[d]++
			row += t.strides[d] * width
			if at[d] < t.shape[d] {
				break
			}
			row -= int64(at[d]) * t.strides[d] * width
			at[d] = 0
		}
	}
}
