package safetensors

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"slices"
	"unicode/utf8"
)

// ErrFormat is in every error about what a file contains, as against errors of reading it.
var ErrFormat = errors.New("not a valid safetensors file")

// MaxHeader is the longest header that is read, in bytes: some 300,000 tensors, more than any model has.
const MaxHeader = 32 << 20

// maxRank bounds the dimensions of one tensor.
const maxRank = 64

// Info describes one tensor of a file.
type Info struct {
	Name   string
	DType  DType
	Shape  []int // empty for a scalar; the product fits the file
	Offset int64 // of the first byte, from the start of the file
	Size   int64 // in bytes: the product of Shape times DType.Size()
}

// File is an open container. Its methods may be called from several goroutines at once.
type File struct {
	from     io.ReaderAt
	closer   io.Closer
	tensors  []Info
	byName   map[string]int
	metadata map[string]string
}

// Open opens the file at path and reads its header; the tensors' bytes are read only when asked for. The caller
// closes it. An error of the content wraps ErrFormat.
func Open(path string) (*File, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	stat, err := f.Stat()
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	file, err := New(f, stat.Size())
	if err != nil {
		return nil, errors.Join(fmt.Errorf("%s: %w", path, err), f.Close())
	}
	file.closer = f
	return file, nil
}

// New reads the header of a container of size bytes. It refuses, with an error that wraps ErrFormat, a header that is
// longer than the file or MaxHeader, unknown types, names given twice, shapes whose product overflows or does not
// match the bytes, and tensors that overlap, leave gaps or reach past the end.
func New(from io.ReaderAt, size int64) (*File, error) {
	header, data, err := readHeader(from, size)
	if err != nil {
		return nil, err
	}
	tensors, metadata, err := parseHeader(header)
	if err != nil {
		return nil, fmt.Errorf("%w: header: %w", ErrFormat, err)
	}
	if err := place(tensors, data, size); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrFormat, err)
	}
	f := &File{from: from, tensors: tensors, byName: make(map[string]int, len(tensors)), metadata: metadata}
	for i, t := range tensors {
		f.byName[t.Name] = i
	}
	return f, nil
}

// readHeader returns the JSON text and the offset of the first byte behind it.
func readHeader(from io.ReaderAt, size int64) (header []byte, data int64, err error) {
	var length [8]byte
	if size < int64(len(length)) {
		return nil, 0, fmt.Errorf("%w: %d bytes, want at least 8", ErrFormat, size)
	}
	if _, err := from.ReadAt(length[:], 0); err != nil && !errors.Is(err, io.EOF) {
		return nil, 0, err
	}
	n := binary.LittleEndian.Uint64(length[:])
	if n > MaxHeader || int64(n) > size-8 {
		return nil, 0, fmt.Errorf("%w: header of %d bytes in a file of %d, the limit is %d", ErrFormat, n, size, MaxHeader)
	}
	header = make([]byte, n)
	if err := readFull(from, header, 8); err != nil {
		return nil, 0, err
	}
	if !utf8.Valid(header) {
		return nil, 0, fmt.Errorf("%w: header is not UTF-8", ErrFormat)
	}
	return header, 8 + int64(n), nil
}

// readFull fills dst from offset on. A file that became shorter since its size was taken gives io.ErrUnexpectedEOF.
func readFull(from io.ReaderAt, dst []byte, offset int64) error {
	n, err := from.ReadAt(dst, offset)
	if n == len(dst) {
		return nil
	}
	if err == nil || errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

// place sorts tensors by their bytes, checks that they cover the data without overlap or gap, and makes the offsets
// absolute. Files without gaps are what the format asks for: a gap can hide anything.
func place(tensors []Info, data, size int64) error {
	slices.SortStableFunc(tensors, func(a, b Info) int {
		switch {
		case a.Offset != b.Offset && a.Offset < b.Offset, a.Offset == b.Offset && a.Size < b.Size:
			return -1
		case a.Offset == b.Offset && a.Size == b.Size:
			return 0
		}
		return 1
	})
	var end int64
	for i := range tensors {
		t := &tensors[i]
		if t.Offset != end {
			return fmt.Errorf("tensor %q begins at byte %d, want %d", t.Name, t.Offset, end)
		}
		if t.Size > math.MaxInt64-end || end+t.Size > size-data {
			return fmt.Errorf("tensor %q ends past the end of the file", t.Name)
		}
		end += t.Size
		t.Offset += data
	}
	if end != size-data {
		return fmt.Errorf("%d bytes of data, the tensors take %d", size-data, end)
	}
	return nil
}

// Tensors lists what is in the file, in the order of the bytes. The caller must not change it.
func (f *File) Tensors() []Info { return f.tensors }

// Metadata is the map of strings in the header, nil if there is none. The caller must not change it.
func (f *File) Metadata() map[string]string { return f.metadata }

// Lookup finds a tensor by name.
func (f *File) Lookup(name string) (Info, bool) {
	i, ok := f.byName[name]
	if !ok {
		return Info{}, false
	}
	return f.tensors[i], true
}

// Section is a reader over the bytes of t, which must come from this file.
func (f *File) Section(t Info) *io.SectionReader {
	return io.NewSectionReader(f.from, t.Offset, t.Size)
}

// Read returns the bytes of t, which must come from this file; dst is used where it is large enough.
func (f *File) Read(dst []byte, t Info) ([]byte, error) {
	if int64(cap(dst)) < t.Size {
		dst = make([]byte, t.Size)
	}
	dst = dst[:t.Size]
	if err := readFull(f.from, dst, t.Offset); err != nil {
		return nil, fmt.Errorf("tensor %q: %w", t.Name, err)
	}
	return dst, nil
}

// Close closes the file that Open opened. It does nothing for a File from New.
func (f *File) Close() error {
	if f.closer == nil {
		return nil
	}
	return f.closer.Close()
}
