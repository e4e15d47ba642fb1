package catalogue

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"vssl/internal/golden"
	"vssl/torch"
)

// Input is a tensor that an entry takes.
type Input struct {
	Name  string `json:"name"`
	Shape string `json:"shape"` // with letters, such as "[B, D]"
	About string `json:"about"` // type where it is not float, and meaning: "int, bank row of each sample"
}

// Param is a hyperparameter of an entry.
type Param struct {
	Name    string `json:"name"`
	Default any    `json:"default"` // the authors'; nil where the case must say it
	About   string `json:"about"`   // unit, range, meaning
}

// Entry is one objective, network or signal.
type Entry struct {
	Name    string  `json:"name"`  // family.name
	About   string  `json:"about"` // one line
	Paper   string  `json:"paper"` // arXiv id or venue
	Inputs  []Input `json:"inputs"`
	Params  []Param `json:"params"`
	Outputs string  `json:"outputs"` // names, separated by spaces

	// Constant says what the gradient holds constant though the loss depends on it, such as "the codes"; with it, central
	// differences of the loss are not its gradient. Empty where they are.
	Constant string `json:"constant,omitempty"`
	// Single asks for float32, where float64 takes too much memory. Everything else is answered in float64.
	Single bool `json:"-"`
	// Double says why float32 cannot answer it; empty where it can.
	Double string `json:"-"`

	Evaluate golden.Evaluate `json:"-"` // in an open scope; panics where inputs or parameters are impossible
}

var entries = map[string]Entry{}

// register adds entries; it is called from init functions and panics where a name is taken.
func register(list ...Entry) {
	for _, e := range list {
		if _, taken := entries[e.Name]; taken || e.Name == "" || e.Evaluate == nil {
			panic(fmt.Sprintf("catalogue: %q is registered twice, empty or answers nothing", e.Name))
		}
		entries[e.Name] = e
	}
}

// All lists the entries by name.
func All() []Entry {
	var all []Entry
	for _, e := range entries {
		all = append(all, e)
	}
	slices.SortFunc(all, func(a, b Entry) int { return cmp.Compare(a.Name, b.Name) })
	return all
}

// Lookup finds an entry by its name.
func Lookup(name string) (Entry, bool) {
	e, ok := entries[name]
	return e, ok
}

// ErrNotImplemented is returned for a case whose objective has no entry.
var ErrNotImplemented = errors.New("not implemented")

// Result is the answer to one golden case.
type Result struct {
	Case      string  // the file's name without its ending
	Objective string  // empty where the file could not be read
	Error     float64 // largest error as a share of what the case allows; 1 is the limit
	Fail      error   // nil where the case is answered
}

// CheckFile evaluates the golden case at path. A file that cannot be read is a failed case.
func CheckFile(path string) Result {
	c, err := golden.Load(path)
	if err != nil {
		return Result{Case: strings.TrimSuffix(path[strings.LastIndexByte(path, '/')+1:], ".safetensors"), Error: math.Inf(1), Fail: err}
	}
	r := Result{Case: c.Name, Objective: c.Objective}
	e, ok := Lookup(c.Objective)
	if !ok {
		r.Error, r.Fail = math.Inf(1), ErrNotImplemented
		return r
	}
	e.Prepare(c)
	r.Error, r.Fail = c.Check(e.Evaluate)
	return r
}

// Prepare gives the case the defaults of the parameters that it leaves out, and the type that the entry is answered in.
func (e Entry) Prepare(c *golden.Case) {
	if c.Params == nil {
		c.Params = map[string]any{}
	}
	for _, p := range e.Params {
		if _, given := c.Params[p.Name]; !given && p.Default != nil {
			c.Params[p.Name] = asJSON(p.Default)
		}
	}
	c.Float = torch.Float64
	if e.Single {
		c.Float = torch.Float32
	}
}

// asJSON gives a default the type that a parameter read from a case has.
func asJSON(v any) any {
	switch v := v.(type) {
	case int:
		return float64(v)
	case []int:
		var list []any
		for _, n := range v {
			list = append(list, float64(n))
		}
		return list
	case []float64:
		var list []any
		for _, n := range v {
			list = append(list, n)
		}
		return list
	default:
		return v
	}
}
