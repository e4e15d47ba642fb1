package shard

import (
	"archive/tar"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// Member is a file in a shard.
type Member struct {
	Name   string // as it stands in the shard, without a leading "./"
	Offset int64  // of its first byte in the shard
	Size   int64  // bytes, > 0; the shard holds all of them
}

// Left is something in a shard that is not taken, and why.
type Left struct {
	Name   string // "" for the shard itself, where it is cut off or damaged
	Reason string
	Aside  bool // never meant to be taken
}

// Contents is what a shard holds, in its order.
type Contents struct {
	Members []Member
	Left    []Left
	Whole   bool // the shard ends as a tar file does; else the last of Left says what is wrong
}

// The errors of Scan about a file as a whole.
var (
	ErrCompressed = errors.New("is compressed, and members of a compressed shard cannot be found without reading all before " +
		"them: unpack it to a .tar")
	ErrNotTar = errors.New("is not a tar file")
)

// The bounds on what is believed of a header.
const (
	maxName = 1024 // bytes
	slack   = 1 << 20
)

// Scan reads the headers of a shard of size bytes, skipping what is between them. Members that are links, sparse, empty or
// absurdly named are left out; so is what lies behind damage. The error is ErrCompressed, ErrNotTar, the context's, or that of
// reading.
func Scan(ctx context.Context, shard io.ReaderAt, size int64) (*Contents, error) {
	at := &cursor{from: shard, size: size}
	if err := at.sniff(); err != nil {
		return nil, err
	}
	reader := tar.NewReader(at)
	c := &Contents{}
	for n := 0; ; n++ {
		if n%1024 == 0 && ctx.Err() != nil {
			return nil, ctx.Err()
		}
		began := at.pos
		header, err := reader.Next()
		switch {
		case at.err != nil:
			return nil, at.err
		case errors.Is(err, io.EOF):
			c.end(at.pos, size)
			return c, nil
		case errors.Is(err, tar.ErrInsecurePath): // the header is good
		case err != nil && n == 0:
			return nil, ErrNotTar
		case errors.Is(err, io.ErrUnexpectedEOF):
			c.leave("", fmt.Sprintf("is cut off at byte %d", size), false)
			return c, nil
		case err != nil:
			c.leave("", fmt.Sprintf("is damaged behind byte %d: what follows is not read", began), false)
			return c, nil
		}
		if !c.take(header, at.pos, size) {
			return c, nil
		}
	}
}

// take adds the member of a header whose bytes begin at offset, and reports whether the shard goes on behind it.
func (c *Contents) take(h *tar.Header, offset, size int64) bool {
	switch {
	case h.Typeflag == tar.TypeDir || h.Typeflag == tar.TypeXGlobalHeader:
		return true
	case sparse(h):
		c.leave(h.Name, "sparse file", false)
		return true
	case h.Typeflag == tar.TypeLink || h.Typeflag == tar.TypeSymlink:
		c.leave(h.Name, "link", false)
		return true
	case h.Typeflag != tar.TypeReg:
		c.leave(h.Name, "not a regular file", false)
		return true
	case h.Size < 0 || h.Size > size-offset:
		c.leave(h.Name, fmt.Sprintf("is cut off: %d bytes announced, %d are there", h.Size, max(size-offset, 0)), false)
		c.leave("", fmt.Sprintf("is cut off at byte %d", size), false)
		return false
	case h.Size == 0:
		c.leave(h.Name, "empty file", false)
		return true
	}
	name := strings.TrimPrefix(h.Name, "./")
	if reason := odd(name); reason != "" {
		c.leave(h.Name, reason, false)
		return true
	}
	c.Members = append(c.Members, Member{name, offset, h.Size})
	return true
}

// sparse tells members whose bytes in the shard are not their content.
func sparse(h *tar.Header) bool {
	if h.Typeflag == tar.TypeGNUSparse {
		return true
	}
	for key := range h.PAXRecords {
		if strings.HasPrefix(key, "GNU.sparse.") {
			return true
		}
	}
	return false
}

// odd says what is wrong with a name, "" when nothing is. No name is ever opened, but names are shown and written into lists.
func odd(name string) string {
	switch {
	case len(name) > maxName:
		return fmt.Sprintf("name of %d bytes, want %d at most", len(name), maxName)
	case strings.HasPrefix(name, "/"):
		return "absolute name"
	case strings.Contains("/"+name+"/", "/../"):
		return "name that leaves the shard"
	case !utf8.ValidString(name) || strings.ContainsFunc(name, func(r rune) bool { return r < ' ' || r == 0x7f }):
		return "name that is not plain UTF-8 text"
	}
	return ""
}

func (c *Contents) leave(name, reason string, aside bool) {
	const shown = 120
	if len(name) > shown {
		name = name[:shown] + "..."
	}
	c.Left = append(c.Left, Left{strings.ToValidUTF8(name, "\uFFFD"), reason, aside})
}

// end looks at what is behind the last header. Archives are padded to a record; one that was appended to another is not.
func (c *Contents) end(pos, size int64) {
	if c.Whole = size-pos <= slack; !c.Whole {
		c.leave("", fmt.Sprintf("ends at byte %d of %d: what follows is not read", pos, size), false)
	}
}

// cursor reads a shard with a small window, large enough for the end of a member and the headers of the next.
type cursor struct {
	from      io.ReaderAt
	size, pos int64
	window    [4096]byte
	start     int64 // of the window in the shard
	filled    int
	err       error // of reading, other than the end
}

func (c *cursor) Read(p []byte) (int, error) {
	if c.pos < c.start || c.pos >= c.start+int64(c.filled) {
		n, err := c.from.ReadAt(c.window[:min(int64(len(c.window)), max(c.size-c.pos, 0))], c.pos)
		c.start, c.filled = c.pos, n
		if n == 0 {
			if err == nil || errors.Is(err, io.EOF) {
				return 0, io.EOF
			}
			c.err = err
			return 0, err
		}
	}
	n := copy(p, c.window[c.pos-c.start:c.filled])
	c.pos += int64(n)
	return n, nil
}

// Seek moves as archive/tar does to skip a member.
func (c *cursor) Seek(offset int64, whence int) (int64, error) {
	switch whence {
	case io.SeekCurrent:
		offset += c.pos
	case io.SeekEnd:
		offset += c.size
	}
	if offset < 0 {
		return 0, errors.New("seek before the beginning")
	}
	c.pos = offset
	return offset, nil
}

// sniff refuses files that are compressed, and those too short for a header.
func (c *cursor) sniff() error {
	var head [512]byte
	n, err := c.from.ReadAt(head[:], 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	for _, magic := range []string{"\x1f\x8b", "BZh", "\xfd7zXZ", "(\xb5/\xfd", "\x04\x22\x4d\x18"} {
		if bytes.HasPrefix(head[:n], []byte(magic)) {
			return ErrCompressed
		}
	}
	if n < len(head) {
		return ErrNotTar
	}
	return nil
}
