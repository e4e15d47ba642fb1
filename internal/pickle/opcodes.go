package pickle

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	stop      = '.'
	sinceMark = -1
)

// opcode is one instruction.
type opcode struct {
	name  string
	takes int                            // values from the stack, or those sinceMark
	run   func(r *Reader, v []any) error // with what was taken; nil for those that Python has and nothing here needs
}

// opcodes are pickle's, by the names of Python's pickletools.
var opcodes = [256]opcode{
	0x80: {"PROTO", 0, proto},
	0x95: {"FRAME", 0, func(r *Reader, _ []any) error { return r.in.skip(8) }},
	stop: {"STOP", 1, func(r *Reader, v []any) error { r.stack = v; return nil }},
	'(':  {"MARK", 0, func(r *Reader, _ []any) error { r.marks = append(r.marks, len(r.stack)); return nil }},
	'0':  {"POP", 1, func(*Reader, []any) error { return nil }},
	'1':  {"POP_MARK", sinceMark, func(*Reader, []any) error { return nil }},
	'2':  {"DUP", 0, func(r *Reader, _ []any) error { v, err := r.top(); r.push(v); return err }},

	'N':  {"NONE", 0, constant(nil)},
	0x88: {"NEWTRUE", 0, constant(true)},
	0x89: {"NEWFALSE", 0, constant(false)},
	'J':  {"BININT", 0, number(4, func(n uint64) any { return int64(int32(n)) })},
	'K':  {"BININT1", 0, number(1, func(n uint64) any { return int64(n) })},
	'M':  {"BININT2", 0, number(2, func(n uint64) any { return int64(n) })},
	'G':  {"BINFLOAT", 0, float},
	0x8a: {"LONG1", 0, long(1)},
	0x8b: {"LONG4", 0, long(4)},

	'T':  {"BINSTRING", 0, str(4, true)},
	'U':  {"SHORT_BINSTRING", 0, str(1, true)},
	'X':  {"BINUNICODE", 0, str(4, true)},
	0x8c: {"SHORT_BINUNICODE", 0, str(1, true)},
	0x8d: {"BINUNICODE8", 0, str(8, true)},
	'B':  {"BINBYTES", 0, str(4, false)},
	'C':  {"SHORT_BINBYTES", 0, str(1, false)},
	0x8e: {"BINBYTES8", 0, str(8, false)},
	0x96: {"BYTEARRAY8", 0, str(8, false)},

	')':  {"EMPTY_TUPLE", 0, constant(Tuple{})},
	0x85: {"TUPLE1", 1, tuple},
	0x86: {"TUPLE2", 2, tuple},
	0x87: {"TUPLE3", 3, tuple},
	't':  {"TUPLE", sinceMark, tuple},
	']':  {"EMPTY_LIST", 0, list},
	'l':  {"LIST", sinceMark, list},
	'a':  {"APPEND", 1, extend},
	'e':  {"APPENDS", sinceMark, extend},
	'}':  {"EMPTY_DICT", 0, dict},
	'd':  {"DICT", sinceMark, dict},
	's':  {"SETITEM", 2, set},
	'u':  {"SETITEMS", sinceMark, set},
	0x8f: {"EMPTY_SET", 0, func(r *Reader, _ []any) error { r.push(&Opaque{"set"}); return nil }},
	0x90: {"ADDITEMS", sinceMark, extend},
	0x91: {"FROZENSET", sinceMark, func(r *Reader, _ []any) error { r.push(&Opaque{"frozenset"}); return nil }},

	'h':  {"BINGET", 0, index(1, recall)},
	'j':  {"LONG_BINGET", 0, index(4, recall)},
	'q':  {"BINPUT", 0, index(1, remember)},
	'r':  {"LONG_BINPUT", 0, index(4, remember)},
	0x94: {"MEMOIZE", 0, func(r *Reader, _ []any) error { return remember(r, uint32(len(r.memo))) }},

	'c':  {"GLOBAL", 0, globalByLines},
	0x93: {"STACK_GLOBAL", 2, globalByStack},
	'Q':  {"BINPERSID", 1, (*Reader).persistent},
	'R':  {"REDUCE", 2, func(r *Reader, v []any) error { return r.call(r.Call, v) }},
	0x81: {"NEWOBJ", 2, func(r *Reader, v []any) error { return r.call(r.New, v) }},
	0x92: {"NEWOBJ_EX", 3, func(r *Reader, v []any) error { return r.call(r.New, v) }},
	'b':  {"BUILD", 1, (*Reader).build},

	'I': {name: "INT"}, 'L': {name: "LONG"}, 'F': {name: "FLOAT"}, 'S': {name: "STRING"}, 'V': {name: "UNICODE"},
	'p': {name: "PUT"}, 'g': {name: "GET"}, 'P': {name: "PERSID"}, 'i': {name: "INST"}, 'o': {name: "OBJ"},
	0x82: {name: "EXT1"}, 0x83: {name: "EXT2"}, 0x84: {name: "EXT4"}, 0x97: {name: "NEXT_BUFFER"}, 0x98: {name: "READONLY_BUFFER"},
}

