package pipelines

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"vssl/clips"
	"vssl/internal/keys"
)

// UsageError marks what the user can mend on the command line or in the configuration; the program then exits with 2.
type UsageError struct{ Err error }

// Error is the sentence of the wrapped error.
func (e *UsageError) Error() string { return e.Err.Error() }

// Unwrap gives the wrapped error.
func (e *UsageError) Unwrap() error { return e.Err }

// ErrInterrupted says that a signal stopped the run after its state was saved.
var ErrInterrupted = errors.New("interrupted; the state is saved, --resume goes on from it")

// oneOf refuses a word outside the list and names the nearest one.
func oneOf(key, got string, known ...string) error {
	if slices.Contains(known, got) {
		return nil
	}
	if near := keys.Nearest(got, known); near != "" {
		return &UsageError{fmt.Errorf("%s %q is unknown; did you mean %q?", key, got, near)}
	}
	return &UsageError{fmt.Errorf("%s %q is unknown; it is one of %s", key, got, strings.Join(known, ", "))}
}

// firstReason tells why the first of the files that were left out was, for a sentence where there is no list to point to.
func firstReason(skips []clips.Skip) string {
	if len(skips) == 0 {
		return ""
	}
	return fmt.Sprintf("; the first of %d: %s: %s", len(skips), skips[0].Path, skips[0].Reason)
}
