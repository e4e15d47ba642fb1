package pytorch

import "vssl/internal/safetensors"

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

func (*storage) String() string { return "a storage" }

func (*tensor) String() string { return "a tensor" }
