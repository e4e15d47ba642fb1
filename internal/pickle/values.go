package pickle

import "fmt"

// Tuple is a tuple.
type Tuple []any

// List is a list.
type List struct{ Items []any }

// Dict is a dict. It keeps what it was given, in order; a key may be there twice, and then the last counts.
type Dict struct{ Keys, Values []any }

// Bytes is a short string that is no text: of bytes, or one of Python 2 that is not UTF-8.
type Bytes []byte

// Block is a string of either kind that is too long to be kept: where it lies in what is read.
type Block struct{ At, Size int64 }

// Integer is a whole number beyond 64 bits: its bytes, little-endian.
type Integer string

// Global is a function or a class by name. Nothing stands behind it.
type Global struct{ Module, Name string }

func (g Global) String() string { return g.Module + "." + g.Name }

// Opaque is an object whose content was dropped.
type Opaque struct{ Of string }

func (o *Opaque) String() string { return "an object of " + o.Of }

// Object is a value of the Reader's functions that wants what a pickle gives to an object once it is made.
type Object interface {
	Build(state any) error  // its attributes, in a form of its own
	Add(items ...any) error // items of a list or a set, or keys and values of a dict in turn
}

// Describe names a value in an error.
func Describe(v any) string {
	switch v := v.(type) {
	case fmt.Stringer:
		return v.String()
	case string:
		return "text"
	case Bytes, Block:
		return "bytes"
	case Tuple:
		return "a tuple"
	case *List:
		return "a list"
	case *Dict:
		return "a dictionary"
	case nil:
		return "None"
	}
	return "a number"
}
