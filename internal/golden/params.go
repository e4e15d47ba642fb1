package golden

import (
	"fmt"
	"math"
)

// Number is the parameter of that name; it panics if the case has none or it is not a number.
func (c *Case) Number(name string) float64 {
	v, ok := c.Params[name].(float64)
	if !ok {
		panic(fmt.Sprintf("parameter %q is %v, want a number", name, c.Params[name]))
	}
	return v
}

// Int is the whole parameter of that name; it panics if the case has none or it is not whole.
func (c *Case) Int(name string) int {
	v := c.Number(name)
	if v != math.Trunc(v) || math.Abs(v) > 1<<53 {
		panic(fmt.Sprintf("parameter %q is %g, want a whole number", name, v))
	}
	return int(v)
}

// Bool is the parameter of that name; it panics if the case has none or it is no truth value.
func (c *Case) Bool(name string) bool {
	v, ok := c.Params[name].(bool)
	if !ok {
		panic(fmt.Sprintf("parameter %q is %v, want true or false", name, c.Params[name]))
	}
	return v
}

// Text is the parameter of that name; it panics if the case has none or it is no text.
func (c *Case) Text(name string) string {
	v, ok := c.Params[name].(string)
	if !ok {
		panic(fmt.Sprintf("parameter %q is %v, want a text", name, c.Params[name]))
	}
	return v
}

// Numbers is the parameter of that name; it panics if the case has none or it is no list of numbers.
func (c *Case) Numbers(name string) []float64 {
	list, ok := c.Params[name].([]any)
	values := make([]float64, len(list))
	for i, e := range list {
		var number bool
		values[i], number = e.(float64)
		ok = ok && number
	}
	if !ok {
		panic(fmt.Sprintf("parameter %q is %v, want a list of numbers", name, c.Params[name]))
	}
	return values
}

// Texts is the parameter of that name; it panics if the case has none or it is no list of texts.
func (c *Case) Texts(name string) []string {
	list, ok := c.Params[name].([]any)
	values := make([]string, len(list))
	for i, e := range list {
		var text bool
		values[i], text = e.(string)
		ok = ok && text
	}
	if !ok {
		panic(fmt.Sprintf("parameter %q is %v, want a list of texts", name, c.Params[name]))
	}
	return values
}

// IntList is Numbers for whole ones.
func (c *Case) IntList(name string) []int {
	var values []int
	for _, v := range c.Numbers(name) {
		if v != math.Trunc(v) || math.Abs(v) > 1<<53 {
			panic(fmt.Sprintf("parameter %q holds %g, want whole numbers", name, v))
		}
		values = append(values, int(v))
	}
	return values
}
