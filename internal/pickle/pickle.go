// Package pickle reads Python's pickles as plain data: numbers, strings, lists, tuples, dicts. What a pickle would have Python
// import and call stays a description of the call; nothing is looked up or run. Only what data sets use is known: protocols 2 to
// 5, without persistent references and buffers out of band.
package pickle

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
)

// Text is a string of either kind of Python's; it shares the memory of the pickle.
type Text []byte

// List is a list.
type List struct{ Items []any }

// Tuple is a tuple.
type Tuple []any

// Dict is a dict, as the pairs that were put into it.
type Dict struct{ keys, values []any }

// Get is the value last put under a key that is a string, nil where there is none.
func (d *Dict) Get(key string) any {
	for i := len(d.keys) - 1; i >= 0; i-- {
		if k, ok := d.keys[i].(Text); ok && string(k) == key {
			return d.values[i]
		}
	}
	return nil
}

// Global is a name that Python would import.
type Global struct{ Module, Name string }

// Call is a call that Python would make to build an object, and the state that it would then give to it.
type Call struct {
	Func  any // mostly a Global
	Args  Tuple
	State any // nil where there is none
}

// Load reads one pickle. The result consists of nil, bool, int64, float64, Text, *List, Tuple, *Dict, Global and *Call.
func Load(data []byte) (any, error) {
	m := machine{data: data, memo: map[uint32]any{}}
	for {
		at := m.pos
		op, err := m.take(1)
		if err == nil {
			if op[0] == '.' {
				return m.pop()
			}
			err = m.step(op[0])
		}
		if err != nil {
			return nil, fmt.Errorf("pickle, byte %d: %w", at, err)
		}
	}
}

// mark is the value on the stack that tuples and runs of items begin behind.
type mark struct{}

// machine is the state of reading.
type machine struct {
	data  []byte
	pos   int
	stack []any
	memo  map[uint32]any
}

var errShort = errors.New("it ends too early")

// take is the next n bytes.
func (m *machine) take(n int) ([]byte, error) {
	if n < 0 || n > len(m.data)-m.pos {
		return nil, errShort
	}
	m.pos += n
	return m.data[m.pos-n : m.pos : m.pos], nil
}

// number reads an unsigned number of 1, 2, 4 or 8 bytes.
func (m *machine) number(bytes int) (uint64, error) {
	b, err := m.take(bytes)
	if err != nil {
		return 0, err
	}
	var wide [8]byte
	copy(wide[:], b)
	return binary.LittleEndian.Uint64(wide[:]), nil
}

// text pushes a string whose length is a number of so many bytes.
func (m *machine) text(bytes int) error {
	n, err := m.number(bytes)
	if err != nil {
		return err
	}
	if n > uint64(len(m.data)) {
		return errShort
	}
	b, err := m.take(int(n))
	m.push(Text(b))
	return err
}

// line reads up to the end of a line.
func (m *machine) line() (string, error) {
	n := bytes.IndexByte(m.data[m.pos:], '\n')
	if n < 0 {
		return "", errShort
	}
	b, err := m.take(n + 1)
	return string(b[:n]), err
}

func (m *machine) push(v any) { m.stack = append(m.stack, v) }

func (m *machine) pop() (any, error) {
	if len(m.stack) == 0 {
		return nil, errors.New("the stack is empty")
	}
	v := m.stack[len(m.stack)-1]
	m.stack = m.stack[:len(m.stack)-1]
	return v, nil
}

// popN takes the n topmost values.
func (m *machine) popN(n int) ([]any, error) {
	if n > len(m.stack) {
		return nil, errors.New("the stack is too short")
	}
	values := append([]any(nil), m.stack[len(m.stack)-n:]...)
	m.stack = m.stack[:len(m.stack)-n]
	return values, nil
}

// popMark takes the values behind the last mark, and the mark.
func (m *machine) popMark() ([]any, error) {
	for i := len(m.stack) - 1; i >= 0; i-- {
		if _, ok := m.stack[i].(mark); ok {
			values := append([]any(nil), m.stack[i+1:]...)
			m.stack = m.stack[:i]
			return values, nil
		}
	}
	return nil, errors.New("no mark on the stack")
}
