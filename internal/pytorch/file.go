package pytorch

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"

	"vssl/internal/safetensors"
)

// ErrFormat is in every error about what a file contains, as against errors of reading it.
var ErrFormat = errors.New("not a PyTorch checkpoint that can be read")

// Reading all tensors may take so many times the bytes of the file, and spareBytes. Tensors that share a storage, or
// repeat an element over a dimension, take more than they occupy; a file that does so without measure is refused.
const (
	maxSharing = 8
	spareBytes = 256 << 20
)

// Info describes one tensor of a file.
type Info struct {
	Name  string // the keys of the dictionaries that lead to it, joined by dots
	DType safetensors.DType
	Shape []int // empty for a scalar
	Size  int64 // in bytes: the product of Shape times DType.Size()
	view  *tensor
}

// File is an open checkpoint. It is not for concurrent use.
type File struct {
	from    io.ReaderAt
	closer  io.Closer
	tensors []Info
}

// Recognise tells from the first bytes of a file whether it is a zip or a pickle, as checkpoints are. Eight bytes are enough.
func Recognise(head []byte) bool {
	if bytes.HasPrefix(head, []byte("PK\x03\x04")) {
		return true
	}
	// a pickle begins with the number of its protocol; read as the length that begins a safetensors file, what follows
	// it in a checkpoint is far too long a header
	return len(head) >= 8 && head[0] == 0x80 && head[1] >= 2 && head[1] <= 5 &&
		binary.LittleEndian.Uint64(head) > safetensors.MaxHeader
}

// Open opens the checkpoint at path and finds its tensors; their bytes are read only when asked for. The caller closes
// it. An error of the content wraps ErrFormat.
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

// New finds the tensors of a checkpoint of size bytes. It refuses, with an error that wraps ErrFormat, a call with which a
// tensor could be lost or that only an attack makes, compressed entries, big-endian numbers, tensors that reach past their
// storage, storages that reach past the file, names given twice, and a file without tensors.
func New(from io.ReaderAt, size int64) (*File, error) {
	head := make([]byte, min(size, 8))
	if _, err := from.ReadAt(head, 0); err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	read := readLegacy
	if bytes.HasPrefix(head, []byte("PK")) {
		read = readZip
	}
	object, err := read(from, size)
	if err != nil {
		return nil, err
	}
	f := &File{from: from}
	return f, f.find(object, size)
}

// find lists the tensors of what the pickle made.
func (f *File) find(object any, size int64) error {
	left := uint64(size)*maxSharing + spareBytes
	w := &walker{seen: map[string]bool{}, dropped: map[string]bool{}}
	w.found = func(name string, t *tensor) error {
		n, _ := t.bytes() // view has seen to it
		cost := uint64(n)
		if n > 0 {
			first, end := t.span()
			cost = max(cost, uint64(end-first)) // read to gather it
		}
		if cost > left {
			return fmt.Errorf("%w: its tensors take more than %d times the file, up to %q", ErrFormat, maxSharing, name)
		}
		left -= cost
		f.tensors = append(f.tensors, Info{Name: name, DType: t.dtype, Shape: t.shape, Size: n, view: t})
		return nil
	}
	if err := w.walk(object); err != nil {
		return err
	}
	if len(f.tensors) > 0 {
		return nil
	}
	if classes := w.droppedClasses(); classes != "" {
		return fmt.Errorf("%w: it holds no tensors but objects (%s), which are not read; save model.state_dict() instead",
			ErrFormat, classes)
	}
	return fmt.Errorf("%w: it holds no tensors", ErrFormat)
}

// Tensors lists what is in the file, in the order of its dictionaries. The caller must not change it.
func (f *File) Tensors() []Info { return f.tensors }

// Read returns the elements of t, which must come from this file, row-major and little-endian; dst is used where it is
// large enough. A block whose checksum is wrong gives an error that wraps ErrFormat.
func (f *File) Read(dst []byte, t Info) ([]byte, error) {
	if int64(cap(dst)) < t.Size {
		dst = make([]byte, t.Size)
	}
	dst = dst[:t.Size]
	if t.Size == 0 {
		return dst, nil
	}
	r := t.view.storage.record
	if err := r.check(f.from); err != nil {
		return nil, fmt.Errorf("tensor %q: %w", t.Name, err)
	}
	from, to := t.view.span()
	whole := dst
	if !t.view.contiguous() {
		whole = make([]byte, to-from)
	}
	if _, err := f.from.ReadAt(whole, r.offset+from); err != nil {
		return nil, fmt.Errorf("tensor %q: %w", t.Name, cut(err))
	}
	if !t.view.contiguous() {
		t.view.gather(dst, whole)
	}
	return dst, nil
}

// check compares the bytes with their checksum, once.
func (r *record) check(from io.ReaderAt) error {
	if r.checked || r.sum == nil {
		return nil
	}
	sum := crc32.NewIEEE()
	if n, err := io.Copy(sum, io.NewSectionReader(from, r.offset, r.size)); err != nil || n != r.size {
		return errors.Join(err, fmt.Errorf("%w: entry %q ends too early", ErrFormat, r.name))
	}
	if sum.Sum32() != *r.sum {
		return fmt.Errorf("%w: entry %q is damaged, its checksum is wrong", ErrFormat, r.name)
	}
	r.checked = true
	return nil
}

// Close closes the file that Open opened. It does nothing for a File from New.
func (f *File) Close() error {
	if f.closer == nil {
		return nil
	}
	return f.closer.Close()
}

// cut turns the end of the bytes into an error of the format.
func cut(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return fmt.Errorf("%w: it ends too early", ErrFormat)
	}
	return err
}
