package clips

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// The pictures of STL-10.
const (
	stlSide   = 96
	stlPixels = 3 * stlSide * stlSide // bytes, by columns
)

// stlClasses are the classes of STL-10 in the order of their labels, which begin with 1 in the files.
var stlClasses = strings.Fields("airplane bird car cat deer dog horse monkey ship truck")

// openSTL10 opens the binary version of STL-10: train_X.bin and train_y.bin, test_X.bin and test_y.bin, unlabeled_X.bin, in root
// or in stl10_binary/. The parts are train, test and unlabeled; the authors train on train+unlabeled. Pictures are read from the
// files when they are wanted: the part without labels alone has 2.8 GB.
func openSTL10(root string, opts SourceOptions) (Source, error) {
	if err := checkRoot("stl10", root); err != nil {
		return nil, err
	}
	known := []string{"train", "test", "unlabeled"}
	dir := firstFolder(root, []string{"", "stl10_binary"}, "train_X.bin", "test_X.bin", "unlabeled_X.bin")
	if dir == "" {
		return nil, fmt.Errorf("stl10: %s holds neither train_X.bin nor unlabeled_X.bin: download the binary version and "+
			"unpack it there", root)
	}
	var there []string
	for _, part := range known {
		if exists(filepath.Join(dir, part+"_X.bin")) {
			there = append(there, part)
		}
	}
	if len(there) == 0 {
		return nil, fmt.Errorf("stl10: %s is no regular file", filepath.Join(dir, "*_X.bin"))
	}
	chosen, err := chooseParts("stl10", root, opts.Split, known, there)
	if err != nil {
		return nil, err
	}
	s := &set{name: "stl10", classes: stlClasses}
	for _, part := range known {
		if slices.Contains(chosen, part) {
			if err := s.addSTL(dir, part); err != nil {
				return nil, fmt.Errorf("stl10: %w", err)
			}
		}
	}
	return s, nil
}

// addSTL adds the pictures of one part.
func (s *set) addSTL(dir, part string) error {
	path := filepath.Join(dir, part+"_X.bin")
	info, err := os.Stat(path)
	if err != nil {
		return fmt.Errorf("%s cannot be opened: %s", path, plainError(err))
	}
	n := int(info.Size() / stlPixels)
	if n == 0 || info.Size()%stlPixels != 0 {
		official := map[string]int64{"train": 5000, "test": 8000, "unlabeled": 100000}[part]
		return fmt.Errorf("%s is %d bytes long, want %d (%d pictures of %d): fetch it again",
			path, info.Size(), official*stlPixels, official, stlPixels)
	}
	labels, err := s.stlLabels(dir, part, n)
	if err != nil {
		return err
	}
	file := &records{path: path, stride: stlPixels, layout: Columns, width: stlSide, height: stlSide}
	for i := range n {
		sample := Sample{Path: path, Key: part + "_X.bin#" + strconv.Itoa(i), Label: -1, Still: file.still(i)}
		if labels != nil {
			sample.Label = int(labels[i]) - 1
		}
		s.samples = append(s.samples, sample)
	}
	return nil
}

// stlLabels reads the labels of n pictures, 1 to 10; nil where the part has none.
func (s *set) stlLabels(dir, part string, n int) ([]byte, error) {
	if part == "unlabeled" {
		return nil, nil
	}
	name := part + "_y.bin"
	path := filepath.Join(dir, name)
	if !exists(path) {
		s.left = append(s.left, Skip{Path: name, Reason: "this file is missing, so the pictures of its part have no labels"})
		return nil, nil
	}
	labels, err := readWhole(path)
	if err != nil {
		return nil, err
	}
	if len(labels) != n {
		return nil, fmt.Errorf("%s is %d bytes long, want a label for each of %d pictures", path, len(labels), n)
	}
	for i, l := range labels {
		if l < 1 || int(l) > len(stlClasses) {
			return nil, fmt.Errorf("%s: picture %d has the label %d, want 1 to %d", path, i, l, len(stlClasses))
		}
	}
	return labels, nil
}
