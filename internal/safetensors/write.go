package safetensors

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"unicode/utf8"
)

// Entry is one tensor to write.
type Entry struct {
	Name  string // not empty, unique in the file, UTF-8
	DType DType
	Shape []int
	// Fill writes the tensor's bytes, row-major and little-endian, into dst, whose length is right for DType and Shape.
	Fill func(dst []byte) error
}

// Write writes entries and metadata (nil for none) to w, one tensor in memory at a time. The same arguments give the
// same bytes. Tensors are laid out by element size, largest first and otherwise in the order given, so that each is
// aligned for its type. It returns the errors of w and Fill, and an error for an entry that no file could hold.
func Write(w io.Writer, metadata map[string]string, entries []Entry) error {
	entries = slices.Clone(entries)
	slices.SortStableFunc(entries, func(a, b Entry) int { return b.DType.Size() - a.DType.Size() })
	header, err := buildHeader(metadata, entries)
	if err != nil {
		return err
	}
	if _, err := w.Write(header); err != nil {
		return err
	}
	var scratch []byte
	for _, e := range entries {
		size, _ := byteSize(e.DType, e.Shape) // checked by buildHeader
		if int64(cap(scratch)) < size {
			scratch = make([]byte, size)
		}
		if err := e.Fill(scratch[:size]); err != nil {
			return fmt.Errorf("tensor %q: %w", e.Name, err)
		}
		if _, err := w.Write(scratch[:size]); err != nil {
			return err
		}
	}
	return nil
}

// buildHeader returns the length and the JSON, padded with spaces so that the data begins at a multiple of 8.
func buildHeader(metadata map[string]string, entries []Entry) ([]byte, error) {
	var b bytes.Buffer
	b.Write(make([]byte, 8))
	b.WriteByte('{')
	if len(metadata) > 0 {
		if err := writeMetadata(&b, metadata); err != nil {
			return nil, err
		}
	}
	seen := make(map[string]bool, len(entries))
	var offset int64
	for _, e := range entries {
		size, ok := byteSize(e.DType, e.Shape)
		switch {
		case !ok || offset+size < offset:
			return nil, fmt.Errorf("tensor %q: %s of shape %v cannot be stored", e.Name, e.DType, e.Shape)
		case seen[e.Name] || e.Name == "" || e.Name == metadataKey || !utf8.ValidString(e.Name):
			return nil, fmt.Errorf("tensor %q: the name is reserved, used twice, empty or not UTF-8", e.Name)
		}
		seen[e.Name] = true
		writeTensor(&b, e, offset, size)
		offset += size
	}
	b.WriteByte('}')
	for b.Len()%8 != 0 {
		b.WriteByte(' ')
	}
	if n := b.Len() - 8; n > MaxHeader {
		return nil, fmt.Errorf("header of %d bytes, the limit is %d", n, MaxHeader)
	}
	binary.LittleEndian.PutUint64(b.Bytes(), uint64(b.Len()-8))
	return b.Bytes(), nil
}

// writeMetadata appends the map in the order of its keys.
func writeMetadata(b *bytes.Buffer, metadata map[string]string) error {
	b.WriteString(quote(metadataKey) + ":{")
	for i, key := range slices.Sorted(maps.Keys(metadata)) {
		if !utf8.ValidString(key) || !utf8.ValidString(metadata[key]) {
			return fmt.Errorf("metadata %q is not UTF-8", key)
		}
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(quote(key) + ":" + quote(metadata[key]))
	}
	b.WriteByte('}')
	return nil
}

// writeTensor appends one member of the header.
func writeTensor(b *bytes.Buffer, e Entry, offset, size int64) {
	if b.Len() > len("00000000{") {
		b.WriteByte(',')
	}
	fmt.Fprintf(b, `%s:{"dtype":%q,"shape":[`, quote(e.Name), string(e.DType))
	for i, n := range e.Shape {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprint(b, n)
	}
	fmt.Fprintf(b, `],"data_offsets":[%d,%d]}`, offset, offset+size)
}

// quote is s as a JSON string. Marshalling a valid string cannot fail.
func quote(s string) string {
	text, err := json.Marshal(s)
	if err != nil {
		panic(err)
	}
	return string(text)
}
