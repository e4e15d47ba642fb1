package pytorch

import (
	"errors"
	"fmt"
	"strings"

	"vssl/internal/pickle"
)

// calls are the functions that put weights together, by Python's names.
var calls = map[string]func(args pickle.Tuple) (any, error){
	"collections.OrderedDict":                    newDict,
	"collections.defaultdict":                    newDict,
	"builtins.dict":                              newDict,
	"__builtin__.dict":                           newDict,
	"torch.Size":                                 first,
	"torch._utils._rebuild_parameter":            parameter,
	"torch._utils._rebuild_parameter_with_state": parameter,
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

// attacks are the modules and functions of Python that no checkpoint calls but one that is made to do harm: such a file is
// refused, so that nobody takes it for sound.
var attacks = names(`
	os posix nt subprocess sys shutil pty runpy importlib ctypes webbrowser commands
	builtins.eval builtins.exec builtins.compile builtins.open builtins.__import__
	__builtin__.eval __builtin__.execfile __builtin__.compile __builtin__.open __builtin__.file __builtin__.__import__`)

func names(text string) map[string]bool {
	set := map[string]bool{}
	for _, name := range strings.Fields(text) {
		set[name] = true
	}
	return set
}

// newDict takes nothing, pairs in a list, or something that says what absent keys give.
func newDict(args pickle.Tuple) (any, error) {
	d := &pickle.Dict{}
	if len(args) == 0 {
		return d, nil
	}
	pairs, ok := args[0].(*pickle.List)
	if !ok {
		return d, nil
	}
	for _, p := range pairs.Items {
		var pair []any
		switch p := p.(type) {
		case pickle.Tuple:
			pair = p
		case *pickle.List:
			pair = p.Items
		}
		if len(pair) != 2 {
			return nil, fmt.Errorf("given %s, want pairs", pickle.Describe(p))
		}
		d.Keys, d.Values = append(d.Keys, pair[0]), append(d.Values, pair[1])
	}
	return d, nil
}

func first(args pickle.Tuple) (any, error) {
	if len(args) == 0 {
		return nil, errors.New("called without arguments")
	}
	return args[0], nil
}

// parameter is a tensor that is learned; nothing else may stand for one.
func parameter(args pickle.Tuple) (any, error) {
	v, err := first(args)
	if _, ok := v.(*tensor); err == nil && !ok {
		return nil, fmt.Errorf("given %s, want a tensor", pickle.Describe(v))
	}
	return v, err
}
