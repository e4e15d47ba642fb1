package clips

import (
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"vssl/internal/matfile"
)

// svhnLimit bounds what a file unpacks to: extra_32x32.mat, the largest, has 1.6 GB. It is packed as a whole, so that it must be
// held in memory.
const svhnLimit = 2 << 30

// openSVHN opens the cropped digits of Street View House Numbers: train_32x32.mat, test_32x32.mat and extra_32x32.mat, whose
// names begin with their parts. Digits are labelled by their values: the files' label 10 is the digit 0. The training part takes
// 225 MB of memory, the extra one 1.6 GB.
func openSVHN(root string, opts SourceOptions) (Source, error) {
	if err := checkRoot("svhn", root); err != nil {
		return nil, err
	}
	known := []string{"train", "test", "extra"}
	file := func(part string) string { return filepath.Join(root, part+"_32x32.mat") }
	var there []string
	for _, part := range known {
		if exists(file(part)) {
			there = append(there, part)
		}
	}
	if len(there) == 0 {
		return nil, fmt.Errorf("svhn: %s holds neither train_32x32.mat nor test_32x32.mat: download the cropped digits (format 2) "+
			"and put them there", root)
	}
	chosen, err := chooseParts("svhn", root, opts.Split, known, there)
	if err != nil {
		return nil, err
	}
	s := &set{name: "svhn", classes: strings.Fields("0 1 2 3 4 5 6 7 8 9")}
	for _, part := range known {
		if slices.Contains(chosen, part) {
			if err := s.addSVHN(file(part)); err != nil {
				return nil, fmt.Errorf("svhn: %w", err)
			}
		}
	}
	return s, nil
}

// addSVHN adds the pictures of one file: X [H, W, 3, N] by columns, and y [N, 1].
func (s *set) addSVHN(path string) error {
	all, err := matfile.Read(path, svhnLimit)
	if err != nil {
		return err
	}
	x, y := all["X"], all["y"]
	if x == nil || y == nil {
		return fmt.Errorf("%s has no variables X and y", path)
	}
	dims := x.Dims
	if len(dims) == 3 {
		dims = append(slices.Clone(dims), 1) // MATLAB drops a last axis of 1
	}
	pixels, ok := x.Uint8()
	if !ok || len(dims) != 4 || dims[2] != 3 || dims[0] < 1 || dims[1] < 1 || dims[3] < 1 || max(dims[0], dims[1]) > 1<<14 {
		return fmt.Errorf("%s: X is %v, want bytes of [height, width, 3, pictures]", path, x.Dims)
	}
	labels := y.Numbers()
	if len(labels) != dims[3] {
		return fmt.Errorf("%s has %d labels, want one for each of %d pictures", path, len(labels), dims[3])
	}
	h, w := dims[0], dims[1]
	file := &records{path: path, memory: pixels, stride: 3 * h * w, layout: Columns, width: w, height: h}
	for i, v := range labels {
		label := int(v)
		if float64(label) != v || label < 0 || label > 10 {
			return fmt.Errorf("%s: picture %d has the label %g, want 1 to 10", path, i, v)
		}
		key := filepath.Base(path) + "#" + strconv.Itoa(i)
		s.samples = append(s.samples, Sample{Path: path, Key: key, Label: label % 10, Still: file.still(i)})
	}
	return nil
}
