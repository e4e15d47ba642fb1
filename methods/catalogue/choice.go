package catalogue

import (
	"fmt"
	"slices"

	"vssl/internal/golden"
)

// choice is a text parameter that is one of the given; it panics for any other.
func choice(c *golden.Case, name string, of ...string) string {
	v := c.Text(name)
	if !slices.Contains(of, v) {
		panic(fmt.Sprintf("parameter %q is %q, want one of %q", name, v, of))
	}
	return v
}
