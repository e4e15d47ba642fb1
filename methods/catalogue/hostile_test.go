package catalogue_test

import (
	"math"
	"strings"
	"testing"

	"vssl/internal/golden"
	"vssl/torch"
)

// TestHostileCases spoils the numbers of every case: the answer is a failure or a number, but never a crash, a leak or work without
// end.
func TestHostileCases(t *testing.T) {
	before := torch.Live()
	for _, path := range cases(t) {
		for name, spoil := range map[string]func(c *golden.Case, input string){
			"far":      func(c *golden.Case, in string) { spoilInts(c, in, 1<<40) },
			"negative": func(c *golden.Case, in string) { spoilInts(c, in, -7) },
			"nan":      func(c *golden.Case, in string) { spoilFloats(c, in, math.NaN()) },
			"infinite": func(c *golden.Case, in string) { spoilFloats(c, in, math.Inf(1)) },
			"zero":     func(c *golden.Case, in string) { spoilFloats(c, in, 0) },
			"short":    func(c *golden.Case, in string) { c.PutInts(in, []int64{0}, 1) },
		} {
			c, e := load(t, path)
			if e.Evaluate == nil || family(e.Name) == "networks" {
				continue // networks take too long to be asked six times, and read nothing but a tensor
			}
			for _, in := range c.Names() {
				spoil(c, in)
			}
			if share, err := c.Check(e.Evaluate); err == nil && share > 1 {
				t.Errorf("%s, %s: passes with %g of what is allowed", short(path), name, share)
			}
		}
	}
	if d := torch.Live() - before; d != 0 {
		t.Errorf("%d tensors outlive the spoilt cases", d)
	}
}

func spoilInts(c *golden.Case, in string, v int64) {
	if !c.IsWhole(in) {
		return
	}
	values := make([]int64, len(c.Ints(in)))
	for i := range values {
		values[i] = v
	}
	c.PutInts(in, values, c.Shape(in)...)
}

func spoilFloats(c *golden.Case, in string, v float64) {
	if c.IsWhole(in) {
		return
	}
	values := c.Floats(in)
	for i := range values {
		values[i] = v
	}
}

// family is the part of an entry's name before the dot.
func family(name string) string {
	f, _, _ := strings.Cut(name, ".")
	return f
}
