package clips

import (
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// idxImages is the name of a file of pictures: what is before it says which set and part it is.
var idxImages = regexp.MustCompile(`^(.*?)-?images[-.]idx3-ubyte(\.gz)?$`)

// idxPair is one part of a set of the family of MNIST.
type idxPair struct {
	stem, part     string // of the set, "" for MNIST's own names; "train" or "test"
	images, labels string // paths; labels is "" where there are none
}

// openMNIST opens pictures in the IDX format of MNIST, as Fashion-MNIST, KMNIST and EMNIST have it too, packed by gzip or not.
// Root holds the files, or raw/ or MNIST/raw/ does; or it is one of the files, which chooses among several sets. The parts are
// train and test (t10k). Classes are named by their numbers.
func openMNIST(root string, opts SourceOptions) (Source, error) {
	pairs, err := findIDX(root)
	if err != nil {
		return nil, err
	}
	var there []string
	for _, p := range pairs {
		there = append(there, p.part)
	}
	parts, err := chooseParts("mnist", root, opts.Split, []string{"train", "test"}, there)
	if err != nil {
		return nil, err
	}
	s := &set{name: "mnist"}
	if len(pairs) == 1 && opts.Split != pairs[0].part {
		other := map[string]string{"train": "test", "test": "train"}[pairs[0].part]
		s.left = append(s.left, Skip{Path: other, Reason: "the files of this part are missing"})
	}
	for _, p := range pairs {
		if slices.Contains(parts, p.part) {
			if err := s.addIDX(p); err != nil {
				return nil, err
			}
		}
	}
	top := 9
	for _, sample := range s.samples {
		top = max(top, sample.Label)
	}
	for c := range top + 1 {
		s.classes = append(s.classes, strconv.Itoa(c))
	}
	return s, nil
}

// findIDX finds the pairs of one set, the training part first.
func findIDX(root string) ([]idxPair, error) {
	folder, chosen := root, ""
	if exists(root) {
		folder = filepath.Dir(root)
		m := idxImages.FindStringSubmatch(filepath.Base(root))
		if m == nil {
			return nil, fmt.Errorf("mnist: %s is not named like a file of pictures: want ...-images-idx3-ubyte, or the folder", root)
		}
		chosen, _ = idxPart(m[1])
	} else if err := checkRoot("mnist", root); err != nil {
		return nil, err
	}
	var pairs []idxPair
	for _, sub := range []string{"", "raw", "MNIST/raw", "FashionMNIST/raw", "KMNIST/raw", "EMNIST/raw"} {
		if pairs = idxPairs(filepath.Join(folder, filepath.FromSlash(sub))); len(pairs) > 0 {
			break
		}
	}
	if folder != root {
		pairs = slices.DeleteFunc(pairs, func(p idxPair) bool { return p.stem != chosen })
	}
	if len(pairs) == 0 {
		return nil, fmt.Errorf("mnist: %s holds no train-images-idx3-ubyte or t10k-images-idx3-ubyte, packed (.gz) or not: "+
			"put the four files there", root)
	}
	for i, p := range pairs {
		if p.stem != pairs[0].stem || slices.ContainsFunc(pairs[:i], func(q idxPair) bool { return q.part == p.part }) {
			return nil, fmt.Errorf("mnist: %s holds several sets, %s and %s among them: name one file of pictures with --data",
				root, filepath.Base(pairs[0].images), filepath.Base(p.images))
		}
	}
	return pairs, nil
}

// idxPart tells the set and the part from what a file's name begins with.
func idxPart(prefix string) (stem, part string) {
	for _, p := range []struct{ word, part string }{{"train", "train"}, {"t10k", "test"}, {"test", "test"}} {
		if rest, ok := strings.CutSuffix(prefix, p.word); ok {
			return rest, p.part
		}
	}
	return prefix, "train"
}

// idxPairs finds all files of pictures of a folder, with their labels, ordered by set and with the training part first.
func idxPairs(folder string) (pairs []idxPair) {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return nil
	}
	seen := map[string]bool{}
	for _, e := range entries { // by name, so that an unpacked file comes before the packed one
		m := idxImages.FindStringSubmatch(e.Name())
		if m == nil || seen[m[1]] || !exists(filepath.Join(folder, e.Name())) {
			continue
		}
		seen[m[1]] = true
		p := idxPair{images: filepath.Join(folder, e.Name())}
		p.stem, p.part = idxPart(m[1])
		name := strings.TrimSuffix(strings.NewReplacer("images", "labels", "idx3", "idx1").Replace(e.Name()), ".gz")
		for _, l := range []string{name, name + ".gz"} {
			if l = filepath.Join(folder, l); p.labels == "" && exists(l) {
				p.labels = l
			}
		}
		pairs = append(pairs, p)
	}
	slices.SortStableFunc(pairs, func(a, b idxPair) int {
		if c := strings.Compare(a.stem, b.stem); c != 0 {
			return c
		}
		return -strings.Compare(a.part, b.part) // train, test
	})
	return pairs
}

