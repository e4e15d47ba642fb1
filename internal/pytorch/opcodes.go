package pytorch

import (
	"encoding/binary"
	"fmt"
	"math"
	"unicode/utf8"
)

const stop = '.'

// opcode is one instruction of the machine; run is nil for those that Python has and weights do not need.
type opcode struct {
	name string
	run  func(m *machine) error
}

// opcodes are pickle's, by the names of Python's pickletools.
var opcodes = [256]opcode{
	0x80: {"PROTO", proto},
	0x95: {"FRAME", func(m *machine) error { _, err := m.in.read(8); return err }},
	'(':  {"MARK", func(m *machine) error { m.marks = append(m.marks, len(m.stack)); return nil }},
	'0':  {"POP", func(m *machine) error { _, err := m.pop(); return err }},
	'1':  {"POP_MARK", func(m *machine) error { _, err := m.popMark(); return err }},
	'2':  {"DUP", dup},

	'N':  {"NONE", constant(nil)},
	0x88: {"NEWTRUE", constant(true)},
	0x89: {"NEWFALSE", constant(false)},
	'J':  {"BININT", number(4, func(b []byte) value { return int64(int32(binary.LittleEndian.Uint32(b))) })},
	'K':  {"BININT1", number(1, func(b []byte) value { return int64(b[0]) })},
	'M':  {"BININT2", number(2, func(b []byte) value { return int64(binary.LittleEndian.Uint16(b)) })},
	0x8a: {"LONG1", long(1)},
	0x8b: {"LONG4", long(4)},
	'G':  {"BINFLOAT", number(8, func(b []byte) value { return math.Float64frombits(binary.BigEndian.Uint64(b)) })},

	'T':  {"BINSTRING", text(4)},
	'U':  {"SHORT_BINSTRING", text(1)},
	'X':  {"BINUNICODE", text(4)},
	0x8c: {"SHORT_BINUNICODE", text(1)},
	0x8d: {"BINUNICODE8", text(8)},
	'B':  {"BINBYTES", skipBytes(4)},
	'C':  {"SHORT_BINBYTES", skipBytes(1)},
	0x8e: {"BINBYTES8", skipBytes(8)},
	0x96: {"BYTEARRAY8", skipBytes(8)},

	')':  {"EMPTY_TUPLE", constant(tuple{})},
	0x85: {"TUPLE1", tupleOf(1)},
	0x86: {"TUPLE2", tupleOf(2)},
	0x87: {"TUPLE3", tupleOf(3)},
	't':  {"TUPLE", marked(func(items []value) (value, error) { return tuple(items), nil })},
	']':  {"EMPTY_LIST", func(m *machine) error { m.push(&list{}); return nil }},
	'l':  {"LIST", marked(func(items []value) (value, error) { return &list{items}, nil })},
	'a':  {"APPEND", func(m *machine) error { return last(m, 1, m.extend) }},
	'e':  {"APPENDS", func(m *machine) error { return sinceMark(m, m.extend) }},
	'}':  {"EMPTY_DICT", func(m *machine) error { m.push(&dict{}); return nil }},
	'd': {"DICT", func(m *machine) error {
		return sinceMark(m, func(p []value) error { m.push(&dict{}); return m.set(p) })
	}},
	's':  {"SETITEM", func(m *machine) error { return last(m, 2, m.set) }},
	'u':  {"SETITEMS", func(m *machine) error { return sinceMark(m, m.set) }},
	0x8f: {"EMPTY_SET", func(m *machine) error { m.push(&opaque{"set"}); return nil }},
	0x90: {"ADDITEMS", func(m *machine) error { return sinceMark(m, m.extend) }},
	0x91: {"FROZENSET", marked(func([]value) (value, error) { return &opaque{"frozenset"}, nil })},

	'h':  {"BINGET", func(m *machine) error { return index(m, 1, m.recall) }},
	'j':  {"LONG_BINGET", func(m *machine) error { return index(m, 4, m.recall) }},
	'q':  {"BINPUT", func(m *machine) error { return index(m, 1, m.remember) }},
	'r':  {"LONG_BINPUT", func(m *machine) error { return index(m, 4, m.remember) }},
	0x94: {"MEMOIZE", func(m *machine) error { return m.remember(uint32(len(m.memo))) }},

	'c':  {"GLOBAL", globalByLines},
	0x93: {"STACK_GLOBAL", globalByStack},
	'Q':  {"BINPERSID", persistentID},
	'R':  {"REDUCE", func(m *machine) error { return last(m, 2, m.reduce) }},
	0x81: {"NEWOBJ", func(m *machine) error { return last(m, 2, m.instance) }},
	0x92: {"NEWOBJ_EX", func(m *machine) error { return last(m, 3, m.instance) }},
	'b':  {"BUILD", func(m *machine) error { return last(m, 1, m.build) }},

	'I': {name: "INT"}, 'L': {name: "LONG"}, 'F': {name: "FLOAT"}, 'S': {name: "STRING"}, 'V': {name: "UNICODE"},
	'p': {name: "PUT"}, 'g': {name: "GET"}, 'P': {name: "PERSID"}, 'i': {name: "INST"}, 'o': {name: "OBJ"},
	0x82: {name: "EXT1"}, 0x83: {name: "EXT2"}, 0x84: {name: "EXT4"}, 0x97: {name: "NEXT_BUFFER"}, 0x98: {name: "READONLY_BUFFER"},
}

