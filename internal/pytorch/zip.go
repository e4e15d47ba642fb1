package pytorch

import (
	"archive/zip"
	"fmt"
	"io"
	"strings"

	"vssl/internal/pickle"
)

// archive is a checkpoint in the format since PyTorch 1.6: a zip of stored entries NAME/data.pkl, NAME/data/KEY.
type archive struct {
	entries map[string]*zip.File
	prefix  string // NAME/
	size    int64  // of the file
}

// readZip returns what the pickle made, its storages tied to their entries.
func readZip(from io.ReaderAt, size int64) (any, error) {
	r, err := zip.NewReader(from, size)
	if err != nil {
		return nil, fmt.Errorf("%w: the zip is cut or damaged: %w", ErrFormat, err)
	}
	a := &archive{entries: make(map[string]*zip.File, len(r.File)), size: size}
	var pickles []string
	script := false
	for _, f := range r.File {
		if a.entries[f.Name] != nil {
			return nil, fmt.Errorf("%w: the zip has two entries %q", ErrFormat, f.Name)
		}
		a.entries[f.Name] = f
		dir, name, _ := strings.Cut(f.Name, "/")
		if name == "data.pkl" {
			pickles = append(pickles, dir+"/")
		}
		script = script || name == "constants.pkl"
	}
	switch {
	case script:
		return nil, fmt.Errorf("%w: it is a TorchScript archive; save its state_dict() with torch.save instead", ErrFormat)
	case len(pickles) != 1:
		return nil, fmt.Errorf("%w: a zip with %d entries data.pkl, want one", ErrFormat, len(pickles))
	}
	a.prefix = pickles[0]
	if err := a.checkByteOrder(from); err != nil {
		return nil, err
	}
	object, err := a.record("data.pkl")
	if err != nil {
		return nil, err
	}
	if err := object.check(from); err != nil {
		return nil, err
	}
	storages := map[string]*storage{}
	b := newBuilder(from, object.offset, object.size)
	return b.next(func(id pickle.Tuple) (any, error) { return a.storage(storages, id) })
}

// checkByteOrder refuses what a big-endian machine wrote; files without the entry are little-endian.
func (a *archive) checkByteOrder(from io.ReaderAt) error {
	if a.entries[a.prefix+"byteorder"] == nil {
		return nil
	}
	r, err := a.record("byteorder")
	if err != nil {
		return err
	}
	order := make([]byte, min(r.size, 16))
	if _, err := from.ReadAt(order, r.offset); err != nil {
		return cut(err)
	}
	if string(order) != "little" {
		return fmt.Errorf("%w: its byte order is %q, want little", ErrFormat, order)
	}
	return nil
}

// record finds an entry below the prefix. Its name is looked up, never used as a path.
func (a *archive) record(name string) (*record, error) {
	f := a.entries[a.prefix+name]
	if f == nil {
		return nil, fmt.Errorf("%w: the zip has no entry %q", ErrFormat, a.prefix+name)
	}
	offset, err := f.DataOffset()
	if err != nil {
		return nil, fmt.Errorf("%w: entry %q: %w", ErrFormat, f.Name, err)
	}
	switch {
	case f.Method != zip.Store || f.Flags&1 != 0:
		return nil, fmt.Errorf("%w: entry %q is compressed or encrypted, torch.save only stores; pack it again with `zip -0`",
			ErrFormat, f.Name)
	case f.CompressedSize64 != f.UncompressedSize64 || f.UncompressedSize64 > uint64(a.size) ||
		offset > a.size-int64(f.UncompressedSize64):
		return nil, fmt.Errorf("%w: entry %q reaches past the end of the file", ErrFormat, f.Name)
	}
	return &record{name: f.Name, offset: offset, size: int64(f.UncompressedSize64), sum: &f.CRC32}, nil
}

// storage answers a reference. Two with one key share the entry, so that its checksum is read once.
func (a *archive) storage(known map[string]*storage, id pickle.Tuple) (any, error) {
	s, err := newStorage(id)
	if err != nil {
		return nil, err
	}
	if old := known[s.key]; old != nil {
		s.record = old.record
	} else if s.record, err = a.record("data/" + s.key); err != nil {
		return nil, err
	}
	if s.count*s.width() > s.record.size {
		return nil, fmt.Errorf("entry %q has %d bytes, its storage takes %d", s.record.name, s.record.size, s.count*s.width())
	}
	known[s.key] = s
	return s, nil
}
