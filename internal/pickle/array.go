package pickle

import (
	"errors"
	"fmt"
)

// Bytes is the content of a NumPy array of unsigned bytes, in the order of C, and its shape. The bytes share the memory of the
// pickle.
func Bytes(v any) (data []byte, shape []int, err error) {
	c, ok := v.(*Call)
	if !ok {
		return nil, nil, errors.New("it is no array")
	}
	if g, _ := c.Func.(Global); g.Name != "_reconstruct" {
		return nil, nil, errors.New("it is no array of NumPy")
	}
	// version, shape, type, whether in the order of Fortran, content
	state, _ := c.State.(Tuple)
	if len(state) != 5 {
		return nil, nil, errors.New("its array has no content")
	}
	dims, _ := state[1].(Tuple)
	dtype, _ := state[2].(*Call)
	content, isText := state[4].(Text)
	if dtype == nil || len(dtype.Args) == 0 || !isText || state[3] != false {
		return nil, nil, errors.New("its array is not a plain one in the order of C")
	}
	if kind, _ := dtype.Args[0].(Text); string(kind) != "u1" {
		return nil, nil, fmt.Errorf("its array is of type %q, want u1 (unsigned bytes)", kind)
	}
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
