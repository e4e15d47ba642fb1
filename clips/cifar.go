package clips

import (
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// cifar describes one of the two data sets.
type cifar struct {
	kind, title string
	parts       map[string][]string // files of a part, without .bin as in the Python version
	before      int                 // bytes of labels before a picture; the last is the class
	labels      string              // key of the class in the Python version
	classes     []string            // in the official order
}

var (
	cifar10 = cifar{
		kind: "cifar10", title: "CIFAR-10", before: 1, labels: "labels", classes: cifar10Classes,
		parts: map[string][]string{
			"train": {"data_batch_1", "data_batch_2", "data_batch_3", "data_batch_4", "data_batch_5"}, "test": {"test_batch"},
		},
	}
	cifar100 = cifar{
		kind: "cifar100", title: "CIFAR-100", before: 2, labels: "fine_labels", classes: cifar100Classes,
		parts: map[string][]string{"train": {"train"}, "test": {"test"}},
	}
)

// cifarFolders are where the archives unpack to.
var cifarFolders = []string{
	"", "cifar-10-batches-bin", "cifar-100-binary", "cifar-10-batches-py", "cifar-100-python", "cifar10", "cifar100",
}

// cifarPart is what was found of a part: batches, or pictures.
type cifarPart struct {
	batches  []cifarBatch
	pictures []cifarPicture
}

type cifarBatch struct {
	name, path string
	data       []byte // nil until it is read from path
}

type cifarPicture struct {
	class  string
	sample Sample
}

// open opens CIFAR-10 or CIFAR-100: the binary or the Python version, unpacked or as the archive it comes in, or a tree of
// picture files train/CLASS/ and test/CLASS/, that too perhaps in archives (.tar, .tar.gz). Root is the folder or an archive.
// The parts are train and test. Labels are the official numbers in every form; those of CIFAR-100 are the 100 fine ones.
func (c cifar) open(root string, opts SourceOptions) (Source, error) {
	found, left, err := c.find(root)
	if err != nil {
		return nil, err
	}
	var there []string
	for _, part := range []string{"train", "test"} {
		if found[part] != nil {
			there = append(there, part)
		}
	}
	if len(there) == 0 {
		name := c.parts["train"][0]
		return nil, fmt.Errorf("%s: %s holds neither %s.bin nor train/CLASS/ with pictures: unpack the binary version there",
			c.kind, root, name)
	}
	chosen, err := chooseParts(c.kind, root, opts.Split, []string{"train", "test"}, there)
	if err != nil {
		return nil, err
	}
	s := &set{name: c.kind, classes: c.classes, left: left}
	for _, part := range chosen {
		if err := c.add(s, part, found[part]); err != nil {
			return nil, err
		}
	}
	if len(s.samples) == 0 {
		return nil, fmt.Errorf("%s: %s holds no picture of a class of %s%s", c.kind, root, c.title, among(s.left))
	}
	return s, nil
}

// find looks for batches, then for trees of pictures, then for archives of either.
func (c cifar) find(root string) (map[string]*cifarPart, []Skip, error) {
	if exists(root) && isArchive(root) {
		return c.unpack([]string{root})
	}
	if err := checkRoot(c.kind, root); err != nil {
		return nil, nil, err
	}
	if found := c.batches(root); len(found) > 0 {
		return found, nil, nil
	}
	if found, left, err := c.trees(root); err != nil || len(found) > 0 {
		return found, left, err
	}
	return c.unpack(c.archives(root))
}

// batches finds the files of the binary or the Python version.
func (c cifar) batches(root string) map[string]*cifarPart {
	for _, ext := range []string{".bin", ""} {
		for _, sub := range cifarFolders {
			found := map[string]*cifarPart{}
			for part, names := range c.parts {
				for _, name := range names {
					if p := filepath.Join(root, sub, name+ext); exists(p) {
						put(found, part).batches = append(put(found, part).batches, cifarBatch{name: name + ext, path: p})
					}
				}
			}
			if len(found) > 0 {
				return found
			}
		}
	}
	return nil
}

// put is the entry of a part, made where it is missing.
func put(found map[string]*cifarPart, part string) *cifarPart {
	if found[part] == nil {
		found[part] = &cifarPart{}
	}
	return found[part]
}

// trees finds pictures as files.
func (c cifar) trees(root string) (found map[string]*cifarPart, left []Skip, err error) {
	found = map[string]*cifarPart{}
	for _, sub := range cifarFolders {
		for part := range c.parts {
			folder := filepath.Join(root, sub, part)
			if !isFolder(folder) {
				continue
			}
			files, aside, err := namedPictures(folder)
			if err != nil {
				return nil, nil, err
			}
			for _, f := range files {
				key := part + "/" + f.rel
				put(found, part).add(key, Sample{Path: f.path, Key: key, Still: FileStill(f.path)})
			}
			for _, a := range aside {
				left = append(left, Skip{part + "/" + a.Path, a.Reason, a.Aside})
			}
		}
		if len(found) > 0 {
			break
		}
	}
	slices.SortFunc(left, func(a, b Skip) int { return naturalCompare(a.Path, b.Path) })
	return found, left, nil
}

// add adds a picture, whose class is the folder it lies in.
func (p *cifarPart) add(key string, s Sample) {
	p.pictures = append(p.pictures, cifarPicture{path.Base(path.Dir(key)), s})
}

// archives are those in a folder that are named after the data set or a part: the binary version where there are several.
func (c cifar) archives(root string) (paths []string) {
	entries, err := os.ReadDir(root)
	if err != nil {
		return nil
	}
	for _, version := range []string{"binary", "python", ""} {
		for _, e := range entries {
			name := strings.NewReplacer("-", "", "_", "").Replace(strings.ToLower(e.Name()))
			other := !strings.Contains(name, c.kind) || c.kind == cifar10.kind && strings.Contains(name, cifar100.kind)
			ours := !other || !strings.Contains(name, "cifar") && (strings.HasPrefix(name, "train.") || strings.HasPrefix(name, "test."))
			if p := filepath.Join(root, e.Name()); ours && strings.Contains(name, version) && isArchive(name) && exists(p) {
				paths = append(paths, p)
			}
		}
		if len(paths) > 0 {
			break
		}
	}
	return paths
}

// unpack reads batches and pictures from archives into memory.
func (c cifar) unpack(archives []string) (map[string]*cifarPart, []Skip, error) {
	found := map[string]*cifarPart{}
	for _, archive := range archives {
		members, err := readArchive(archive, func(name string) bool {
			part, _ := c.place(name)
			return part != ""
		})
		if err != nil {
			return nil, nil, fmt.Errorf("%s: %w", c.kind, err)
		}
		for _, m := range members {
			part, key := c.place(m.name)
			if namedPicture(key) {
				put(found, part).add(key, Sample{Path: archive, Key: key, Still: memoryStill(m.data)})
			} else {
				put(found, part).batches = append(put(found, part).batches, cifarBatch{key, archive, m.data})
			}
		}
	}
	return found, nil, nil
}

// place tells which part a file of an archive belongs to, "" for none, and its key: from the folder of the part on.
func (c cifar) place(name string) (part, key string) {
	base := path.Base(name)
	if strings.HasPrefix(base, ".") {
		return "", "" // hidden
	}
	steps := strings.Split(name, "/")
	for part, names := range c.parts {
		if slices.Contains(names, strings.TrimSuffix(base, ".bin")) {
			return part, base
		}
		if i := slices.Index(steps, part); i >= 0 && i < len(steps)-2 && namedPicture(base) {
			return part, strings.Join(steps[i:], "/")
		}
	}
	return "", ""
}
