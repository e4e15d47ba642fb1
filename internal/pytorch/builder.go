package pytorch

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"vssl/internal/pickle"
)

// builder puts together what the pickles of a checkpoint describe.
type builder struct{ *pickle.Reader }

func newBuilder(from io.ReaderAt, offset, size int64) *builder {
	b := &builder{pickle.NewReader(from, offset, size)}
	b.Call, b.New = b.call, b.instance
	return b
}

// next reads one pickle; storage answers the references to storages in it.
func (b *builder) next(storage func(id pickle.Tuple) (any, error)) (any, error) {
	b.Persistent = func(id any) (any, error) {
		t, ok := id.(pickle.Tuple)
		if !ok {
			return nil, fmt.Errorf("a reference to a storage is %s, want a tuple", pickle.Describe(id))
		}
		return storage(t)
	}
	v, err := b.Next()
	if e := (*pickle.Error)(nil); errors.As(err, &e) && !errors.Is(err, ErrFormat) {
		err = fmt.Errorf("%w: %w", ErrFormat, err)
	}
	return v, err
}

// call builds what weights consist of. Any other result has no content, and no tensors may be lost with it.
func (b *builder) call(function any, args pickle.Tuple) (any, error) {
	name := nameOf(function)
	if name == rebuildSubclass && len(args) >= 3 {
		inner, ok := args[0].(pickle.Global)
		innerArgs, isTuple := args[2].(pickle.Tuple)
		if !ok || !isTuple || calls[inner.String()] == nil {
			return nil, fmt.Errorf("%s is given %s", name, pickle.Describe(args[0]))
		}
		return b.call(inner, innerArgs)
	}
	if build, ok := calls[name]; ok {
		result, err := build(args)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		b.count(result)
		return result, nil
	}
	if inert[name] && !slices.ContainsFunc(args, isTensor) {
		return &pickle.Opaque{Of: name}, nil
	}
	module, _, _ := strings.Cut(name, ".")
	switch {
	case name == "":
		return nil, fmt.Errorf("it calls %s", pickle.Describe(function))
	case inert[name] || attacks[module] || attacks[name] || module == "torch" && !isMember(args):
		// what PyTorch calls to read a checkpoint mostly makes tensors, from arguments that need not look like any
		return nil, fmt.Errorf("it calls %s, which is not among the functions that weights need; nothing was run", name)
	}
	u := &unknown{name, b}
	return u, u.Add(args...)
}

// nameOf is what a called value was imported as or made by, "" where there is nothing to call.
func nameOf(function any) string {
	switch f := function.(type) {
	case pickle.Global:
		return f.String()
	case *unknown: // a class inside another is asked for by a call
		return f.name
	}
	return ""
}

// isMember tells whether arguments are those of a member of an enumeration: a number or a short text.
func isMember(args pickle.Tuple) bool {
	if len(args) != 1 {
		return false
	}
	switch args[0].(type) {
	case int64, string:
		return true
	}
	return false
}

// count spends what was copied for a result: one list may be handed over any number of times.
func (b *builder) count(result any) {
	switch r := result.(type) {
	case *pickle.Dict:
		b.Spend(len(r.Keys))
	case *tensor:
		b.Spend(len(r.shape))
	}
}

// instance is an object of a class without its content. No constructor runs, in Python neither.
func (b *builder) instance(class any, args pickle.Tuple) (any, error) {
	name := nameOf(class)
	switch {
	case name == "":
		return nil, fmt.Errorf("an object of %s, want a class", pickle.Describe(class))
	case calls[name] != nil:
		return b.call(class, args)
	case slices.ContainsFunc(args, isTensor):
		return nil, fmt.Errorf("it hands tensors to %s, which is unknown", name)
	}
	return &pickle.Opaque{Of: name}, nil
}

// unknown is the result of a function that is in no table, such as a member of an enumeration: it has no content, and
// refuses tensors, which would be lost in it.
type unknown struct {
	name string
	b    *builder
}

func (u *unknown) String() string { return "an object of " + u.name }

// Build refuses a state with tensors in it.
func (u *unknown) Build(state any) error { return u.Add(state) }

// Add refuses tensors, however deep they are.
func (u *unknown) Add(items ...any) error {
	left := maxLook
	found := holdsTensor(items, &left, maxDepth)
	u.b.Spend(maxLook - left)
	if found {
		return fmt.Errorf("it calls %s, which is not among the functions that weights need, with tensors; nothing was run", u.name)
	}
	return nil
}

// maxLook bounds the values among which one call's arguments are searched for tensors.
const maxLook = 1 << 18

// holdsTensor looks at no more than left values, no deeper than depth; what it cannot look at may hold one.
func holdsTensor(values []any, left *int, depth int) bool {
	if depth == 0 {
		return true
	}
	return slices.ContainsFunc(values, func(v any) bool {
		if *left == 0 || isTensor(v) {
			return true
		}
		*left--
		switch v := v.(type) {
		case pickle.Tuple:
			return holdsTensor(v, left, depth-1)
		case *pickle.List:
			return holdsTensor(v.Items, left, depth-1)
		case *pickle.Dict:
			return holdsTensor(v.Keys, left, depth-1) || holdsTensor(v.Values, left, depth-1)
		}
		return false
	})
}

func isTensor(v any) bool {
	switch v.(type) {
	case *tensor, *storage:
		return true
	}
	return false
}
