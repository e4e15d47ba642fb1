package clips

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// openFolder takes all videos of a tree or, where there is none, its pictures. The class of a file is the first folder below the
// root; files that lie in the root itself have none. opts.Split names a folder of the root, such as train, that is taken in
// place of the root; there is no list.
func openFolder(root string, opts SourceOptions) (Source, error) {
	root, err := splitFolder(root, opts.Split)
	if err != nil {
		return nil, err
	}
	videos, left, err := walkVideos(root)
	if err != nil {
		return nil, err
	}
	if len(videos) > 0 {
		return newTree("folder", videos, left), nil
	}
	if holdsPictures(left) {
		pictures, aside, err := walk(root, notPicture)
		if err != nil {
			return nil, err
		}
		if len(pictures) > 0 {
			return stillTree("folder", pictures, aside), nil
		}
	}
	return nil, fmt.Errorf("folder %s holds no video file and no picture%s: name a folder with videos or pictures with --data",
		root, among(left))
}

// splitFolder is the folder of a split below root, or root where none is asked for.
func splitFolder(root, split string) (string, error) {
	if split == "" {
		return root, nil
	}
	sub := filepath.Join(root, split)
	if info, err := os.Stat(sub); err != nil || !info.IsDir() || !filepath.IsLocal(split) {
		return "", fmt.Errorf("folder %s has no folder %q for that split: leave the split out to take all of it", root, split)
	}
	return sub, nil
}

// holdsPictures reports whether a picture is among the files that are no videos.
func holdsPictures(left []Skip) bool {
	return slices.ContainsFunc(left, func(s Skip) bool { return s.Reason == "picture" })
}

// newTree is the set of the files of a tree.
func newTree(kind string, files []file, left []Skip) *set {
	names := make([]string, len(files))
	for i, v := range files {
		if class, _, nested := strings.Cut(v.rel, "/"); nested {
			names[i] = class
		}
	}
	classes, label := classesOf(names)
	samples := make([]Sample, len(files))
	for i, v := range files {
		samples[i] = Sample{Path: v.path, Key: v.rel, Label: label[names[i]]}
	}
	return &set{kind, samples, classes, left}
}

// classesOf returns the distinct names in natural order, and the label of each; the empty name is no class and has the label -1.
func classesOf(names []string) (classes []string, label map[string]int) {
	label = map[string]int{"": -1}
	for _, n := range names {
		if _, seen := label[n]; !seen {
			label[n] = 0
			classes = append(classes, n)
		}
	}
	slices.SortFunc(classes, naturalCompare)
	for i, n := range classes {
		label[n] = i
	}
	return classes, label
}

// among tells what was found instead, by its commonest reason.
func among(left []Skip) string {
	if len(left) == 0 {
		return ""
	}
	count := map[string]int{}
	top := left[0].Reason
	for _, s := range left {
		if count[s.Reason]++; count[s.Reason] > count[top] {
			top = s.Reason
		}
	}
	return fmt.Sprintf(" among %d files (most often: %s)", len(left), top)
}
