package clips

import (
	"fmt"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// pictureNames are how the names of picture files end.
var pictureNames = strings.Fields(".jpg .jpeg .png .bmp .gif .webp .tif .tiff .ppm .pgm")

// namedPicture reports whether a file is named like a picture.
func namedPicture(name string) bool {
	return slices.Contains(pictureNames, strings.ToLower(path.Ext(name)))
}

// namedPictures finds the files below a folder that are named like pictures, in natural order, under their paths below it. They
// are not opened: a tree of a million files whose form is known would take minutes to look into, and what cannot be read is left
// out when it is its turn. Links are followed as walkVideos follows them.
func namedPictures(folder string) (pictures []file, left []Skip, err error) {
	real, err := filepath.EvalSymlinks(folder)
	if err != nil {
		return nil, nil, fmt.Errorf("folder %s cannot be opened: %s", folder, plainError(err))
	}
	w := walker{root: folder, real: real}
	if err := filepath.WalkDir(real, w.visit); err != nil {
		return nil, nil, fmt.Errorf("folder %s cannot be read: %s", folder, plainError(err))
	}
	for _, f := range w.found {
		if namedPicture(f.rel) {
			pictures = append(pictures, f)
		} else {
			w.left = append(w.left, Skip{Path: f.rel, Reason: "not named like a picture", Aside: true})
		}
	}
	slices.SortFunc(pictures, func(a, b file) int { return naturalCompare(a.rel, b.rel) })
	slices.SortFunc(w.left, func(a, b Skip) int { return naturalCompare(a.Path, b.Path) })
	return pictures, w.left, nil
}
