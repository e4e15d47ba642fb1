package pytorch

import (
	"fmt"
	"slices"
	"strings"
)

// calls are the functions that put weights together, by Python's names.
var calls = map[string]func(args tuple) (value, error){
	"collections.OrderedDict":                    newDict,
	"collections.defaultdict":                    newDict,
	"builtins.dict":                              newDict,
	"__builtin__.dict":                           newDict,
	"torch.Size":                                 first,
	"torch._utils._rebuild_parameter":            first,
	"torch._utils._rebuild_parameter_with_state": first,
	"torch._utils._rebuild_tensor":               rebuildTensor,
	"torch._utils._rebuild_tensor_v2":            rebuildTensor,
	"torch._utils._rebuild_tensor_v3":            rebuildTyped,
}

// rebuildSubclass is the function that carries a tensor with attributes or of a class of its own.
const rebuildSubclass = "torch._tensor._rebuild_from_type_v2"

// inert are the functions that turn up beside weights in checkpoints. Their results have no content here.
var inert = names(`
	numpy.core.multiarray.scalar numpy._core.multiarray.scalar numpy.core.multiarray._reconstruct numpy._core.multiarray._reconstruct
	numpy.dtype numpy.ndarray numpy._core.numeric._frombuffer numpy.core.numeric._frombuffer _codecs.encode
	builtins.set builtins.frozenset builtins.complex builtins.bytearray builtins.bytes builtins.slice builtins.range
	__builtin__.set __builtin__.frozenset __builtin__.complex __builtin__.bytearray __builtin__.slice __builtin__.xrange
	collections.Counter collections.deque datetime.date datetime.datetime datetime.time datetime.timedelta decimal.Decimal
	uuid.UUID pathlib.Path pathlib.PosixPath pathlib.PurePosixPath pathlib.WindowsPath pathlib.PureWindowsPath
	pathlib._local.PosixPath pathlib._local.WindowsPath copyreg._reconstructor copy_reg._reconstructor functools.partial
	torch.device torch.serialization._get_layout`)

func names(text string) map[string]bool {
	set := map[string]bool{}
	for _, name := range strings.Fields(text) {
		set[name] = true
	}
	return set
}

// reduce is a call: v is the function and its arguments.
func (m *machine) reduce(v []value) error {
	g, ok := v[0].(global)
	args, isTuple := v[1].(tuple)
	if !ok || !isTuple {
		return fmt.Errorf("%w: REDUCE calls %s with %s", ErrFormat, shorten(v[0]), shorten(v[1]))
	}
	return m.call(g, args)
}

// call pushes the result and counts what was copied for it: one list may be handed over any number of times.
func (m *machine) call(g global, args tuple) error {
	result, err := call(g, args)
	switch r := result.(type) {
	case *dict:
		m.work += len(r.keys)
	case *tensor:
		m.work += len(r.shape)
	}
	m.push(result)
	return err
}

func call(g global, args tuple) (value, error) {
	name := g.String()
	if name == rebuildSubclass && len(args) >= 3 {
		inner, ok := args[0].(global)
		innerArgs, isTuple := args[2].(tuple)
		if !ok || !isTuple || inner == g {
			return nil, fmt.Errorf("%w: %s is given %s", ErrFormat, name, shorten(args[0]))
		}
		return call(inner, innerArgs)
	}
	if build, ok := calls[name]; ok {
		result, err := build(args)
		if err != nil {
			return nil, fmt.Errorf("%w: %s: %w", ErrFormat, name, err)
		}
		return result, nil
	}
	if inert[name] && !slices.ContainsFunc(args, holdsTensor) {
		return &opaque{name}, nil
	}
	return nil, fmt.Errorf("%w: it calls %s, which is not among the functions that weights need; nothing was run", ErrFormat, name)
}

// instance is an object of a class without its content: v is the class and the arguments of its constructor. No
// constructor runs, in Python neither.
func (m *machine) instance(v []value) error {
	g, ok := v[0].(global)
	if !ok {
		return fmt.Errorf("%w: an object of %s, want a class", ErrFormat, shorten(v[0]))
	}
	args, _ := v[1].(tuple)
	switch name := g.String(); {
	case calls[name] != nil:
		return m.call(g, args)
	case slices.ContainsFunc(args, holdsTensor):
		return fmt.Errorf("%w: it hands tensors to %s, which is unknown", ErrFormat, name)
	default:
		m.push(&opaque{name})
	}
	return nil
}

// build would set the attributes of the value on top; weights have none that matter.
func (m *machine) build([]value) error {
	_, err := m.top()
	return err
}

func holdsTensor(v value) bool {
	switch v.(type) {
	case *tensor, *storage:
		return true
	}
	return false
}

// newDict takes nothing, pairs in a list, or something that says what absent keys give.
func newDict(args tuple) (value, error) {
	d := &dict{}
	if len(args) == 0 {
		return d, nil
	}
	pairs, ok := args[0].(*list)
	if !ok {
		return d, nil
	}
	for _, p := range pairs.items {
		var pair []value
		switch p := p.(type) {
		case tuple:
			pair = p
		case *list:
			pair = p.items
		}
		if len(pair) != 2 {
			return nil, fmt.Errorf("given %s, want pairs", shorten(p))
		}
		d.keys, d.values = append(d.keys, pair[0]), append(d.values, pair[1])
	}
	return d, nil
}

func first(args tuple) (value, error) {
	if len(args) == 0 {
		return nil, fmt.Errorf("called without arguments")
	}
	return args[0], nil
}
