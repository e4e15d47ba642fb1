package clips

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// wnid is how WordNet numbers the classes of ImageNet, which are also the names of their folders.
var wnid = regexp.MustCompile(`^n\d{8}$`)

// imageNetVal is the name of a picture of the validation part as it is published; its number is its line in the ground truth.
var imageNetVal = regexp.MustCompile(`^ILSVRC2012_val_(\d{8})\.`)

// imageNetFolders are where train/ and val/ lie below the root.
var imageNetFolders = []string{"", "ILSVRC/Data/CLS-LOC", "Data/CLS-LOC", "ILSVRC2012", "imagenet"}

// imageNet is the data set while it is opened.
type imageNet struct {
	set   *set
	base  string         // folder of train/ and val/
	label map[string]int // by WordNet number
	kit   imageNetKit
}

// openImageNet opens ImageNet (ILSVRC 2012) or any of its classes: train/WNID/ and val/WNID/ with pictures, or val/ with the
// pictures as they are published, whose classes are then in the development kit (ILSVRC2012_devkit_t12, unpacked or as .tar.gz,
// in root). The parts are train and val. Labels count the WordNet numbers in their order, of the classes that lie in train/
// (where that is missing, in val/); names are from the kit where it is there.
func openImageNet(root string, opts SourceOptions) (Source, error) {
	if err := checkRoot("imagenet", root); err != nil {
		return nil, err
	}
	known := []string{"train", "val"}
	n := imageNet{set: &set{name: "imagenet"}, base: firstFolder(root, imageNetFolders, "train", "val")}
	var there []string
	for _, part := range known {
		if n.base != "" && isFolder(filepath.Join(n.base, part)) {
			there = append(there, part)
		}
	}
	if len(there) == 0 {
		return nil, fmt.Errorf("imagenet: %s holds neither train/WNID/ nor val/: unpack the pictures there, a folder a class", root)
	}
	split := opts.Split
	if sameSplit(split, "val") {
		split = "val"
	}
	chosen, err := chooseParts("imagenet", root, split, known, there)
	if err != nil {
		return nil, err
	}
	if n.kit, err = readImageNetKit(root, n.base); err != nil {
		return nil, fmt.Errorf("imagenet: %w", err)
	}
	n.number()
	for _, part := range known {
		if slices.Contains(chosen, part) {
			if err := n.add(part); err != nil {
				return nil, fmt.Errorf("imagenet: %w", err)
			}
		}
	}
	if len(n.set.samples) == 0 {
		return nil, fmt.Errorf("imagenet: %s holds no picture of a class%s: its folders are named n01440764 and so on; "+
			"use --dataset imagefolder for other names, and put the development kit beside val/ where that has no folders",
			filepath.Join(n.base, strings.Join(chosen, "+")), among(n.set.left))
	}
	return n.set, nil
}

// number finds the classes and gives them labels and names.
func (n *imageNet) number() {
	var ids []string
	for _, part := range []string{"train", "val"} {
		entries, err := os.ReadDir(filepath.Join(n.base, part))
		if err != nil {
			continue // it is not there
		}
		for _, e := range entries {
			if wnid.MatchString(e.Name()) {
				ids = append(ids, e.Name())
			}
		}
		if len(ids) > 0 {
			break
		}
	}
	if len(ids) == 0 {
		ids = slices.Clone(n.kit.classes) // val/ alone, as published
	}
	slices.Sort(ids)
	n.label = map[string]int{}
	uses := map[string]int{}
	for i, id := range ids {
		n.label[id] = i
		uses[n.kit.words[id]]++
	}
	for _, id := range ids {
		name := n.kit.words[id]
		switch {
		case name == "":
			name = id
		case uses[name] > 1: // a crane is a bird, and a machine
			name += " (" + id + ")"
		}
		n.set.classes = append(n.set.classes, name)
	}
}

// add adds the pictures of a part.
func (n *imageNet) add(part string) error {
	pictures, aside, err := namedPictures(filepath.Join(n.base, part))
	if err != nil {
		return err
	}
	for _, a := range aside {
		n.set.left = append(n.set.left, Skip{part + "/" + a.Path, a.Reason, a.Aside})
	}
	for _, f := range pictures {
		key := part + "/" + f.rel
		id, reason := n.class(f.rel)
		label, ok := n.label[id]
		switch {
		case reason != "":
			n.set.left = append(n.set.left, Skip{Path: key, Reason: reason})
			continue
		case !ok: // as with all but a few of the classes of the validation part, where the training part has few
			reason = fmt.Sprintf("class %s is none of the %d of the training part", id, len(n.label))
			n.set.left = append(n.set.left, Skip{Path: key, Reason: reason, Aside: true})
			continue
		}
		n.set.samples = append(n.set.samples, Sample{Path: f.path, Key: key, Label: label, Still: FileStill(f.path)})
	}
	return nil
}

// class is the WordNet number of a picture, by its folder, or by its number in the ground truth.
func (n *imageNet) class(rel string) (id, reason string) {
	folder, _, nested := strings.Cut(rel, "/")
	if nested {
		if !wnid.MatchString(folder) {
			return "", "its folder is not named like a class, such as n01440764"
		}
		return folder, ""
	}
	m := imageNetVal.FindStringSubmatch(rel)
	if m == nil {
		return "", "in no folder of a class"
	}
	number, err := strconv.Atoi(m[1])
	if err != nil {
		return "", "its number is no number"
	}
	id, ok := n.kit.truth[number]
	if !ok {
		return "", "its class is in the development kit (ILSVRC2012_devkit_t12), which is not there"
	}
	return id, ""
}
