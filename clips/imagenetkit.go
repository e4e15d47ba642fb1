package clips

import (
	"bytes"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"strconv"
	"strings"

	"vssl/internal/matfile"
)

// imageNetKit is what is told about ImageNet beside its pictures; all of it is empty where nothing was found.
type imageNetKit struct {
	words   map[string]string // names of the classes by WordNet number
	classes []string          // WordNet numbers of the classes of the challenge
	truth   map[int]string    // WordNet number of the pictures of the validation part, by their numbers from 1
}

// The files of the development kit, which lie in its folder data.
const (
	kitMeta  = "meta.mat"
	kitTruth = "ILSVRC2012_validation_ground_truth.txt"
	kitName  = "ILSVRC2012_devkit_t12"
)

// readImageNetKit looks for the development kit, unpacked or not, and for the lists that Kaggle's edition has in its place.
func readImageNetKit(root, base string) (imageNetKit, error) {
	for _, dir := range []string{root, base} {
		for _, sub := range []string{kitName + "/data", "devkit/data", "data", ""} {
			folder := filepath.Join(dir, filepath.FromSlash(sub))
			if !exists(filepath.Join(folder, kitMeta)) {
				continue
			}
			meta, err := readWhole(filepath.Join(folder, kitMeta))
			if err != nil {
				return imageNetKit{}, err
			}
			var truth []byte
			if name := filepath.Join(folder, kitTruth); exists(name) {
				if truth, err = readWhole(name); err != nil {
					return imageNetKit{}, err
				}
			}
			return newImageNetKit(folder, meta, truth)
		}
		if archive := filepath.Join(dir, kitName+".tar.gz"); exists(archive) {
			return unpackImageNetKit(archive)
		}
		if exists(filepath.Join(dir, kaggleNames)) {
			return readKaggleKit(dir)
		}
	}
	return imageNetKit{}, nil
}

func unpackImageNetKit(archive string) (imageNetKit, error) {
	members, err := readArchive(archive, func(name string) bool { return path.Base(name) == kitMeta || path.Base(name) == kitTruth })
	if err != nil {
		return imageNetKit{}, err
	}
	var meta, truth []byte
	for _, m := range members {
		if path.Base(m.name) == kitMeta {
			meta = m.data
		} else {
			truth = m.data
		}
	}
	return newImageNetKit(archive, meta, truth)
}

// newImageNetKit reads meta.mat, a list of structs that numbers the classes, and the ground truth, a line of such a number a
// picture.
func newImageNetKit(from string, meta, truth []byte) (imageNetKit, error) {
	const limit = 64 << 20
	all, err := matfile.Decode(bytes.NewReader(meta), int64(len(meta)), limit)
	if err != nil {
		return imageNetKit{}, fmt.Errorf("%s of %s: %w", kitMeta, from, err)
	}
	k := imageNetKit{words: map[string]string{}, truth: map[int]string{}}
	byNumber := map[int]string{}
	synsets := all["synsets"]
	if synsets == nil || synsets.Fields["WNID"] == nil {
		return k, fmt.Errorf("%s of %s has no list synsets of the classes", kitMeta, from)
	}
	for i, id := range synsets.Fields["WNID"] {
		name := id.Text()
		if !wnid.MatchString(name) {
			return k, fmt.Errorf("%s of %s: class %d is named %q, want a WordNet number", kitMeta, from, i, name)
		}
		if words := synsets.Fields["words"]; words != nil {
			k.words[name] = words[i].Text()
		}
		numbers := synsets.Fields["ILSVRC2012_ID"]
		const classes = 1000 // those behind are the groups they form
		if numbers == nil {
			continue
		}
		if v := numbers[i].Numbers(); len(v) == 1 && v[0] >= 1 && v[0] <= classes {
			byNumber[int(v[0])] = name
			k.classes = append(k.classes, name)
		}
	}
	for i, line := range strings.Fields(string(truth)) {
		number, err := strconv.Atoi(line)
		id, ok := byNumber[number]
		if err != nil || !ok {
			return k, fmt.Errorf("%s of %s: line %d is %q, want the number of a class", kitTruth, from, i+1, line)
		}
		k.truth[i+1] = id
	}
	return k, nil
}

// The lists of Kaggle's edition.
const (
	kaggleNames = "LOC_synset_mapping.txt"
	kaggleTruth = "LOC_val_solution.csv"
)

// readKaggleKit reads lines of "WNID words", and rows of a picture's name, then "WNID left top right bottom" perhaps several
// times.
func readKaggleKit(dir string) (imageNetKit, error) {
	k := imageNetKit{words: map[string]string{}, truth: map[int]string{}}
	names, err := readList(filepath.Join(dir, kaggleNames))
	if err != nil {
		return k, err
	}
	for line := range strings.Lines(string(names)) {
		id, words, _ := strings.Cut(strings.TrimSpace(line), " ")
		if wnid.MatchString(id) {
			k.words[id] = words
			k.classes = append(k.classes, id)
		}
	}
	if _, err := os.Stat(filepath.Join(dir, kaggleTruth)); err != nil {
		return k, nil // val/ may have folders
	}
	truth, err := readList(filepath.Join(dir, kaggleTruth))
	if err != nil {
		return k, err
	}
	for line := range strings.Lines(string(truth)) {
		name, boxes, _ := strings.Cut(line, ",")
		m := imageNetVal.FindStringSubmatch(name + ".")
		id, _, _ := strings.Cut(boxes, " ")
		if m == nil || !wnid.MatchString(id) {
			continue // the header
		}
		if number, err := strconv.Atoi(m[1]); err == nil {
			k.truth[number] = id
		}
	}
	return k, nil
}
