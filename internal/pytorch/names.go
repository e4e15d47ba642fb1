package pytorch

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"vssl/internal/pickle"
)

// Bounds of the walk through what a pickle made. A value that holds itself, or the same ones over and over, ends at them.
const (
	maxDepth  = 32       // dictionaries and lists inside each other
	maxVisits = 4 << 20  // values met, with repetitions
	maxNames  = 32 << 20 // bytes of all names and of what is kept beside each
	perTensor = 128
)

// walker finds the tensors in what a pickle made.
type walker struct {
	path    []string
	visits  int
	bytes   int
	seen    map[string]bool
	found   func(name string, t *tensor) error
	dropped map[string]bool // classes of objects whose content is not there
}

// walk calls found with each tensor below v; its name is the keys that lead to it, joined by dots.
func (w *walker) walk(v any) error {
	w.visits++
	if w.visits > maxVisits || len(w.path) > maxDepth {
		return fmt.Errorf("%w: it nests more than %d deep or holds more than %d values", ErrFormat, maxDepth, maxVisits)
	}
	switch v := v.(type) {
	case *tensor:
		return w.add(v)
	case *pickle.Dict:
		for i, key := range v.Keys {
			if err := w.below(key, v.Values[i]); err != nil {
				return err
			}
		}
	case *pickle.List:
		return w.items(v.Items)
	case pickle.Tuple:
		return w.items(v)
	case *unknown:
		w.dropped[v.name] = true
	case *pickle.Opaque:
		if strings.Contains(v.Of, ".") && !inert[v.Of] { // a class of somebody's
			w.dropped[v.Of] = true
		}
	}
	return nil
}

func (w *walker) items(items []any) error {
	for i, item := range items {
		if err := w.below(int64(i), item); err != nil {
			return err
		}
	}
	return nil
}

// below walks the value under a key; one whose key is neither text nor a number has no name and is left out.
func (w *walker) below(key, v any) error {
	var name string
	switch k := key.(type) {
	case string:
		name = k
	case int64:
		name = strconv.FormatInt(k, 10)
	case *unknown: // what it stands for may be the name of a tensor
		if err := k.Add(v); err != nil {
			return fmt.Errorf("%w: %w", ErrFormat, err)
		}
		return nil
	default:
		return nil
	}
	w.path = append(w.path, name)
	err := w.walk(v)
	w.path = w.path[:len(w.path)-1]
	return err
}

func (w *walker) add(t *tensor) error {
	name := strings.Join(w.path, ".")
	if len(w.path) == 0 {
		name = "tensor" // the file holds one and nothing else
	}
	w.bytes += len(name) + perTensor
	switch {
	case name == "":
		return fmt.Errorf("%w: a tensor has no name", ErrFormat)
	case w.seen[name]:
		return fmt.Errorf("%w: two tensors are named %q", ErrFormat, name)
	case w.bytes > maxNames:
		return fmt.Errorf("%w: it has too many tensors, or their names are too long", ErrFormat)
	}
	w.seen[name] = true
	return w.found(name, t)
}

// droppedClasses lists some of the classes, for a sentence.
func (w *walker) droppedClasses() string {
	var classes []string
	for name := range w.dropped {
		classes = append(classes, name)
	}
	slices.Sort(classes)
	return strings.Join(classes[:min(3, len(classes))], ", ")
}
