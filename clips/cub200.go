package clips

import (
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// openCUB opens Caltech-UCSD Birds 200 of 2011, in root or in CUB_200_2011/: images/ and the lists images.txt, classes.txt,
// image_class_labels.txt and train_test_split.txt. The parts are train and test, as the last list has them.
func openCUB(root string, opts SourceOptions) (Source, error) {
	if err := checkRoot("cub200", root); err != nil {
		return nil, err
	}
	dir := firstFolder(root, []string{"", "CUB_200_2011"}, "images.txt")
	if dir == "" {
		return nil, fmt.Errorf("cub200: %s holds no images.txt: unpack CUB_200_2011.tgz there", root)
	}
	real, err := filepath.EvalSymlinks(dir)
	if err != nil {
		return nil, fmt.Errorf("cub200: %s cannot be opened: %s", dir, plainError(err))
	}
	var lists [4]map[int]string
	var numbers, classes []int
	for i, name := range []string{"images.txt", "image_class_labels.txt", "train_test_split.txt", "classes.txt"} {
		order, values, err := numbered(filepath.Join(dir, name))
		if err != nil {
			return nil, fmt.Errorf("cub200: %w", err)
		}
		lists[i] = values
		if i == 0 {
			numbers = order
		}
		classes = order // of the last list
	}
	slices.Sort(numbers)
	slices.Sort(classes)
	chosen, err := chooseParts("cub200", root, opts.Split, []string{"train", "test"}, []string{"train", "test"})
	if err != nil {
		return nil, err
	}
	s := &set{name: "cub200"}
	label := map[string]int{}
	for i, number := range classes {
		label[strconv.Itoa(number)] = i
		s.classes = append(s.classes, lists[3][number])
	}
	for _, n := range numbers {
		part, ok := map[string]string{"1": "train", "0": "test"}[lists[2][n]]
		if !ok {
			return nil, fmt.Errorf("cub200: train_test_split.txt of %s has %q for picture %d, want 0 or 1", dir, lists[2][n], n)
		}
		class, ok := label[lists[1][n]]
		if !ok {
			return nil, fmt.Errorf("cub200: image_class_labels.txt of %s has %q for picture %d, want a number of classes.txt",
				dir, lists[1][n], n)
		}
		if slices.Contains(chosen, part) {
			s.addListed(dir, real, "images/"+lists[0][n], class)
		}
	}
	if len(s.samples) == 0 {
		return nil, fmt.Errorf("cub200: none of the pictures of %s lies in %s%s: unpack CUB_200_2011.tgz there",
			strings.Join(chosen, "+"), filepath.Join(dir, "images"), among(s.left))
	}
	return s, nil
}
