// Package matfile reads MATLAB's files of version 5 (and 7, which packs their variables): arrays of numbers, texts, cells and
// structs. Of an input nothing is believed: what is allocated is bounded by what the file can hold, and by a limit of the
// caller's.
package matfile

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
)

// Array is a value: of numbers, a text, cells, or structs. Values lie by columns: the first axis runs fastest.
type Array struct {
	Name   string              // of a variable; "" inside cells and structs
	Dims   []int               // at least two
	Cells  []*Array            // of a cell array, nil for others
	Fields map[string][]*Array // of an array of structs: each field's value by element; nil for others

	text   bool
	stored storage
	order  binary.ByteOrder
	raw    []byte
}

// Len is the number of elements, the product of Dims.
func (a *Array) Len() int {
	n := 1
	for _, d := range a.Dims {
		n *= d
	}
	return n
}

// Uint8 is the memory of an array of numbers that are stored as unsigned bytes; false for others. It is not a copy.
func (a *Array) Uint8() ([]byte, bool) {
	return a.raw, a.stored == storedUint8 && !a.text
}

// Numbers are the values of an array of numbers of any type; nil for texts, cells and structs. Integers beyond 2^53 are rounded.
func (a *Array) Numbers() []float64 {
	size := a.stored.size()
	if size == 0 || a.text {
		return nil
	}
	out := make([]float64, len(a.raw)/size)
	for i := range out {
		out[i] = a.stored.value(a.raw[i*size:], a.order)
	}
	return out
}

// Text is a text of one row; "" for anything else.
func (a *Array) Text() string {
	if !a.text || len(a.Dims) != 2 || a.Dims[0] > 1 {
		return ""
	}
	if a.stored == storedUTF8 {
		return string(a.raw)
	}
	return a.stored.text(a.raw, a.order)
}

// ErrNot is wrapped by the error for a file that is not of this format at all.
var ErrNot = errors.New("not a MATLAB 5 file")

// Read reads all variables of a file, by name; those of kinds that are not known (sparse matrices, objects) are passed over. It
// holds at most limit bytes of values, and fails where the file has more.
func Read(path string, limit int64) (map[string]*Array, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is not a regular file", path)
	}
	all, err := Decode(file, info.Size(), limit)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return all, nil
}

// Decode is Read for a file of size bytes that r reads.
func Decode(r io.Reader, size, limit int64) (map[string]*Array, error) {
	const header = 128 // bytes: a text, the version, and the order of bytes
	d := decoder{budget: limit}
	top := stream{r: bufio.NewReaderSize(r, 1<<16), left: size, room: size}
	head := make([]byte, header)
	if size < header || top.full(head) != nil {
		return nil, fmt.Errorf("%w: %d bytes", ErrNot, size)
	}
	switch string(head[126:]) {
	case "IM":
		d.order = binary.LittleEndian
	case "MI":
		d.order = binary.BigEndian
	default:
		if string(head[:4]) == "\x89HDF" || string(head[:10]) == "MATLAB 7.3" {
			return nil, fmt.Errorf("%w: it is of version 7.3 (HDF5): save it with the option -v7", ErrNot)
		}
		return nil, ErrNot
	}
	all := map[string]*Array{}
	for top.left > 0 {
		a, err := d.variable(&top)
		if err != nil {
			return nil, err
		}
		if a != nil {
			all[a.Name] = a
		}
	}
	return all, nil
}

// storage is the type of an element of the file.
type storage uint32

// The types, by their numbers in the format.
const (
	storedInt8       storage = 1
	storedUint8      storage = 2
	storedInt16      storage = 3
	storedUint16     storage = 4
	storedInt32      storage = 5
	storedUint32     storage = 6
	storedSingle     storage = 7
	storedDouble     storage = 9
	storedInt64      storage = 12
	storedUint64     storage = 13
	storedMatrix     storage = 14
	storedCompressed storage = 15
	storedUTF8       storage = 16
	storedUTF16      storage = 17
	storedUTF32      storage = 18
)

// size is the bytes of a number, 0 for what is none.
func (s storage) size() int {
	switch s {
	case storedInt8, storedUint8:
		return 1
	case storedInt16, storedUint16:
		return 2
	case storedInt32, storedUint32, storedSingle:
		return 4
	case storedDouble, storedInt64, storedUint64:
		return 8
	}
	return 0
}

// value is the number at the head of b.
func (s storage) value(b []byte, order binary.ByteOrder) float64 {
	switch s {
	case storedInt8:
		return float64(int8(b[0]))
	case storedUint8:
		return float64(b[0])
	case storedInt16:
		return float64(int16(order.Uint16(b)))
	case storedUint16:
		return float64(order.Uint16(b))
	case storedInt32:
		return float64(int32(order.Uint32(b)))
	case storedUint32:
		return float64(order.Uint32(b))
	case storedSingle:
		return float64(math.Float32frombits(order.Uint32(b)))
	case storedDouble:
		return math.Float64frombits(order.Uint64(b))
	case storedInt64:
		return float64(int64(order.Uint64(b)))
	}
	return float64(order.Uint64(b))
}
