package clips

import (
	"context"
	"fmt"
	"os"
)

// records is a file of pictures of one size that lie at equal distances.
type records struct {
	path          string
	memory        []byte // the whole file; nil: each picture is read from the file when it is wanted
	head, stride  int    // bytes before the first picture, and from one to the next
	layout        Layout
	width, height int
}

// still is picture i. The caller has checked that the file is long enough.
func (r *records) still(i int) Still { return record{r, int64(r.head) + int64(i)*int64(r.stride)} }

// record is one picture of a file of records.
type record struct {
	of *records
	at int64 // bytes into the file
}

// Read opens the file for each picture unless it is in memory: a source has no end at which a shared one could be closed.
func (p record) Read(_ context.Context, scratch *[]byte) (Raw, error) {
	raw := Raw{Layout: p.of.layout, Width: p.of.width, Height: p.of.height}
	n := raw.values()
	if p.of.memory != nil {
		raw.Bytes = p.of.memory[p.at : p.at+int64(n) : p.at+int64(n)]
		return raw, nil
	}
	file, err := os.Open(p.of.path)
	if err != nil {
		return Raw{}, err
	}
	defer file.Close()
	*scratch = grown(*scratch, n)
	if _, err := file.ReadAt(*scratch, p.at); err != nil {
		return Raw{}, fmt.Errorf("%d bytes at %d: %w", n, p.at, err)
	}
	raw.Bytes = *scratch
	return raw, nil
}

// memoryStill is a picture file that lies in memory.
type memoryStill []byte

// Read returns the bytes as they are.
func (m memoryStill) Read(context.Context, *[]byte) (Raw, error) { return Raw{Bytes: m}, nil }
