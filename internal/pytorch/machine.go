package pytorch

import (
	"fmt"
	"slices"
)

// Bounds of one pickle, far above what a checkpoint needs: tens of opcodes a tensor.
const (
	maxWork  = 4 << 20 // opcodes run, and what calls copy; with it the values made and remembered
	maxStack = 1 << 20 // values on the stack
	maxMarks = 1 << 12 // open marks: nesting of what is being put together
)

// machine interprets one pickle.
type machine struct {
	in         *input
	stack      []value
	marks      []int // heights of the stack
	memo       map[uint32]value
	work       int // done so far, at most maxWork
	persistent func(id tuple) (value, error)
}

// unpickle interprets the pickle that in stands before, up to its STOP. persistent answers references to storages.
func unpickle(in *input, persistent func(id tuple) (value, error)) (value, error) {
	m := &machine{in: in, memo: map[uint32]value{}, persistent: persistent}
	for ; m.work < maxWork; m.work++ {
		at := in.at
		code, err := in.byte()
		if err != nil {
			return nil, err
		}
		if code == stop {
			return m.pop()
		}
		op := opcodes[code]
		switch {
		case op.name == "":
			err = fmt.Errorf("%w: opcode 0x%02x is none of pickle's", ErrFormat, code)
		case op.run == nil:
			err = fmt.Errorf("%w: opcode %s is not one that torch.save writes", ErrFormat, op.name)
		default:
			err = op.run(m)
		}
		if err != nil {
			return nil, fmt.Errorf("%w (at byte %d of the pickle)", err, at)
		}
		if len(m.stack) > maxStack || len(m.marks) > maxMarks {
			return nil, fmt.Errorf("%w: the pickle nests or stacks too much", ErrFormat)
		}
	}
	return nil, fmt.Errorf("%w: the pickle has more than %d opcodes, or as much is copied", ErrFormat, maxWork)
}

func (m *machine) push(v value) { m.stack = append(m.stack, v) }

// floor is the height below which the values belong to what lies before the last mark.
func (m *machine) floor() int {
	if len(m.marks) == 0 {
		return 0
	}
	return m.marks[len(m.marks)-1]
}

func (m *machine) pop() (value, error) {
	v, err := m.top()
	if err == nil {
		m.stack = m.stack[:len(m.stack)-1]
	}
	return v, err
}

func (m *machine) top() (value, error) {
	if len(m.stack) <= m.floor() {
		return nil, fmt.Errorf("%w: a value is missing on the stack", ErrFormat)
	}
	return m.stack[len(m.stack)-1], nil
}

// popN takes the last n values, in the order in which they were pushed.
func (m *machine) popN(n int) ([]value, error) {
	if len(m.stack)-m.floor() < n {
		return nil, fmt.Errorf("%w: a value is missing on the stack", ErrFormat)
	}
	at := len(m.stack) - n
	taken := slices.Clone(m.stack[at:])
	m.stack = m.stack[:at]
	return taken, nil
}

// popMark takes the values since the last mark, and the mark.
func (m *machine) popMark() ([]value, error) {
	if len(m.marks) == 0 {
		return nil, fmt.Errorf("%w: a mark is missing", ErrFormat)
	}
	taken, err := m.popN(len(m.stack) - m.floor())
	m.marks = m.marks[:len(m.marks)-1]
	return taken, err
}

// remember puts the top of the stack into the memo.
func (m *machine) remember(at uint32) error {
	v, err := m.top()
	if err == nil {
		m.memo[at] = v
	}
	return err
}

// recall pushes what the memo holds.
func (m *machine) recall(at uint32) error {
	v, ok := m.memo[at]
	if !ok {
		return fmt.Errorf("%w: nothing is remembered under %d", ErrFormat, at)
	}
	m.push(v)
	return nil
}

// extend appends items to the list on top. What other values are given is dropped with them.
func (m *machine) extend(items []value) error {
	v, err := m.top()
	if err != nil {
		return err
	}
	switch v := v.(type) {
	case *list:
		v.items = append(v.items, items...)
	case *opaque:
	default:
		return fmt.Errorf("%w: items for %s", ErrFormat, shorten(v))
	}
	return nil
}

// set stores keys and values in turn in the dictionary on top. What other values are given is dropped with them.
func (m *machine) set(pairs []value) error {
	v, err := m.top()
	if err != nil {
		return err
	}
	if len(pairs)%2 != 0 {
		return fmt.Errorf("%w: a key without its value", ErrFormat)
	}
	switch v := v.(type) {
	case *dict:
		for i := 0; i < len(pairs); i += 2 {
			v.keys, v.values = append(v.keys, pairs[i]), append(v.values, pairs[i+1])
		}
	case *opaque:
	default:
		return fmt.Errorf("%w: keys and values for %s", ErrFormat, shorten(v))
	}
	return nil
}
