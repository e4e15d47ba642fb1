package clips

import "fmt"

// openImageFolder takes all pictures of a tree, as openFolder takes videos; of one that moves, the first.
func openImageFolder(root string, opts SourceOptions) (Source, error) {
	root, err := splitFolder(root, opts.Split)
	if err != nil {
		return nil, err
	}
	pictures, left, err := walk(root, notPicture)
	if err != nil {
		return nil, err
	}
	if len(pictures) == 0 {
		return nil, fmt.Errorf("imagefolder %s holds no picture%s: name a folder of pictures with --data; videos are --dataset folder",
			root, among(left))
	}
	return stillTree("imagefolder", pictures, left), nil
}

// stillTree is the set of the pictures of a tree.
func stillTree(kind string, files []file, left []Skip) *set {
	s := newTree(kind, files, left)
	for i := range s.samples {
		s.samples[i].Still = FileStill(s.samples[i].Path)
	}
	return s
}
