package matfile

import (
	"encoding/binary"
	"errors"
	"io"
	"unicode/utf16"
)

// stream is the part of the file, perhaps unpacked, that an element may still read.
type stream struct {
	r    io.Reader
	left int64 // bytes of the element
	room int64 // bytes that can really come: of the file, or of what its packed bytes can unpack to
}

var (
	errShort   = errors.New("it is cut short")
	errBeyond  = errors.New("a part is longer than the whole")
	errTooMuch = errors.New("its values are more than the limit")
)

// full fills b.
func (s *stream) full(b []byte) error {
	if int64(len(b)) > s.left {
		return errBeyond
	}
	n, err := io.ReadFull(s.r, b)
	s.left -= int64(n)
	if err != nil && (errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)) {
		return errShort
	}
	return err
}

// skip passes over n bytes.
func (s *stream) skip(n int64) error {
	if n > s.left {
		return errBeyond
	}
	m, err := io.CopyN(io.Discard, s.r, n)
	s.left -= m
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return errShort
	}
	return err
}

// tag reads the head of an element: its type and length. The data of a small element are in the tag, else small is nil.
func (s *stream) tag(order binary.ByteOrder) (kind storage, n int64, small []byte, err error) {
	var b [8]byte
	if err := s.full(b[:]); err != nil {
		return 0, 0, nil, err
	}
	word := order.Uint32(b[:])
	if short := word >> 16; short != 0 {
		if short > 4 {
			return 0, 0, nil, errBeyond
		}
		return storage(word & 0xffff), int64(short), b[4 : 4+short], nil
	}
	return storage(word), int64(order.Uint32(b[4:])), nil, nil
}

// data reads an element that is no matrix, with the bytes that fill it up to a multiple of 8.
func (d *decoder) data(s *stream) (storage, []byte, error) {
	kind, n, small, err := s.tag(d.order)
	if err != nil || small != nil {
		return kind, small, err
	}
	if n > s.left || n > s.room {
		return 0, nil, errBeyond
	}
	if d.budget -= n; d.budget < 0 {
		return 0, nil, errTooMuch
	}
	b := make([]byte, n)
	if err := s.full(b); err != nil {
		return 0, nil, err
	}
	return kind, b, s.skip(min((8-n%8)%8, s.left))
}

// text decodes characters.
func (s storage) text(raw []byte, order binary.ByteOrder) string {
	switch s {
	case storedInt8, storedUint8:
		runes := make([]rune, len(raw))
		for i, b := range raw {
			runes[i] = rune(b)
		}
		return string(runes)
	case storedUint16, storedUTF16:
		units := make([]uint16, len(raw)/2)
		for i := range units {
			units[i] = order.Uint16(raw[2*i:])
		}
		return string(utf16.Decode(units))
	case storedUint32, storedUTF32:
		runes := make([]rune, len(raw)/4)
		for i := range runes {
			runes[i] = rune(order.Uint32(raw[4*i:]))
		}
		return string(runes)
	}
	return ""
}
