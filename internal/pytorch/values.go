package pytorch

import "vssl/internal/safetensors"

// value is what the machine's stack holds: nil for None, bool, int64, float64, string, or one of the types below.
type value any

// tuple, list and dict are Python's. A dict keeps what it was given in order; no lookup is ever needed.
type (
	tuple []value
	list  struct{ items []value }
	dict  struct{ keys, values []value }
)

// global is a function or a class by name. Nothing stands behind it.
type global struct{ module, name string }

func (g global) String() string { return g.module + "." + g.name }

// opaque is a value whose content was dropped.
type opaque struct{ of string }

// integer is a whole number beyond 64 bits: its bytes, little-endian.
type integer string

// storage is a block of elements that tensors are views of.
type storage struct {
	key    string
	dtype  safetensors.DType // "" for untyped bytes
	count  int64             // elements, bytes where untyped; >= 0
	first  int64             // element of the record at which it begins
	record *record           // nil until the file's records are known
}

// record is a block of bytes in the file.
type record struct {
	name         string
	offset, size int64
	sum          *uint32 // CRC-32 that the bytes should have, nil where the format has none
	checked      bool
}

// tensor is a strided view of a storage, its numbers checked against the storage's count.
type tensor struct {
	storage *storage
	dtype   safetensors.DType
	offset  int64 // of the first element, from the start of the storage
	shape   []int
	strides []int64 // in elements, >= 0
}

// shorten names a value in an error.
func shorten(v value) string {
	switch v := v.(type) {
	case global:
		return v.String()
	case *opaque:
		return "an object of " + v.of
	case string:
		return "text"
	case *tensor:
		return "a tensor"
	case *storage:
		return "a storage"
	case tuple:
		return "a tuple"
	case *list:
		return "a list"
	case *dict:
		return "a dictionary"
	case nil:
		return "None"
	}
	return "a number"
}
