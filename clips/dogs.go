package clips

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"vssl/internal/matfile"
)

// dogsBreeds is the number of classes of Stanford Dogs.
const dogsBreeds = 120

// openDogs opens Stanford Dogs: Images/ (unpacked images.tar), and train_list.mat and test_list.mat (lists.tar) in root or in
// lists/. The parts are train and test.
func openDogs(root string, opts SourceOptions) (Source, error) {
	if err := checkRoot("dogs", root); err != nil {
		return nil, err
	}
	known := []string{"train", "test"}
	lists := firstFolder(root, []string{"", "lists"}, "train_list.mat", "test_list.mat")
	if lists == "" || !isFolder(filepath.Join(root, "Images")) {
		return nil, fmt.Errorf("dogs: %s holds no Images/ with train_list.mat and test_list.mat: unpack images.tar and "+
			"lists.tar there", root)
	}
	real, err := filepath.EvalSymlinks(root)
	if err != nil {
		return nil, fmt.Errorf("dogs: %s cannot be opened: %s", root, plainError(err))
	}
	var there []string
	for _, part := range known {
		if exists(filepath.Join(lists, part+"_list.mat")) {
			there = append(there, part)
		}
	}
	if len(there) == 0 {
		return nil, fmt.Errorf("dogs: the lists in %s are no regular files", lists)
	}
	chosen, err := chooseParts("dogs", root, opts.Split, known, there)
	if err != nil {
		return nil, err
	}
	s := &set{name: "dogs", classes: make([]string, dogsBreeds)}
	for i := range s.classes {
		s.classes[i] = fmt.Sprintf("breed %d", i+1) // until a picture tells its name
	}
	for _, part := range known {
		if slices.Contains(chosen, part) {
			if err := s.addDogs(root, real, filepath.Join(lists, part+"_list.mat")); err != nil {
				return nil, fmt.Errorf("dogs: %w", err)
			}
		}
	}
	if len(s.samples) == 0 {
		return nil, fmt.Errorf("dogs: none of the pictures that are listed lies in %s%s: unpack images.tar there",
			filepath.Join(root, "Images"), among(s.left))
	}
	return s, nil
}

// addDogs adds the pictures of a list: file_list, cells of paths below Images/, and labels, 1 to 120.
func (s *set) addDogs(root, real, list string) error {
	const limit = 64 << 20
	all, err := matfile.Read(list, limit)
	if err != nil {
		return err
	}
	if all["file_list"] == nil || all["labels"] == nil {
		return fmt.Errorf("%s has no variables file_list and labels", list)
	}
	files, labels := all["file_list"].Cells, all["labels"].Numbers()
	if len(files) == 0 || len(files) != len(labels) {
		return fmt.Errorf("%s has %d files and %d labels, want as many", list, len(files), len(labels))
	}
	for i, f := range files {
		name, v := f.Text(), labels[i]
		label := int(v) - 1
		if v != float64(label+1) || label < 0 || label >= dogsBreeds {
			return fmt.Errorf("%s: file %d has the label %g, want 1 to %d", list, i+1, v, dogsBreeds)
		}
		folder, _, nested := strings.Cut(name, "/")
		_, breed, named := strings.Cut(folder, "-")
		if !nested || !named {
			return fmt.Errorf("%s: file %d is %.60q, want WNID-BREED/FILE", list, i+1, name)
		}
		s.classes[label] = breed
		s.addListed(root, real, "Images/"+name, label)
	}
	return nil
}