// addIDX adds the pictures of one part, which are held in memory.
func (s *set) addIDX(p idxPair) error {
	data, err := readWhole(p.images)
	if err != nil {
		return err
	}
	dims, head, err := parseIDX(data, 3)
	if err != nil {
		return fmt.Errorf("%s: %w", p.images, err)
	}
	n, h, w := dims[0], dims[1], dims[2]
	if n == 0 {
		return fmt.Errorf("%s holds no picture", p.images)
	}
	var labels []byte
	name := filepath.Base(p.images)
	if p.labels == "" {
		s.left = append(s.left, Skip{Path: name, Reason: "the file of its labels is missing, so its pictures have none"})
	} else if labels, err = readIDXLabels(p.labels, n); err != nil {
		return err
	}
	if strings.HasPrefix(p.stem, "emnist-") {
		transpose(data[head:], h, w) // EMNIST's pictures lie on their sides
		h, w = w, h
	}
	file := &records{path: p.images, memory: data, head: head, stride: h * w, layout: Grey, width: w, height: h}
	for i := range n {
		sample := Sample{Path: p.images, Key: name + "#" + strconv.Itoa(i), Label: -1, Still: file.still(i)}
		if labels != nil {
			sample.Label = int(labels[i])
		}
		s.samples = append(s.samples, sample)
	}
	return nil
}

func readIDXLabels(path string, n int) ([]byte, error) {
	data, err := readWhole(path)
	if err != nil {
		return nil, err
	}
	dims, head, err := parseIDX(data, 1)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	if dims[0] != n {
		return nil, fmt.Errorf("%s has %d labels, want one for each of %d pictures", path, dims[0], n)
	}
	return data[head:], nil
}

// parseIDX checks that data is an IDX array of bytes with that number of axes, and returns their lengths and the bytes before
// the values. Every axis but the first is at least 1.
func parseIDX(data []byte, axes int) (dims []int, head int, err error) {
	head = 4 + 4*axes
	if len(data) < head {
		return nil, 0, fmt.Errorf("%d bytes, want a header of %d", len(data), head)
	}
	if data[0] != 0 || data[1] != 0 {
		return nil, 0, errors.New("not an IDX file: it does not begin with two zeros")
	}
	if data[2] != 8 || int(data[3]) != axes {
		return nil, 0, fmt.Errorf("IDX type %#x with %d axes, want 0x8 (bytes) with %d", data[2], data[3], axes)
	}
	size := 1
	for a := range axes {
		d := int(binary.BigEndian.Uint32(data[4+4*a:]))
		if a > 0 && (d < 1 || d > 1<<14) {
			return nil, 0, fmt.Errorf("pictures with a side of %d", d)
		}
		if d > len(data) || size*d > maxWhole {
			return nil, 0, fmt.Errorf("%d bytes, want more for an array of %d along axis %d", len(data), d, a)
		}
		size *= d
		dims = append(dims, d)
	}
	if len(data) != head+size {
		return nil, 0, fmt.Errorf("%d bytes, want %d for an array of %v", len(data), head+size, dims)
	}
	return dims, head, nil
}

// transpose swaps rows and columns of pictures [N, h, w] in place.
func transpose(pictures []byte, h, w int) {
	one := make([]byte, h*w)
	for ; len(pictures) >= len(one); pictures = pictures[len(one):] {
		copy(one, pictures)
		for y := range h {
			for x := range w {
				pictures[x*h+y] = one[y*w+x]
			}
		}
	}
}
