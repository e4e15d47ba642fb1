// Package pickle reads Python's pickles and runs nothing of what is in them.
//
// A pickle is a program for a small stack machine that may name any function of Python and call it. The machine here has
// no Python behind it: it puts plain data together, and hands calls to its user, who says what they give. It knows what
// Python writes in protocols 2 to 5 and refuses the rest by name. It reads from front to back and keeps no long text; every
// length is compared with what is left before it is used, and work, stack and nesting are bounded.
package pickle

import (
	"fmt"
	"io"
)

// Bounds of one pickle, far above what weights and data sets need: tens of opcodes a tensor, a few a label.
const (
	maxWork  = 4 << 20 // opcodes run, and what is spent on calls; with it the values made and remembered
	maxStack = 1 << 20 // values on the stack
	maxMarks = 1 << 12 // open marks: nesting of what is being put together
	maxText  = 4096    // bytes of a text that is kept; a longer one becomes a Block
)

// Error says what is wrong with a pickle, as against an error of reading it.
type Error struct {
	At  int64 // byte of the opcode, from where the Reader began
	Err error // the errors of the Reader's functions too
}

func (e *Error) Error() string { return fmt.Sprintf("%v (at byte %d of the pickle)", e.Err, e.At) }

func (e *Error) Unwrap() error { return e.Err }

// Reader reads pickles that lie one behind the other. Its functions answer what depends on who wrote them; they may be
// changed between two pickles. They return errors of the content only.
type Reader struct {
	Persistent func(id any) (any, error)                   // what a reference to something outside stands for; nil refuses them
	Call       func(function any, args Tuple) (any, error) // what a call gives, mostly of a Global; nil for Opaque values
	New        func(class any, args Tuple) (any, error)    // an object without a call of its constructor; nil for Opaque values

	in    input
	stack []any
	marks []int // heights of the stack
	memo  map[uint32]any
	work  int // done so far, at most maxWork
}

// NewReader reads the size bytes of from that begin at offset.
func NewReader(from io.ReaderAt, offset, size int64) *Reader {
	return &Reader{in: newInput(from, offset, size)}
}

// Offset is where the next pickle begins, from where the Reader began.
func (r *Reader) Offset() int64 { return r.in.at }

// Spend counts work that a function of the Reader did for a pickle, in values; a pickle that causes too much is refused.
func (r *Reader) Spend(values int) { r.work += values }

// Next reads one pickle. The result consists of nil, bool, int64, float64, string, the types of this package and what the
// functions of the Reader gave. An error is an *Error, or one of reading.
func (r *Reader) Next() (any, error) {
	r.stack, r.marks, r.memo, r.work = nil, nil, map[uint32]any{}, 0
	for {
		at := r.in.at
		code, err := r.in.byte()
		if err == nil {
			err = r.step(code)
		}
		switch {
		case r.in.failed != nil:
			return nil, r.in.failed
		case err != nil:
			return nil, &Error{at, err}
		case code == stop:
			return r.stack[0], nil
		}
	}
}

// step runs one opcode.
func (r *Reader) step(code byte) error {
	op := opcodes[code]
	switch {
	case op.name == "":
		return fmt.Errorf("opcode 0x%02x is none of pickle's", code)
	case op.run == nil:
		return fmt.Errorf("opcode %s is not read", op.name)
	}
	var taken []any
	var err error
	if op.takes == sinceMark {
		taken, err = r.popMark()
	} else if op.takes > 0 {
		taken, err = r.popN(op.takes)
	}
	if err == nil {
		err = op.run(r, taken)
	}
	r.work++
	switch {
	case err != nil:
		return err
	case len(r.stack) > maxStack || len(r.marks) > maxMarks:
		return fmt.Errorf("the pickle nests or stacks too much")
	case r.work >= maxWork:
		return fmt.Errorf("the pickle has more than %d opcodes, or as much is copied", maxWork)
	}
	return nil
}
