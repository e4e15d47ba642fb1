package pytorch

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"

	"vssl/internal/pickle"
)

// The first two pickles of a checkpoint before PyTorch 1.6 (or with the zip format switched off).
const (
	legacyMagic    = pickle.Integer("\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19")
	legacyProtocol = int64(1001)
)

// legacy collects the storages that the third pickle refers to.
type legacy struct {
	roots map[string]*storage // whole blocks, by key
	views []*storage          // parts of them
}

// readLegacy reads magic number, protocol, system, object and keys, each a pickle, then the blocks: for each key an int64
// count of elements and the elements.
func readLegacy(from io.ReaderAt, size int64) (any, error) {
	b := newBuilder(from, 0, size)
	none := func(pickle.Tuple) (any, error) { return nil, errors.New("a storage where none may be") }
	var head [3]any
	for i := range head {
		var err error
		if head[i], err = b.next(none); err != nil {
			return nil, err
		}
		if i == 0 && head[i] != legacyMagic {
			return nil, fmt.Errorf("%w: a Python pickle that torch.save did not write", ErrFormat)
		}
	}
	if head[1] != legacyProtocol {
		return nil, fmt.Errorf("%w: format %v is unknown, want %d", ErrFormat, head[1], legacyProtocol)
	}
	if err := checkSystem(head[2]); err != nil {
		return nil, err
	}
	l := &legacy{roots: map[string]*storage{}}
	object, err := b.next(l.storage)
	if err != nil {
		return nil, err
	}
	keys, err := b.next(none)
	if err != nil {
		return nil, err
	}
	return object, l.place(from, b.Offset(), size, keys)
}

func checkSystem(v any) error {
	d, ok := v.(*pickle.Dict)
	if !ok {
		return fmt.Errorf("%w: it does not say which system wrote it", ErrFormat)
	}
	for i, key := range d.Keys {
		if key == "little_endian" && d.Values[i] != true {
			return fmt.Errorf("%w: its byte order is big, want little", ErrFormat)
		}
	}
	return nil
}

// storage answers a reference: the parts of newStorage, then None or (key, first element, elements) of a part.
func (l *legacy) storage(id pickle.Tuple) (any, error) {
	if len(id) >= 2 && id[0] == "module" { // a class with its source text beside it
		return id[1], nil
	}
	s, err := newStorage(id)
	if err != nil {
		return nil, err
	}
	root := l.roots[s.key]
	if root == nil {
		root = s
		l.roots[s.key] = s
	}
	if root.dtype != s.dtype || root.count != s.count {
		return nil, fmt.Errorf("storage %q is described in two ways", s.key)
	}
	if len(id) < 6 || id[5] == nil {
		return root, nil
	}
	part, ok := integers(tail(id[5]))
	if !ok || len(part) != 2 || part[0] > s.count || part[1] > s.count-part[0] {
		return nil, fmt.Errorf("a part of storage %q reaches past its %d elements", s.key, s.count)
	}
	v := &storage{key: s.key, dtype: s.dtype, first: part[0], count: part[1]}
	l.views = append(l.views, v)
	return v, nil
}

// tail is a tuple without its first item.
func tail(v any) any {
	if t, ok := v.(pickle.Tuple); ok && len(t) > 0 {
		return t[1:]
	}
	return nil
}

// place finds the blocks, which lie in the order of keys from offset on.
func (l *legacy) place(from io.ReaderAt, offset, size int64, keys any) error {
	listed, ok := keys.(*pickle.List)
	if !ok {
		return fmt.Errorf("%w: it does not list its storages", ErrFormat)
	}
	for _, k := range listed.Items {
		key, _ := k.(string)
		root := l.roots[key]
		if root == nil || root.record != nil {
			return fmt.Errorf("%w: storage %q is listed twice or belongs to no tensor", ErrFormat, key)
		}
		var count [8]byte
		if offset > size-int64(len(count)) {
			return fmt.Errorf("%w: it ends before storage %q", ErrFormat, key)
		}
		if _, err := from.ReadAt(count[:], offset); err != nil {
			return cut(err)
		}
		offset += int64(len(count))
		bytes := root.count * root.width()
		if n := binary.LittleEndian.Uint64(count[:]); n > math.MaxInt64 || int64(n) != root.count || bytes > size-offset {
			return fmt.Errorf("%w: storage %q has %d elements in %d bytes, want %d", ErrFormat, key, n, size-offset, root.count)
		}
		root.record = &record{name: key, offset: offset, size: bytes}
		offset += bytes
	}
	for key, root := range l.roots {
		if root.record == nil {
			return fmt.Errorf("%w: storage %q is not there", ErrFormat, key)
		}
	}
	for _, v := range l.views {
		v.record = l.roots[v.key].record
	}
	return nil
}
