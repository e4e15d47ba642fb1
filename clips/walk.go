package clips

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
)

// file is a sample found below a root.
type file struct {
	path string // usable from the working directory
	rel  string // below the root, with slashes
}

// walkVideos finds the videos below root, in natural order, and what else lies there, with the reason why it was left out.
func walkVideos(root string) (videos []file, left []Skip, err error) { return walk(root, notVideo) }

// walk finds the files below root for which not returns "", in natural order, and the others with the reason that it gives.
//
// Links are resolved once: one to a file inside the root is taken under its own name, one to a folder or to anything outside the
// root is left out. Hidden files and folders are left out. Devices, pipes and sockets are left out unopened, since opening one
// may block for ever.
func walk(root string, not func(path string) string) (taken []file, left []Skip, err error) {
	if err := checkFolder(root); err != nil {
		return nil, nil, err
	}
	real, err := filepath.EvalSymlinks(root)
	if err != nil {
		return nil, nil, fmt.Errorf("folder %s cannot be opened: %w", root, err)
	}
	w := walker{root: root, real: real}
	if err := filepath.WalkDir(real, w.visit); err != nil {
		return nil, nil, fmt.Errorf("folder %s cannot be read: %w", root, err)
	}
	reasons := sniffAll(w.found, not)
	for i, f := range w.found {
		if reasons[i] == "" {
			taken = append(taken, f)
		} else {
			w.leave(f.rel, reasons[i])
		}
	}
	slices.SortFunc(taken, func(a, b file) int { return naturalCompare(a.rel, b.rel) })
	slices.SortFunc(w.left, func(a, b Skip) int { return naturalCompare(a.Path, b.Path) })
	return taken, w.left, nil
}

// checkFolder returns an error that says what to do unless root is a folder.
func checkFolder(root string) error {
	info, err := os.Stat(root)
	switch {
	case root == "":
		return errors.New("no folder of videos or pictures is given: name one with --data")
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("folder %s does not exist: name an existing folder with --data", root)
	case err != nil:
		return fmt.Errorf("folder %s cannot be opened: %s", root, plainError(err))
	case !info.IsDir():
		return fmt.Errorf("%s is a file, want a folder: name the folder with --data, or use --dataset list for a list", root)
	}
	return nil
}

// aside are the reasons that say what a file is, where the others say what is wrong with it.
var aside = map[string]bool{"picture": true, "sound": true, "archive": true, "text": true, "document": true, "program": true,
	"video": true, unknownKind: true, unknownPicture: true, hidden: true}

const (
	unknownKind    = "not known as video"
	unknownPicture = "not known as picture"
	hidden         = "hidden"
)

type walker struct {
	root, real string
	found      []file
	left       []Skip
}

func (w *walker) leave(rel, reason string) {
	w.left = append(w.left, Skip{Path: rel, Reason: reason, Aside: aside[reason]})
}

func (w *walker) visit(path string, d fs.DirEntry, err error) error {
	rel, relErr := filepath.Rel(w.real, path)
	if relErr != nil {
		return relErr
	}
	rel = filepath.ToSlash(rel)
	switch {
	case err != nil && rel == ".":
		return err
	case err != nil:
		w.leave(rel, "cannot be read: "+plainError(err))
	case rel == ".":
	case strings.HasPrefix(d.Name(), "."):
		w.leave(rel, hidden)
		if d.IsDir() {
			return fs.SkipDir
		}
	case d.IsDir():
	case d.Type()&fs.ModeSymlink != 0:
		w.link(path, rel)
	case d.Type().IsRegular():
		w.found = append(w.found, file{filepath.Join(w.root, filepath.FromSlash(rel)), rel})
	default:
		w.leave(rel, "not a regular file")
	}
	return nil
}

func (w *walker) link(path, rel string) {
	info, reason := resolveInside(w.real, path)
	switch {
	case reason != "":
		w.leave(rel, reason)
	case info.IsDir():
		w.leave(rel, "link to a folder, whose files are taken where they lie")
	case !info.Mode().IsRegular():
		w.leave(rel, "link to something that is not a regular file")
	default:
		w.found = append(w.found, file{filepath.Join(w.root, filepath.FromSlash(rel)), rel})
	}
}

// resolveInside follows the links in path and says why it must not be used, or "". real is the root without links.
func resolveInside(real, path string) (fs.FileInfo, string) {
	target, err := filepath.EvalSymlinks(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, "link that leads nowhere"
	}
	if err != nil {
		return nil, "link that cannot be followed: " + plainError(err)
	}
	if !inside(real, target) {
		return nil, "link that leaves the folder"
	}
	info, err := os.Stat(target)
	if err != nil {
		return nil, "link that cannot be followed: " + plainError(err)
	}
	return info, ""
}

// inside reports whether path lies in root or below; both are without links.
func inside(root, path string) bool {
	rel, err := filepath.Rel(root, path)
	return err == nil && rel != ".." && !strings.HasPrefix(rel, ".."+string(filepath.Separator))
}

// sniffAll looks into every file, several at a time: on network storage each look is a round trip.
func sniffAll(files []file, not func(path string) string) (reasons []string) {
	const atOnce = 16
	reasons = make([]string, len(files))
	var wg sync.WaitGroup
	for g := range min(atOnce, len(files)) {
		wg.Go(func() {
			for i := g; i < len(files); i += atOnce {
				reasons[i] = not(files[i].path)
			}
		})
	}
	wg.Wait()
	return reasons
}
