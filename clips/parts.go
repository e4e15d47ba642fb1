package clips

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// ErrNoTest is what the error of OpenSource wraps when the part held out for tests was asked for where it is the only part that
// is there: the same pictures are what the data set opens without a split, so they test nothing.
var ErrNoTest = errors.New("nothing is held out for tests")

// chooseParts says which parts of a data set its split takes. known are all parts of the kind, the training part first and the
// part for tests second; there are those that were found below root, of which there is at least one.
//
// The split "" is the training part, or where that is missing the only part that is there; "all" is every part that is there;
// else it is the name of a part, or several with plus signs between.
func chooseParts(kind, root, split string, known, there []string) ([]string, error) {
	if len(there) == 1 && split == known[1] && there[0] == split {
		return nil, fmt.Errorf("%s: %s holds the part %q alone, so %w: leave the split out to take it", kind, root, split, ErrNoTest)
	}
	switch {
	case split == "" && len(there) == 1:
		return there, nil
	case split == "":
		split = known[0]
	case split == "all":
		return there, nil
	}
	chosen := strings.Split(split, "+")
	for i, part := range chosen {
		if !slices.Contains(known, part) || slices.Contains(chosen[:i], part) {
			return nil, fmt.Errorf("%s has no split %q: want %s or all", kind, split, strings.Join(known, ", "))
		}
		if !slices.Contains(there, part) {
			return nil, fmt.Errorf("%s: %s holds no part %q, but %s: add its files, or set the split",
				kind, root, part, strings.Join(there, " and "))
		}
	}
	return chosen, nil
}

// checkRoot returns an error that says what to do unless root is a folder.
func checkRoot(kind, root string) error {
	switch {
	case root == "":
		return fmt.Errorf("%s: no folder is given: name the folder of the data set with --data", kind)
	case !isFolder(root):
		if _, err := os.Stat(root); err != nil {
			return fmt.Errorf("%s: %s cannot be opened: %s; name the folder of the data set with --data", kind, root, plainError(err))
		}
		return fmt.Errorf("%s: %s is a file, want the folder of the data set: name that with --data", kind, root)
	}
	return nil
}

// firstFolder is the first of some folders below root in which one of the files lies, or "".
func firstFolder(root string, folders []string, files ...string) string {
	for _, sub := range folders {
		dir := filepath.Join(root, filepath.FromSlash(sub))
		for _, f := range files {
			if _, err := os.Stat(filepath.Join(dir, filepath.FromSlash(f))); err == nil {
				return dir
			}
		}
	}
	return ""
}
