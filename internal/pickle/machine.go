package pickle

import (
	"errors"
	"fmt"
	"slices"
)

func (r *Reader) push(v any) { r.stack = append(r.stack, v) }

// floor is the height below which the values belong to what lies before the last mark.
func (r *Reader) floor() int {
	if len(r.marks) == 0 {
		return 0
	}
	return r.marks[len(r.marks)-1]
}

func (r *Reader) top() (any, error) {
	if len(r.stack) <= r.floor() {
		return nil, errors.New("a value is missing on the stack")
	}
	return r.stack[len(r.stack)-1], nil
}

// popN takes the last n values, in the order in which they were pushed.
func (r *Reader) popN(n int) ([]any, error) {
	if len(r.stack)-r.floor() < n {
		return nil, errors.New("a value is missing on the stack")
	}
	at := len(r.stack) - n
	taken := slices.Clone(r.stack[at:])
	r.stack = r.stack[:at]
	return taken, nil
}

// popMark takes the values since the last mark, and the mark.
func (r *Reader) popMark() ([]any, error) {
	if len(r.marks) == 0 {
		return nil, errors.New("a mark is missing")
	}
	taken, err := r.popN(len(r.stack) - r.floor())
	r.marks = r.marks[:len(r.marks)-1]
	return taken, err
}

// give adds items, or keys and values in turn, to what is on top. What an Opaque value is given is dropped with it.
func (r *Reader) give(items []any, pairs bool) error {
	v, err := r.top()
	if err != nil {
		return err
	}
	if pairs && len(items)%2 != 0 {
		return errors.New("a key without its value")
	}
	switch v := v.(type) {
	case *List:
		if !pairs {
			v.Items = append(v.Items, items...)
			return nil
		}
	case *Dict:
		for i := 0; pairs && i < len(items); i += 2 {
			v.Keys, v.Values = append(v.Keys, items[i]), append(v.Values, items[i+1])
		}
		if pairs {
			return nil
		}
	case *Opaque:
		return nil
	case Object:
		return v.Add(items...)
	}
	return fmt.Errorf("items for %s, which takes none such", Describe(v))
}

// build gives its attributes to the value on top; only an Object has any use for them.
func (r *Reader) build(state []any) error {
	v, err := r.top()
	if err != nil {
		return err
	}
	switch v := v.(type) {
	case Object:
		return v.Build(state[0])
	case nil, bool, int64, float64, string, Bytes:
		return fmt.Errorf("state for %s, which takes none", Describe(v))
	}
	return nil
}

// call asks the Reader's function ask what comes of a function or a class and its arguments, v.
func (r *Reader) call(ask func(any, Tuple) (any, error), v []any) error {
	args, ok := v[1].(Tuple)
	if !ok {
		return fmt.Errorf("%s is called with %s, want a tuple of arguments", Describe(v[0]), Describe(v[1]))
	}
	if ask == nil {
		r.push(&Opaque{Describe(v[0])})
		return nil
	}
	result, err := ask(v[0], args)
	r.push(result)
	return err
}

// persistent asks what a reference stands for.
func (r *Reader) persistent(id []any) error {
	if r.Persistent == nil {
		return errors.New("a reference to something outside, where none may be")
	}
	found, err := r.Persistent(id[0])
	r.push(found)
	return err
}
