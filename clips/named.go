package clips

import (
	"path"
	"slices"
	"strings"
)

// pictureNames are how the names of picture files end.
var pictureNames = strings.Fields(".jpg .jpeg .png .bmp .gif .webp .tif .tiff .ppm .pgm")

// namedPicture reports whether a file is named like a picture.
func namedPicture(name string) bool {
	return slices.Contains(pictureNames, strings.ToLower(path.Ext(name)))
}

// namedPictures finds the files below a folder that are named like pictures, as walk does, but without a look into them: in a tree
// of a million files whose form is known that would take minutes. What cannot be read is left out when it is its turn.
func namedPictures(folder string) (pictures []file, left []Skip, err error) {
	const otherwise = "not named like a picture"
	pictures, left, err = walk(folder, func(path string) string {
		if namedPicture(path) {
			return ""
		}
		return otherwise
	})
	for i := range left {
		left[i].Aside = left[i].Aside || left[i].Reason == otherwise
	}
	return pictures, left, err
}
