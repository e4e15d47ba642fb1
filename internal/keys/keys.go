// Package keys checks configuration keys against the known ones and, for a wrong one, names the nearest.
package keys

import (
	"fmt"
	"slices"
	"strings"
)

// UnknownError says that a configuration holds a key that nothing reads.
type UnknownError struct {
	Key  string // dotted path, as the user wrote it
	Near string // the known key that looks most like it, "" if none does
}

// Error is one sentence that names the key and, where one is close, the key that was probably meant.
func (e *UnknownError) Error() string {
	if e.Near == "" {
		return fmt.Sprintf("unknown key %q", e.Key)
	}
	return fmt.Sprintf("unknown key %q; did you mean %q?", e.Key, e.Near)
}

// Check returns an *UnknownError for the first key of got, in alphabetical order, that known does not hold.
// Both are trees of map[string]any; prefix is put before the keys in the message ("method.").
// A known value that is an empty map accepts anything below it.
func Check(got, known map[string]any, prefix string) error {
	for _, key := range sorted(got) {
		below, ok := known[key]
		if !ok {
			return &UnknownError{Key: prefix + key, Near: near(key, known, prefix)}
		}
		sub, isMap := got[key].(map[string]any)
		knownSub, knownMap := below.(map[string]any)
		if !isMap || !knownMap || len(knownSub) == 0 {
			continue
		}
		if err := Check(sub, knownSub, prefix+key+"."); err != nil {
			return err
		}
	}
	return nil
}

func near(key string, known map[string]any, prefix string) string {
	best := Nearest(key, sorted(known))
	if best == "" {
		return ""
	}
	return prefix + best
}

// Nearest returns the candidate with the smallest edit distance to word, or "" where all are too far
// (more than half of the longer word) to be what was meant.
func Nearest(word string, candidates []string) string {
	best, least := "", len(word)+1
	for _, c := range candidates {
		d := distance(word, c)
		if strings.HasPrefix(c, word) && word != "" {
			d = min(d, 1)
		}
		if d < least && 2*d <= max(len(word), len(c)) {
			best, least = c, d
		}
	}
	return best
}

// distance counts insertions, deletions, substitutions and exchanges of neighbouring bytes (Damerau's, without overlaps).
func distance(a, b string) int {
	before, above, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		before, above, row = above, row, before
		row[0] = i + 1
		for j := range len(b) {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			row[j+1] = min(above[j]+cost, above[j+1]+1, row[j]+1)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				row[j+1] = min(row[j+1], before[j-1]+1)
			}
		}
	}
	return row[len(b)]
}

func sorted(m map[string]any) []string {
	out := make([]string, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}
