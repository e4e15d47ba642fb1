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
	"math"
	"path/filepath"
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
	RTol, ATol float64 // |got - want| <= ATol + RTol * max |want|
	inputs     map[string]input
	expected   map[string][]float64 // out.NAME and grad.NAME
	made       map[string]*torch.Tensor
}

type input struct {
	dtype safetensors.DType
	shape []int
	data  []byte
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
		inputs: map[string]input{}, expected: map[string][]float64{}, made: map[string]*torch.Tensor{},
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

func (c *Case) readTensors(f *safetensors.File) error {
	for _, info := range f.Tensors() {
		data, err := f.Read(nil, info)
		if err != nil {
			return err
		}
		if name, ok := strings.CutPrefix(info.Name, "in."); ok {
			c.inputs[name] = input{info.DType, info.Shape, data}
			continue
		}
		values, err := numbers(info.DType, data)
		if err != nil {
			return fmt.Errorf("%s: %w", info.Name, err)
		}
		c.expected[info.Name] = values
	}
	return nil
}

func numbers(dtype safetensors.DType, data []byte) ([]float64, error) {
	var values []float64
	switch dtype {
	case safetensors.F32:
		for i := 0; i < len(data); i += 4 {
			values = append(values, float64(math.Float32frombits(binary.LittleEndian.Uint32(data[i:]))))
		}
	case safetensors.I64:
		for i := 0; i < len(data); i += 8 {
			values = append(values, float64(int64(binary.LittleEndian.Uint64(data[i:]))))
		}
	default:
		return nil, fmt.Errorf("type %s, want F32 or I64", dtype)
	}
	return values, nil
}

// In makes a tensor of input name in the innermost open scope, float32 or int64. It requires a gradient where the case
// expects one. It panics if the case has no input of that name or one of another type.
func (c *Case) In(name string) *torch.Tensor {
	in, ok := c.inputs[name]
	if !ok {
		panic(fmt.Sprintf("golden: %s has no input %q", c.Name, name))
	}
	var t *torch.Tensor
	switch in.dtype {
	case safetensors.F32:
		t = torch.FromBytes(torch.Float32, in.data, in.shape...)
	case safetensors.I64:
		t = torch.FromBytes(torch.Int64, in.data, in.shape...)
	default:
		panic(fmt.Sprintf("golden: %s: input %q is %s, want F32 or I64", c.Name, name, in.dtype))
	}
	if c.Has("grad." + name) {
		t.RequireGrad(true)
		c.made[name] = t
	}
	return t
}

// Float is the parameter of that name; it panics if the case has none or it is not a number.
func (c *Case) Float(name string) float64 {
	v, ok := c.Params[name].(float64)
	if !ok {
		panic(fmt.Sprintf("golden: %s has no number %q", c.Name, name))
	}
	return v
}

// Has tells whether the case expects something under the full name, such as "out.loss".
func (c *Case) Has(name string) bool {
	_, ok := c.expected[name]
	return ok
}

// Check compares got with what the case expects under the full name, such as "grad.z1", and returns an error with the
// worst place where they differ by more than the tolerance. NaN is never close.
func (c *Case) Check(name string, got []float64) error {
	want, ok := c.expected[name]
	if !ok {
		return fmt.Errorf("%s: expects no %s", c.Name, name)
	}
	if len(got) != len(want) {
		return fmt.Errorf("%s: %s has %d values, want %d", c.Name, name, len(got), len(want))
	}
	largest := 0.0
	for _, w := range want {
		largest = max(largest, math.Abs(w))
	}
	limit := c.ATol + c.RTol*largest
	worst, at := 0.0, -1
	for i := range want {
		if d := math.Abs(got[i] - want[i]); !(d <= limit) && !(d < worst) {
			worst, at = d, i
		}
	}
	if at >= 0 {
		return fmt.Errorf("%s: %s[%d] got %g want %g, off by %.3g, allowed %.3g", c.Name, name, at, got[at], want[at], worst, limit)
	}
	return nil
}
