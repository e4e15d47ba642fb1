package clips

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"

	"vssl/internal/pickle"
)

// readPythonBatch reads a batch of the Python version, whichever Python pickled it: a dict with an array "data" [N, 3072] of
// bytes and a list of labels. The pixels may share the memory of data.
func readPythonBatch(data []byte, key string) (pixels []byte, labels []int, err error) {
	const want = "fetch the binary version instead"
	r := pickle.NewReader(bytes.NewReader(data), 0, int64(len(data)))
	r.Call = callNumPy
	value, err := r.Next()
	if err != nil {
		return nil, nil, fmt.Errorf("%w: %s", err, want)
	}
	dict, ok := value.(*pickle.Dict)
	if !ok {
		return nil, nil, fmt.Errorf("it holds no dict: %s", want)
	}
	pixels, dims, err := arrayBytes(data, entry(dict, "data"))
	if err != nil {
		return nil, nil, fmt.Errorf("its data: %w: %s", err, want)
	}
	list, _ := entry(dict, key).(*pickle.List)
	if list == nil || len(dims) != 2 || dims[1] != cifarPixels || len(list.Items) != dims[0] || dims[0] == 0 {
		return nil, nil, fmt.Errorf("data of shape %v and no list %q of as many labels, want [N, %d] and N: %s",
			dims, key, cifarPixels, want)
	}
	labels = make([]int, dims[0])
	for i, item := range list.Items {
		n, ok := item.(int64)
		if !ok || n < 0 || n > maxClasses {
			return nil, nil, fmt.Errorf("label %d is a %T, want a number: %s", i, item, want)
		}
		labels[i] = int(n)
	}
	return pixels, labels, nil
}

// entry is the value last put under a key, text or bytes; nil where there is none.
func entry(d *pickle.Dict, key string) any {
	for i, k := range slices.Backward(d.Keys) {
		if l, ok := k.(latin1); ok {
			k = l.text
		}
		if b, ok := k.(pickle.Bytes); ok {
			k = string(b)
		}
		if k == any(key) {
			return d.Values[i]
		}
	}
	return nil
}

// array is NumPy's, as far as a pickle has described it.
type array struct{ shape, dtype, fortran, content any }

// dtype is the element type of an array.
type dtype string

// latin1 are bytes that Python 3 wrote as a text of as many letters, in protocols that have no bytes.
type latin1 struct{ text any }

// callNumPy answers the calls that arrays are pickled as.
func callNumPy(function any, args pickle.Tuple) (any, error) {
	g, _ := function.(pickle.Global)
	ours := strings.HasPrefix(g.Module, "numpy") || g.Module == "_codecs"
	switch {
	case ours && g.Name == "_reconstruct":
		return &array{}, nil
	case ours && g.Name == "_frombuffer" && len(args) == 4: // content, type, shape, order
		return &array{args[2], args[1], args[3] != any("C"), args[0]}, nil
	case ours && g.Name == "dtype" && len(args) > 0:
		name, _ := args[0].(string)
		return dtype(name), nil
	case ours && g.Name == "encode" && len(args) == 2 && args[1] == any("latin1"):
		return latin1{args[0]}, nil
	}
	return &pickle.Opaque{Of: pickle.Describe(function)}, nil
}

// Build takes version, shape, type, whether in the order of Fortran, and content.
func (a *array) Build(state any) error {
	s, _ := state.(pickle.Tuple)
	if len(s) != 5 {
		return errors.New("an array of NumPy without content")
	}
	*a = array{s[1], s[2], s[3], s[4]}
	return nil
}

// Add refuses: arrays are not filled piece by piece.
func (a *array) Add(...any) error { return errors.New("items for an array of NumPy") }

// arrayBytes is the content of a NumPy array of unsigned bytes, in the order of C, and its shape. data is the pickle.
func arrayBytes(data []byte, v any) (content []byte, shape []int, err error) {
	a, ok := v.(*array)
	if !ok {
		return nil, nil, errors.New("it is no array of NumPy")
	}
	if kind, _ := a.dtype.(dtype); kind != "u1" {
		return nil, nil, fmt.Errorf("its array is of type %q, want u1 (unsigned bytes)", kind)
	}
	content, ok = contentOf(data, a.content)
	if !ok || a.fortran != any(false) {
		return nil, nil, errors.New("its array is not a plain one in the order of C")
	}
	dims, _ := a.shape.(pickle.Tuple)
	size := int64(1)
	for _, d := range dims {
		n, ok := d.(int64)
		if !ok || n < 0 || n > int64(len(content)) || size*n > int64(len(content)) {
			return nil, nil, fmt.Errorf("its array has %d bytes, want more for its shape", len(content))
		}
		size *= n
		shape = append(shape, int(n))
	}
	if size != int64(len(content)) {
		return nil, nil, fmt.Errorf("its array has %d bytes, want %d for its shape %v", len(content), size, shape)
	}
	return content, shape, nil
}

// contentOf is a string of bytes in any of the forms that a pickle has for it; false for another value.
func contentOf(data []byte, v any) ([]byte, bool) {
	switch v := v.(type) {
	case string:
		return []byte(v), true
	case pickle.Bytes:
		return v, true
	case pickle.Block:
		return data[v.At : v.At+v.Size : v.At+v.Size], true
	case latin1:
		if _, again := v.text.(latin1); again {
			return nil, false
		}
		text, ok := contentOf(data, v.text)
		var content []byte
		for _, letter := range string(text) {
			ok = ok && letter <= 0xff
			content = append(content, byte(letter))
		}
		return content, ok
	}
	return nil, false
}
