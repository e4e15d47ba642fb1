package pickle

import (
	"errors"
	"fmt"
	"math"
)

// step does what one opcode says.
func (m *machine) step(op byte) error {
	switch op {
	case 0x80: // PROTO
		_, err := m.take(1)
		return err
	case 0x95: // FRAME
		_, err := m.take(8)
		return err
	case '(':
		m.push(mark{})
	case 'N':
		m.push(nil)
	case 0x88, 0x89: // NEWTRUE, NEWFALSE
		m.push(op == 0x88)
	case '}':
		m.push(&Dict{})
	case ']':
		m.push(&List{})
	case ')':
		m.push(Tuple{})
	case 'U', 'C', 0x8c: // SHORT_BINSTRING, SHORT_BINBYTES, SHORT_BINUNICODE
		return m.text(1)
	case 'T', 'B', 'X': // BINSTRING, BINBYTES, BINUNICODE
		return m.text(4)
	case 0x8e, 0x8d: // BINBYTES8, BINUNICODE8
		return m.text(8)
	case 'K', 'M', 'J', 'G':
		return m.scalar(op)
	case 'q', 'r', 0x94, 'h', 'j':
		return m.remember(op)
	case 't', 0x85, 0x86, 0x87, 'a', 'e', 's', 'u':
		return m.collect(op)
	case 'c', 0x93, 'R', 'b':
		return m.object(op)
	default:
		return fmt.Errorf("opcode %#x is not known", op)
	}
	return nil
}

// scalar pushes a number: BININT1, BININT2, BININT, BINFLOAT.
func (m *machine) scalar(op byte) error {
	if op == 'G' {
		b, err := m.take(8)
		if err != nil {
			return err
		}
		bits := uint64(0)
		for _, v := range b { // the one number that has its highest byte first
			bits = bits<<8 | uint64(v)
		}
		m.push(math.Float64frombits(bits))
		return nil
	}
	n, err := m.number(map[byte]int{'K': 1, 'M': 2, 'J': 4}[op])
	if op == 'J' {
		m.push(int64(int32(n)))
	} else {
		m.push(int64(n))
	}
	return err
}

// remember puts the topmost value into the memo, or pushes one from there.
func (m *machine) remember(op byte) error {
	if op == 0x94 { // MEMOIZE
		if len(m.stack) == 0 {
			return errors.New("nothing to remember")
		}
		m.memo[uint32(len(m.memo))] = m.stack[len(m.stack)-1]
		return nil
	}
	n, err := m.number(map[byte]int{'q': 1, 'r': 4, 'h': 1, 'j': 4}[op])
	if err != nil {
		return err
	}
	if op == 'h' || op == 'j' {
		v, ok := m.memo[uint32(n)]
		if !ok {
			return fmt.Errorf("nothing was remembered as %d", n)
		}
		m.push(v)
		return nil
	}
	if len(m.stack) == 0 {
		return errors.New("nothing to remember")
	}
	m.memo[uint32(n)] = m.stack[len(m.stack)-1]
	return nil
}

// collect makes tuples, and puts items into lists and dicts.
func (m *machine) collect(op byte) (err error) {
	var items []any
	switch op {
	case 0x85, 0x86, 0x87: // TUPLE1, TUPLE2, TUPLE3
		items, err = m.popN(int(op) - 0x84)
	case 'a': // APPEND
		items, err = m.popN(1)
	case 's': // SETITEM
		items, err = m.popN(2)
	default: // TUPLE, APPENDS, SETITEMS
		items, err = m.popMark()
	}
	if err != nil {
		return err
	}
	if op == 't' || op >= 0x85 {
		m.push(Tuple(items))
		return nil
	}
	if len(m.stack) == 0 {
		return errors.New("nothing to put items into")
	}
	switch into := m.stack[len(m.stack)-1].(type) {
	case *List:
		if op == 'a' || op == 'e' {
			into.Items = append(into.Items, items...)
			return nil
		}
	case *Dict:
		if (op == 's' || op == 'u') && len(items)%2 == 0 {
			for i := 0; i < len(items); i += 2 {
				into.keys, into.values = append(into.keys, items[i]), append(into.values, items[i+1])
			}
			return nil
		}
	}
	return errors.New("items for something that takes none")
}

// object describes what Python would import and call.
func (m *machine) object(op byte) error {
	if op == 'c' { // GLOBAL
		module, err := m.line()
		if err != nil {
			return err
		}
		name, err := m.line()
		m.push(Global{module, name})
		return err
	}
	pair, err := m.popN(2)
	if err != nil {
		return err
	}
	switch op {
	case 0x93: // STACK_GLOBAL
		module, ok1 := pair[0].(Text)
		name, ok2 := pair[1].(Text)
		if !ok1 || !ok2 {
			return errors.New("a name that is no string")
		}
		m.push(Global{string(module), string(name)})
	case 'R': // REDUCE
		args, ok := pair[1].(Tuple)
		if !ok {
			return errors.New("a call without a tuple of arguments")
		}
		m.push(&Call{Func: pair[0], Args: args})
	case 'b': // BUILD
		c, ok := pair[0].(*Call)
		if !ok {
			return errors.New("state for something that takes none")
		}
		c.State = pair[1]
		m.push(c)
	}
	return nil
}
