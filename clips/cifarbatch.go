package clips

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// The pictures of both data sets.
const (
	cifarSide   = 32
	cifarPixels = 3 * cifarSide * cifarSide // bytes, planar
)

// add adds the samples of one part.
func (c cifar) add(s *set, part string, p *cifarPart) error {
	// Stable, and of two with one name, which archives can have, the first is taken.
	slices.SortStableFunc(p.batches, func(a, b cifarBatch) int { return naturalCompare(a.name, b.name) })
	slices.SortStableFunc(p.pictures, func(a, b cifarPicture) int { return naturalCompare(a.sample.Key, b.sample.Key) })
	for i, b := range p.batches {
		if i > 0 && p.batches[i-1].name == b.name {
			s.left = append(s.left, Skip{Path: b.name, Reason: "there twice"})
		} else if err := c.addBatch(s, b); err != nil {
			return err
		}
	}
	for _, name := range c.parts[part] {
		has := func(b cifarBatch) bool { return strings.TrimSuffix(b.name, ".bin") == name }
		if len(p.batches) > 0 && !slices.ContainsFunc(p.batches, has) {
			s.left = append(s.left, Skip{Path: name, Reason: "this file of the data set is missing"})
		}
	}
	for i, picture := range p.pictures {
		label := slices.Index(c.classes, picture.class)
		if i > 0 && p.pictures[i-1].sample.Key == picture.sample.Key {
			s.left = append(s.left, Skip{Path: picture.sample.Key, Reason: "there twice"})
			continue
		}
		if label < 0 {
			reason := fmt.Sprintf("folder %q is no class of %s", picture.class, c.title)
			s.left = append(s.left, Skip{Path: picture.sample.Key, Reason: reason})
			continue
		}
		picture.sample.Label = label
		s.samples = append(s.samples, picture.sample)
	}
	return nil
}

// addBatch adds the pictures of one file, which is held in memory.
func (c cifar) addBatch(s *set, b cifarBatch) error {
	if b.data == nil {
		data, err := readWhole(b.path)
		if err != nil {
			return err
		}
		b.data = data
	}
	file := &records{
		path: b.path, memory: b.data, head: c.before, stride: c.before + cifarPixels,
		layout: Planar, width: cifarSide, height: cifarSide,
	}
	var labels []int
	var err error
	if strings.HasSuffix(b.name, ".bin") {
		labels, err = c.binaryLabels(b.name, b.data)
	} else {
		file.head, file.stride = 0, cifarPixels
		file.memory, labels, err = readPythonBatch(b.data, c.labels)
	}
	if err != nil {
		return fmt.Errorf("%s: %s of %s: %w", c.kind, b.name, b.path, err)
	}
	for i, label := range labels {
		if label < 0 || label >= len(c.classes) {
			return fmt.Errorf("%s: %s of %s: picture %d has the label %d, want 0 to %d",
				c.kind, b.name, b.path, i, label, len(c.classes)-1)
		}
		s.samples = append(s.samples, Sample{Path: b.path, Key: b.name + "#" + strconv.Itoa(i), Label: label, Still: file.still(i)})
	}
	return nil
}

// binaryLabels checks the size of a batch of the binary version and returns the label of each picture.
func (c cifar) binaryLabels(name string, data []byte) ([]int, error) {
	stride := c.before + cifarPixels
	if len(data) == 0 || len(data)%stride != 0 {
		n := c.official(name)
		return nil, fmt.Errorf("%d bytes, want %d (%d pictures of %d): fetch the binary version again", len(data), n*stride, n, stride)
	}
	labels := make([]int, len(data)/stride)
	for i := range labels {
		labels[i] = int(data[i*stride+c.before-1])
	}
	return labels, nil
}

// official is the number of pictures of a file as it is published.
func (c cifar) official(name string) int {
	if slices.Contains(c.parts["test"], strings.TrimSuffix(name, ".bin")) {
		return 10000
	}
	return 50000 / len(c.parts["train"])
}
