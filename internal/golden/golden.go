// Package golden reads golden cases: files that hold the inputs of an objective or a network, what an implementation
// outside this project answered for them, and how close is close enough.
//
// A case is a safetensors file. Tensors `in.NAME` are inputs, `out.NAME` expected outputs, `grad.NAME` the gradient of
// `out.loss` with respect to `in.NAME`; the header's metadata names the objective, its parameters and the tolerance.
package golden

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"vssl/internal/safetensors"
	"vssl/torch"
)

// Case is one file, in memory.
type Case struct {
	Name       string // of the file, without its ending
	Objective  string // family.name
	Params     map[string]any
	RTol, ATol float64     // |got - want| <= ATol + RTol * max |want|
	Float      torch.DType // of the tensors that In makes of floats; Load sets Float64
	inputs     map[string]*input
	expected   map[string][]float64     // out.NAME and grad.NAME
	made       map[string]*torch.Tensor // inputs that require a gradient, as In made them last
	watch      map[string]bool          // inputs that require a gradient though the case expects none
}

// input is a tensor of the case: floats or, where whole is set, whole numbers.
type input struct {
	shape  []int
	whole  bool
	floats []float64
	ints   []int64
}

// Load reads the case at path.
func Load(path string) (*Case, error) {
	f, err := safetensors.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	c := &Case{
		Name:   strings.TrimSuffix(filepath.Base(path), ".safetensors"),
		Float:  torch.Float64,
		inputs: map[string]*input{}, expected: map[string][]float64{}, made: map[string]*torch.Tensor{}, watch: map[string]bool{},
	}
	if err := errors.Join(c.readMetadata(f.Metadata()), c.readTensors(f)); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return c, nil
}

func (c *Case) readMetadata(m map[string]string) (err error) {
	c.Objective = m["objective"]
	if c.RTol, err = strconv.ParseFloat(m["rtol"], 64); err != nil {
		return fmt.Errorf("rtol: %w", err)
	}
	if c.ATol, err = strconv.ParseFloat(m["atol"], 64); err != nil {
		return fmt.Errorf("atol: %w", err)
	}
	if err := json.Unmarshal([]byte(m["params"]), &c.Params); err != nil {
		return fmt.Errorf("params: %w", err)
	}
	return nil
}

// readTensors reads inputs and expected values; it refuses types that no case may have.
func (c *Case) readTensors(f *safetensors.File) error {
	for _, info := range f.Tensors() {
		data, err := f.Read(nil, info)
		if err != nil {
			return err
		}
		in := &input{shape: info.Shape}
		switch info.DType {
		case safetensors.F32:
			for ; len(data) >= 4; data = data[4:] {
				in.floats = append(in.floats, float64(math.Float32frombits(binary.LittleEndian.Uint32(data))))
			}
		case safetensors.I64:
			in.whole = true
			for ; len(data) >= 8; data = data[8:] {
				in.ints = append(in.ints, int64(binary.LittleEndian.Uint64(data)))
			}
		default:
			return fmt.Errorf("%s: type %s, want F32 or I64", info.Name, info.DType)
		}
		if name, ok := strings.CutPrefix(info.Name, "in."); ok {
			c.inputs[name] = in
			continue
		}
		for _, v := range in.ints {
			in.floats = append(in.floats, float64(v))
		}
		c.expected[info.Name] = in.floats
	}
	return nil
}

// New makes a case without expectations, to be filled with Put: for the same evaluation on numbers of one's own.
func New(objective string, params map[string]any) *Case {
	return &Case{
		Name: objective, Objective: objective, Params: params, Float: torch.Float64,
		inputs: map[string]*input{}, expected: map[string][]float64{}, made: map[string]*torch.Tensor{}, watch: map[string]bool{},
	}
}

// Put adds an input of floats; with watch, In makes it a tensor that requires a gradient.
func (c *Case) Put(name string, watch bool, values []float64, shape ...int) {
	c.inputs[name] = &input{shape: shape, floats: values}
	c.watch[name] = watch
}

// PutInts adds an input of whole numbers.
func (c *Case) PutInts(name string, values []int64, shape ...int) {
	c.inputs[name] = &input{shape: shape, whole: true, ints: values}
}

// In makes a tensor of input name in the innermost open scope: int64, or a float of type c.Float. It requires a gradient where
// the case expects one; asked twice, it is the same tensor. It panics if the case has no input of that name.
func (c *Case) In(name string) *torch.Tensor {
	in, ok := c.inputs[name]
	if !ok {
		panic(fmt.Sprintf("input %q is missing", name))
	}
	if t := c.made[name]; t != nil && !t.Closed() {
		return t
	}
	if in.whole {
		return torch.FromInt64(in.ints, in.shape...)
	}
	t := torch.FromFloat64(in.floats, in.shape...).To(c.Float)
	if c.Has("grad."+name) || c.watch[name] {
		t.RequireGrad(true)
		c.made[name] = t
	}
	return t
}

// HasIn tells whether the case brings an input of that name.
func (c *Case) HasIn(name string) bool {
	_, ok := c.inputs[name]
	return ok
}

// Ints are the numbers of an int64 input, row-major; it panics if there is none of that name and type.
func (c *Case) Ints(name string) []int {
	in, ok := c.inputs[name]
	if !ok || !in.whole {
		panic(fmt.Sprintf("input %q of whole numbers is missing", name))
	}
	values := make([]int, len(in.ints))
	for i, v := range in.ints {
		values[i] = int(v)
	}
	return values
}

// Floats are the numbers of a float input, row-major, not copied: what is written there is what In makes next. It panics if
// there is none of that name and type.
func (c *Case) Floats(name string) []float64 {
	in, ok := c.inputs[name]
	if !ok || in.whole {
		panic(fmt.Sprintf("input %q of floats is missing", name))
	}
	return in.floats
}

// Shape is the shape of an input; it panics if there is none of that name.
func (c *Case) Shape(name string) []int {
	in, ok := c.inputs[name]
	if !ok {
		panic(fmt.Sprintf("input %q is missing", name))
	}
	return in.shape
}

// Has tells whether the case expects something under the full name, such as "out.loss".
func (c *Case) Has(name string) bool {
	_, ok := c.expected[name]
	return ok
}

// Names are the inputs of the case, in order.
func (c *Case) Names() []string { return slices.Sorted(maps.Keys(c.inputs)) }

// IsWhole tells whether an input is of whole numbers; it panics if there is none of that name.
func (c *Case) IsWhole(name string) bool {
	in, ok := c.inputs[name]
	if !ok {
		panic(fmt.Sprintf("input %q is missing", name))
	}
	return in.whole
}