func proto(r *Reader, _ []any) error {
	version, err := r.in.byte()
	if err == nil && version > 5 {
		err = fmt.Errorf("pickle protocol %d is unknown", version)
	}
	return err
}

func constant(v any) func(*Reader, []any) error {
	return func(r *Reader, _ []any) error { r.push(v); return nil }
}

func number(width int64, value func(uint64) any) func(*Reader, []any) error {
	return func(r *Reader, _ []any) error {
		n, err := r.in.number(width)
		r.push(value(n))
		return err
	}
}

// float is the one number with its highest byte first.
func float(r *Reader, _ []any) error {
	b, err := r.in.read(8)
	if err == nil {
		r.push(math.Float64frombits(binary.BigEndian.Uint64(b)))
	}
	return err
}

// long reads a whole number of any length: two's complement, little-endian, no bytes for 0.
func long(width int64) func(*Reader, []any) error {
	return func(r *Reader, _ []any) error {
		v, b, err := r.kept(width)
		switch n := len(b); {
		case err != nil:
			return err
		case v != nil:
			r.push(&Opaque{"int"})
		case n > 8:
			r.push(Integer(b))
		default:
			var v int64
			for i := n - 1; i >= 0; i-- {
				v = v<<8 | int64(b[i])
			}
			if n > 0 {
				v = v << (64 - 8*n) >> (64 - 8*n) // the sign
			}
			r.push(v)
		}
		return nil
	}
}

// str reads a string with its length in front, of text or bytes; Python 2 kept bytes in its texts.
func str(width int64, text bool) func(*Reader, []any) error {
	return func(r *Reader, _ []any) error {
		v, b, err := r.kept(width)
		if text && utf8.Valid(b) && v == nil {
			v = string(b)
		} else if v == nil {
			v = Bytes(b)
		}
		r.push(v)
		return err
	}
}

// kept reads bytes with their length in front, a number of width bytes; too long ones are skipped, and block is theirs.
func (r *Reader) kept(width int64) (block any, b []byte, err error) {
	n, err := r.in.length(width)
	if err != nil {
		return nil, nil, err
	}
	if n > maxText {
		return Block{r.in.start + r.in.at, n}, nil, r.in.skip(n)
	}
	b, err = r.in.read(n)
	return nil, b, err
}

func tuple(r *Reader, items []any) error { r.push(Tuple(items)); return nil }

func list(r *Reader, items []any) error { r.push(&List{items}); return nil }

func dict(r *Reader, pairs []any) error { r.push(&Dict{}); return r.give(pairs, true) }

func extend(r *Reader, items []any) error { return r.give(items, false) }

func set(r *Reader, pairs []any) error { return r.give(pairs, true) }

// remember puts the top of the stack into the memo.
func remember(r *Reader, at uint32) error {
	v, err := r.top()
	if err == nil {
		r.memo[at] = v
	}
	return err
}

// recall pushes what the memo holds.
func recall(r *Reader, at uint32) error {
	v, ok := r.memo[at]
	if !ok {
		return fmt.Errorf("nothing is remembered under %d", at)
	}
	r.push(v)
	return nil
}

func index(width int64, do func(*Reader, uint32) error) func(*Reader, []any) error {
	return func(r *Reader, _ []any) error {
		n, err := r.in.number(width)
		if err != nil {
			return err
		}
		return do(r, uint32(n))
	}
}

func globalByLines(r *Reader, _ []any) error {
	module, err := r.in.line()
	name := ""
	if err == nil {
		name, err = r.in.line()
	}
	if err != nil {
		return err
	}
	return globalByStack(r, []any{module, name})
}

func globalByStack(r *Reader, v []any) error {
	module, ok := v[0].(string)
	name, ok2 := v[1].(string)
	if !ok || !ok2 || !utf8.ValidString(module+name) || strings.ContainsFunc(module+name, unicode.IsControl) {
		return errors.New("a global whose name is no text")
	}
	r.push(Global{module, name})
	return nil
}
