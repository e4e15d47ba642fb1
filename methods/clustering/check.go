package clustering

import "fmt"

// atLeast returns an error unless a number is no less than least.
func atLeast(name string, value, least int) error {
	if value < least {
		return fmt.Errorf("%s is %d, want %d or more", name, value, least)
	}
	return nil
}

// positive returns an error unless a number is above 0.
func positive(name string, value float64) error {
	if !(value > 0) {
		return fmt.Errorf("%s is %g, want more than 0", name, value)
	}
	return nil
}