func proto(m *machine) error {
	version, err := m.in.byte()
	if err == nil && version > 5 {
		err = fmt.Errorf("%w: pickle protocol %d is unknown", ErrFormat, version)
	}
	return err
}

func dup(m *machine) error {
	v, err := m.top()
	m.push(v)
	return err
}

func constant(v value) func(*machine) error {
	return func(m *machine) error { m.push(v); return nil }
}

func number(width int64, parse func([]byte) value) func(*machine) error {
	return func(m *machine) error {
		b, err := m.in.read(width)
		if err == nil {
			m.push(parse(b))
		}
		return err
	}
}

// long reads a whole number of any length: two's complement, little-endian, no bytes for 0.
func long(width int64) func(*machine) error {
	return func(m *machine) error {
		n, err := m.in.length(width)
		if err != nil {
			return err
		}
		if n > maxText {
			m.push(&opaque{"int"})
			return m.in.skip(n)
		}
		b, err := m.in.read(n)
		if err != nil {
			return err
		}
		if n > 8 {
			m.push(integer(b))
			return nil
		}
		var v int64
		for i := len(b) - 1; i >= 0; i-- {
			v = v<<8 | int64(b[i])
		}
		if n > 0 {
			v = v << (64 - 8*n) >> (64 - 8*n) // the sign
		}
		m.push(v)
		return nil
	}
}

// text reads a text with its length in front. One that cannot be a name has no content here.
func text(width int64) func(*machine) error {
	return func(m *machine) error {
		n, err := m.in.length(width)
		if err != nil {
			return err
		}
		if n > maxText {
			m.push(&opaque{"text"})
			return m.in.skip(n)
		}
		b, err := m.in.read(n)
		if err != nil {
			return err
		}
		if !utf8.Valid(b) { // Python 2 kept bytes in its texts
			m.push(&opaque{"text"})
			return nil
		}
		m.push(string(b))
		return nil
	}
}

func skipBytes(width int64) func(*machine) error {
	return func(m *machine) error {
		n, err := m.in.length(width)
		if err != nil {
			return err
		}
		m.push(&opaque{"bytes"})
		return m.in.skip(n)
	}
}

func tupleOf(n int) func(*machine) error {
	return func(m *machine) error {
		return last(m, n, func(items []value) error { m.push(tuple(items)); return nil })
	}
}

func marked(build func(items []value) (value, error)) func(*machine) error {
	return func(m *machine) error {
		return sinceMark(m, func(items []value) error {
			v, err := build(items)
			m.push(v)
			return err
		})
	}
}

func last(m *machine, n int, do func([]value) error) error {
	items, err := m.popN(n)
	if err != nil {
		return err
	}
	return do(items)
}

func sinceMark(m *machine, do func([]value) error) error {
	items, err := m.popMark()
	if err != nil {
		return err
	}
	return do(items)
}

func index(m *machine, width int64, do func(uint32) error) error {
	b, err := m.in.read(width)
	if err != nil {
		return err
	}
	if width == 1 {
		return do(uint32(b[0]))
	}
	return do(binary.LittleEndian.Uint32(b))
}

func globalByLines(m *machine) error {
	module, err := m.in.line()
	if err != nil {
		return err
	}
	name, err := m.in.line()
	if err == nil {
		m.push(global{module, name})
	}
	return err
}

func globalByStack(m *machine) error {
	return last(m, 2, func(v []value) error {
		module, ok := v[0].(string)
		name, ok2 := v[1].(string)
		if !ok || !ok2 {
			return fmt.Errorf("%w: a global whose name is no text", ErrFormat)
		}
		m.push(global{module, name})
		return nil
	})
}

func persistentID(m *machine) error {
	return last(m, 1, func(v []value) error {
		id, ok := v[0].(tuple)
		if !ok {
			return fmt.Errorf("%w: a reference to a storage is %s, want a tuple", ErrFormat, shorten(v[0]))
		}
		found, err := m.persistent(id)
		m.push(found)
		return err
	})
}
