package clips

import (
	"archive/tar"
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"strings"
)

// maxWhole bounds what of a data set is held in memory, unpacked: 512 MiB. All of CIFAR is 184 MB.
const maxWhole = 512 << 20

// maxMembers bounds the entries of an archive, since a packed archive of empty files costs next to nothing to make.
const maxMembers = 4 << 20

// readWhole reads a file of at most maxWhole bytes, unpacked when its name ends in .gz.
func readWhole(name string) ([]byte, error) {
	file, err := openRegular(name)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return nil, fmt.Errorf("%s cannot be opened: %s", name, plainError(err))
	}
	data, err := readPacked(file, min(info.Size(), maxWhole), strings.HasSuffix(name, ".gz"))
	if err != nil {
		return nil, fmt.Errorf("%s cannot be read: %s", name, plainError(err))
	}
	return data, nil
}

// readPacked reads a file of size bytes, of which at most maxWhole come when they are unpacked.
func readPacked(r io.Reader, size int64, packed bool) ([]byte, error) {
	if packed {
		z, err := gzip.NewReader(bufio.NewReaderSize(r, 1<<16))
		if err != nil {
			return nil, fmt.Errorf("not a gzip file: %w", err)
		}
		r = z
	}
	var data bytes.Buffer
	data.Grow(int(size) + bytes.MinRead) // with room for the read that finds the end
	if _, err := io.Copy(&data, io.LimitReader(r, maxWhole+1)); err != nil {
		return nil, cutShort(err)
	}
	if data.Len() > maxWhole {
		return nil, fmt.Errorf("more than %d MiB unpacked", maxWhole>>20)
	}
	return data.Bytes(), nil
}

// cutShort says in words that a packed file ends too early.
func cutShort(err error) error {
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return errors.New("it is cut short: fetch it again")
	}
	return err
}

// openRegular opens a file that is neither a folder nor a device. The error names it.
func openRegular(name string) (*os.File, error) {
	info, err := os.Stat(name)
	if err != nil {
		return nil, fmt.Errorf("%s cannot be opened: %s", name, plainError(err))
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is not a regular file", name)
	}
	file, err := os.Open(name)
	if err != nil {
		return nil, fmt.Errorf("%s cannot be opened: %s", name, plainError(err))
	}
	return file, nil
}

// exists reports whether there is a regular file of that name.
func exists(name string) bool {
	info, err := os.Stat(name)
	return err == nil && info.Mode().IsRegular()
}

// isFolder reports whether there is a folder of that name.
func isFolder(name string) bool {
	info, err := os.Stat(name)
	return err == nil && info.IsDir()
}

// member is a file of an archive.
type member struct {
	name string // inside the archive, clean, with slashes
	data []byte
}

// isArchive reports whether readArchive takes a file of that name.
func isArchive(name string) bool {
	name = strings.ToLower(name)
	return strings.HasSuffix(name, ".tar.gz") || strings.HasSuffix(name, ".tgz") || strings.HasSuffix(name, ".tar")
}

// readArchive reads those files of a tar archive, packed by gzip or not, whose names take wants: at most maxWhole bytes of them.
// Links and names that lead out of the archive are passed over.
func readArchive(name string, take func(name string) bool) ([]member, error) {
	file, err := openRegular(name)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	var r io.Reader = bufio.NewReaderSize(file, 1<<16)
	if !strings.HasSuffix(strings.ToLower(name), ".tar") {
		z, err := gzip.NewReader(r)
		if err != nil {
			return nil, fmt.Errorf("archive %s cannot be unpacked: %s", name, plainError(err))
		}
		r = z
	}
	all, err := readMembers(tar.NewReader(r), take)
	if err != nil {
		return nil, fmt.Errorf("archive %s cannot be unpacked: %s", name, plainError(err))
	}
	return all, nil
}

func readMembers(r *tar.Reader, take func(name string) bool) (all []member, err error) {
	left := int64(maxWhole)
	for range maxMembers {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			return all, nil
		}
		if err != nil {
			return nil, cutShort(err)
		}
		clean := path.Clean(h.Name)
		if h.Typeflag != tar.TypeReg || !filepath.IsLocal(clean) || !take(clean) {
			continue
		}
		if left -= h.Size; h.Size < 0 || left < 0 {
			return nil, fmt.Errorf("its files are more than %d MiB: unpack it", maxWhole>>20)
		}
		var data bytes.Buffer
		if _, err := io.Copy(&data, r); err != nil {
			return nil, fmt.Errorf("%s: %w", clean, cutShort(err))
		}
		all = append(all, member{clean, data.Bytes()})
	}
	return nil, fmt.Errorf("it has more than %d entries", maxMembers)
}
