package matfile

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// decoder reads elements. Every array costs budget, so that many empty ones are bounded too.
type decoder struct {
	order  binary.ByteOrder
	budget int64 // bytes that may still be held
	depth  int   // of cells and structs in each other
}

const (
	arrayCost = 128 // bytes, about, of an array without its values
	maxDepth  = 16
	// maxPacked is the most that one byte can unpack to in the format of zlib, and a little for its head.
	maxPacked = 1032
)

// variable reads an element of the file itself: nil where it is no array that is known.
func (d *decoder) variable(top *stream) (*Array, error) {
	kind, n, small, err := top.tag(d.order)
	if err != nil || small != nil {
		return nil, err
	}
	if n > top.left {
		return nil, fmt.Errorf("it is cut short: a variable wants %d bytes, %d are left", n, top.left)
	}
	top.left -= n
	inner := stream{r: io.LimitReader(top.r, n), left: n, room: n}
	switch kind {
	case storedMatrix:
		a, err := d.array(&inner)
		if err != nil {
			return nil, err
		}
		return a, inner.skip(inner.left)
	case storedCompressed:
		a, err := d.packed(inner.r, n)
		if err != nil {
			return nil, err
		}
		_, err = io.Copy(io.Discard, inner.r)
		return a, err
	}
	return nil, inner.skip(n)
}

// packed reads the one element in n packed bytes.
func (d *decoder) packed(r io.Reader, n int64) (*Array, error) {
	z, err := zlib.NewReader(r)
	if err != nil {
		return nil, fmt.Errorf("a variable cannot be unpacked: %w", err)
	}
	s := stream{r: z, left: maxPacked * (n + 8), room: maxPacked * (n + 8)}
	kind, size, small, err := s.tag(d.order)
	switch {
	case err != nil:
		return nil, fmt.Errorf("a variable cannot be unpacked: %w", err)
	case small != nil || kind != storedMatrix:
		return nil, nil
	case size > s.left:
		return nil, fmt.Errorf("it is cut short: %d packed bytes cannot hold a variable of %d", n, size)
	}
	s.left = size
	a, err := d.array(&s)
	if err != nil {
		return nil, err
	}
	// The checksum is compared at the end only.
	if _, err := io.CopyN(io.Discard, z, s.left+1); err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("a variable is damaged: %w", err)
	}
	return a, nil
}

// The classes of arrays, by their numbers in the format.
const (
	classCell   = 1
	classStruct = 2
	classChar   = 4
	classDouble = 6
	classUint64 = 15
)

// array reads what is in a matrix element, of which s.left bytes are left. An element of no bytes is an empty array.
func (d *decoder) array(s *stream) (*Array, error) {
	if d.budget -= arrayCost; d.budget < 0 {
		return nil, errTooMuch
	}
	a := &Array{order: d.order}
	if s.left == 0 {
		a.Dims = []int{0, 0}
		return a, nil
	}
	_, flags, err := d.data(s)
	if err != nil {
		return nil, err
	}
	if len(flags) < 4 {
		return nil, errors.New("an array without its class")
	}
	if a.Dims, err = d.dims(s); err != nil {
		return nil, err
	}
	_, name, err := d.data(s)
	if err != nil {
		return nil, err
	}
	a.Name = string(name)
	switch class := d.order.Uint32(flags) & 0xff; {
	case class == classCell:
		a.Cells, err = d.arrays(s, a.Len())
	case class == classStruct:
		err = d.fields(s, a)
	case class == classChar || class >= classDouble && class <= classUint64:
		err = d.values(s, a, class == classChar)
	default:
		a = nil // sparse, an object, a function
	}
	if err != nil {
		return nil, fmt.Errorf("variable %.40q: %w", name, err)
	}
	return a, nil
}

// dims reads the lengths of the axes. Their product fits an int.
func (d *decoder) dims(s *stream) ([]int, error) {
	kind, raw, err := d.data(s)
	if err != nil {
		return nil, err
	}
	if kind != storedInt32 || len(raw) < 8 || len(raw) > 4*32 || len(raw)%4 != 0 {
		return nil, fmt.Errorf("axes of %d bytes, want 2 to 32 axes", len(raw))
	}
	size := int64(1)
	dims := make([]int, len(raw)/4)
	for i := range dims {
		n := int64(int32(d.order.Uint32(raw[4*i:])))
		if n < 0 || n > 0 && size > 1<<40/n {
			return nil, fmt.Errorf("an axis of %d", n)
		}
		size *= n
		dims[i] = int(n)
	}
	return dims, nil
}

// values reads numbers or characters, of a complex array the real part.
func (d *decoder) values(s *stream, a *Array, text bool) error {
	kind, raw, err := d.data(s)
	if err != nil {
		return err
	}
	a.text, a.stored, a.raw = text, kind, raw
	size := kind.size()
	switch {
	case text && (kind == storedUTF8 || kind == storedUTF16 || kind == storedUTF32):
		return nil
	case size == 0:
		return fmt.Errorf("values of type %d", kind)
	case len(raw) != size*a.Len():
		return fmt.Errorf("%d bytes of values, want %d for an array of %v", len(raw), size*a.Len(), a.Dims)
	}
	return nil
}

// arrays reads n matrix elements.
func (d *decoder) arrays(s *stream, n int) ([]*Array, error) {
	if d.depth++; d.depth > maxDepth {
		return nil, fmt.Errorf("more than %d arrays in each other", maxDepth)
	}
	defer func() { d.depth-- }()
	all := []*Array{}
	for range n {
		kind, size, small, err := s.tag(d.order)
		switch {
		case err != nil:
			return nil, err
		case small != nil || kind != storedMatrix:
			return nil, fmt.Errorf("an element of type %d, want an array", kind)
		case size > s.left:
			return nil, errBeyond
		}
		inner := stream{r: s.r, left: size, room: s.room}
		a, err := d.array(&inner)
		if err != nil {
			return nil, err
		}
		if a == nil {
			a = &Array{Dims: []int{0, 0}}
		}
		rest := inner.left
		s.left -= size - rest
		if err := s.skip(rest); err != nil {
			return nil, err
		}
		all = append(all, a)
	}
	return all, nil
}

// fields reads the fields of structs: their names, then all fields of the first element, of the second and so on.
func (d *decoder) fields(s *stream, a *Array) error {
	_, raw, err := d.data(s)
	if err != nil {
		return err
	}
	_, names, err := d.data(s)
	if err != nil {
		return err
	}
	if len(raw) != 4 {
		return errors.New("a struct without the length of its names")
	}
	width := int64(d.order.Uint32(raw))
	if width < 1 || width > 1<<10 || int64(len(names))%width != 0 {
		return fmt.Errorf("names of fields of %d bytes, %d in all", width, len(names))
	}
	n := len(names) / int(width)
	if a.Len() > 1<<30 {
		return fmt.Errorf("%d structs", a.Len())
	}
	all, err := d.arrays(s, n*a.Len())
	if err != nil {
		return err
	}
	a.Fields = map[string][]*Array{}
	for f := range n {
		name, _, _ := bytes.Cut(names[f*int(width):][:width], []byte{0})
		values := []*Array{}
		for i := f; i < len(all); i += n {
			values = append(values, all[i])
		}
		a.Fields[string(name)] = values
	}
	return nil
}
