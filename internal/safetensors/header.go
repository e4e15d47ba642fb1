package safetensors

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"math/bits"
	"strconv"
)

// metadataKey is the header's one key that does not name a tensor.
const metadataKey = "__metadata__"

// parseHeader reads the JSON of a header token by token: decoding into a map would let the later of two tensors with
// one name win in silence. Offset in the result still counts from the end of the header.
func parseHeader(header []byte) (tensors []Info, metadata map[string]string, err error) {
	d := json.NewDecoder(bytes.NewReader(header))
	d.UseNumber()
	seen := map[string]bool{}
	err = object(d, func(key string) error {
		if seen[key] {
			return fmt.Errorf("%q is given twice", key)
		}
		seen[key] = true
		if key == metadataKey {
			metadata = map[string]string{}
			return stringMap(d, metadata)
		}
		t, err := parseTensor(d, key)
		if err != nil {
			return fmt.Errorf("tensor %q: %w", key, err)
		}
		tensors = append(tensors, t)
		return nil
	})
	if err != nil {
		return nil, nil, err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, nil, errors.New("more than one JSON value")
	}
	return tensors, metadata, nil
}

// object reads an object and calls member with each key, the decoder standing before its value.
func object(d *json.Decoder, member func(key string) error) error {
	if err := expect(d, '{'); err != nil {
		return err
	}
	for d.More() {
		token, err := d.Token()
		if err != nil {
			return err
		}
		key, ok := token.(string)
		if !ok {
			return fmt.Errorf("found %v, want a name", token)
		}
		if err := member(key); err != nil {
			return err
		}
	}
	return expect(d, '}')
}

// expect reads one bracket.
func expect(d *json.Decoder, want json.Delim) error {
	token, err := d.Token()
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	if err != nil {
		return err
	}
	if token != want {
		return fmt.Errorf("found %v, want %v", token, want)
	}
	return nil
}

// stringMap reads an object whose values are strings into m.
func stringMap(d *json.Decoder, m map[string]string) error {
	return object(d, func(key string) error {
		if _, twice := m[key]; twice {
			return fmt.Errorf("metadata: %q is given twice", key)
		}
		token, err := d.Token()
		if err != nil {
			return err
		}
		value, ok := token.(string)
		if !ok {
			return fmt.Errorf("metadata: %q is %v, want a string", key, token)
		}
		m[key] = value
		return nil
	})
}

// parseTensor reads {"dtype", "shape", "data_offsets"}, each exactly once, and checks that they agree.
func parseTensor(d *json.Decoder, name string) (Info, error) {
	t := Info{Name: name}
	var offsets []int
	seen := map[string]bool{}
	err := object(d, func(key string) (err error) {
		if seen[key] {
			return fmt.Errorf("%q is given twice", key)
		}
		seen[key] = true
		switch key {
		case "dtype":
			t.DType, err = parseDType(d)
		case "shape":
			t.Shape, err = integers(d, maxRank)
		case "data_offsets":
			offsets, err = integers(d, 2)
		default:
			err = fmt.Errorf("unknown key %q", key)
		}
		return err
	})
	if err != nil {
		return Info{}, err
	}
	if len(seen) != 3 || len(offsets) != 2 || offsets[0] > offsets[1] {
		return Info{}, errors.New("want dtype, shape and two data_offsets in order")
	}
	t.Offset, t.Size = int64(offsets[0]), int64(offsets[1]-offsets[0])
	want, ok := byteSize(t.DType, t.Shape)
	if !ok || want != t.Size {
		return Info{}, fmt.Errorf("%s of shape %v does not take %d bytes", t.DType, t.Shape, t.Size)
	}
	return t, nil
}

// parseDType reads the name of an element type.
func parseDType(d *json.Decoder) (DType, error) {
	token, err := d.Token()
	if err != nil {
		return "", err
	}
	s, ok := token.(string)
	if !ok || DType(s).Size() == 0 {
		return "", fmt.Errorf("dtype %v is unknown", token)
	}
	return DType(s), nil
}

// integers reads an array of at most limit integers >= 0. Fractions, exponents and anything above an int are refused.
func integers(d *json.Decoder, limit int) ([]int, error) {
	if err := expect(d, '['); err != nil {
		return nil, err
	}
	numbers := []int{}
	for d.More() {
		token, err := d.Token()
		if err != nil {
			return nil, err
		}
		number, ok := token.(json.Number)
		if !ok {
			return nil, fmt.Errorf("found %v, want an integer", token)
		}
		n, err := strconv.ParseUint(number.String(), 10, 63)
		if err != nil {
			return nil, fmt.Errorf("found %v, want an integer of 0 or more", number)
		}
		if len(numbers) == limit {
			return nil, fmt.Errorf("more than %d integers", limit)
		}
		numbers = append(numbers, int(n))
	}
	return numbers, expect(d, ']')
}

// byteSize is the product of shape and the element size; false where it overflows or an argument is impossible. A zero
// among the sizes does not excuse the others: whoever computes the strides of [0, huge, huge] would overflow.
func byteSize(dtype DType, shape []int) (int64, bool) {
	size := int64(dtype.Size())
	if size == 0 || len(shape) > maxRank {
		return 0, false
	}
	empty := false
	for _, n := range shape {
		if n < 0 {
			return 0, false
		}
		empty = empty || n == 0
		high, low := bits.Mul64(uint64(size), uint64(max(n, 1)))
		if high != 0 || low > math.MaxInt64 {
			return 0, false
		}
		size = int64(low)
	}
	if empty {
		return 0, true
	}
	return size, true
}
