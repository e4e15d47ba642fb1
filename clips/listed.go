package clips

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// addListed adds the picture that a data set's own list names by its path below base, or leaves it out with the reason. real is
// base without links.
func (s *set) addListed(base, real, name string, label int) {
	path := filepath.Join(base, filepath.FromSlash(name))
	if reason := unlisted(real, path, name); reason != "" {
		s.left = append(s.left, Skip{Path: name, Reason: reason})
		return
	}
	s.samples = append(s.samples, Sample{Path: path, Key: name, Label: label, Still: FileStill(path)})
}

// unlisted says why a path of a list cannot be used, or "".
func unlisted(real, path, name string) string {
	if !filepath.IsLocal(filepath.FromSlash(name)) {
		return "path leaves the folder"
	}
	if _, err := os.Lstat(path); err != nil {
		return plainError(err)
	}
	info, reason := resolveInside(real, path)
	if reason != "" {
		return reason
	}
	if !info.Mode().IsRegular() {
		return "not a regular file"
	}
	return ""
}

// numbered reads a list whose lines are a number from 1 and a value behind a blank, each number once. numbers has them in the
// order of the list.
func numbered(path string) (numbers []int, values map[int]string, err error) {
	data, err := readList(path)
	if err != nil {
		return nil, nil, err
	}
	values = map[int]string{}
	n := 0
	for line := range strings.Lines(string(data)) {
		n++
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		word, value, _ := strings.Cut(line, " ")
		number, err := strconv.Atoi(word)
		if err != nil || number < 1 || value == "" {
			return nil, nil, fmt.Errorf("list %s: line %d is %.60q, want a number and a value", path, n, line)
		}
		if _, again := values[number]; again {
			return nil, nil, fmt.Errorf("list %s: line %d: number %d is there twice", path, n, number)
		}
		numbers = append(numbers, number)
		values[number] = strings.TrimSpace(value)
	}
	return numbers, values, nil
}
