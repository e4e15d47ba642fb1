package methods

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// The functions below check a value of a configuration. Each returns nil for a value in its range, and else an error that begins
// with the key, such as "temperature is 0, want more than 0". NaN is in no range. Validate joins the answers with errors.Join.

// AtLeast wants a number of things, least or more.
func AtLeast(name string, value, least int) error {
	return want(value >= least, "%s is %d, want %d or more", name, value, least)
}

// Positive wants a value above 0, such as a temperature.
func Positive(name string, value float64) error {
	return want(value > 0, "%s is %g, want more than 0", name, value)
}

// Weight wants the weight of a term that 0 leaves out.
func Weight(name string, value float64) error {
	return want(value >= 0, "%s is %g, want 0 (none) or more", name, value)
}

// Between wants a value from low to high, both allowed.
func Between(name string, value, low, high float64) error {
	return want(value >= low && value <= high, "%s is %g, want %g to %g", name, value, low, high)
}

// BelowOne wants 0 to 1 without 1 itself, such as the probability of a dropout.
func BelowOne(name string, value float64) error {
	return want(value >= 0 && value < 1, "%s is %g, want 0 to less than 1", name, value)
}

// Share wants 0 to 1, such as what a target keeps of itself.
func Share(name string, value float64) error {
	return want(value >= 0 && value <= 1, "%s is %g, want a share, 0 to 1", name, value)
}

// Probabilities wants 0 to 1 from each of a list, such as one a view, and names those that are not: "blur[1] is 7, want a
// probability".
func Probabilities(name string, values ...float64) error {
	var errs []error
	for i, p := range values {
		errs = append(errs, want(p >= 0 && p <= 1, "%s[%d] is %g, want a probability", name, i, p))
	}
	return errors.Join(errs...)
}

// OneOf wants one of two or more choices.
func OneOf[S ~string](name string, value S, choices ...S) error {
	var names []string
	for _, c := range choices {
		names = append(names, string(c))
	}
	last := len(names) - 1
	return want(slices.Contains(choices, value), "%s is %q, want %s or %s", name, string(value),
		strings.Join(names[:last], ", "), names[last])
}

func want(ok bool, format string, args ...any) error {
	if ok {
		return nil
	}
	return fmt.Errorf(format, args...)
}
