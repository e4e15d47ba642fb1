package pickle

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// input is a file read from front to back that knows where it stands.
type input struct {
	from     *bufio.Reader
	start    int64 // in the file
	at, size int64
	failed   error // of reading
}

func newInput(from io.ReaderAt, offset, size int64) input {
	return input{from: bufio.NewReaderSize(io.NewSectionReader(from, offset, size), 1<<16), start: offset, size: size}
}

// check answers whether n bytes are left.
func (in *input) check(n int64) error {
	if n < 0 || n > in.size-in.at {
		return fmt.Errorf("a length of %d where %d bytes are left: it ends too early", n, in.size-in.at)
	}
	return nil
}

// moved counts n bytes that were read with err.
func (in *input) moved(n int, err error) error {
	in.at += int64(n)
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return errors.New("it ends too early")
	}
	if err != nil {
		in.failed = err
	}
	return err
}

func (in *input) byte() (byte, error) {
	b, err := in.from.ReadByte()
	if err != nil {
		return 0, in.moved(0, err)
	}
	in.at++
	return b, nil
}

// read returns the next n bytes, n at most a few thousand.
func (in *input) read(n int64) ([]byte, error) {
	if err := in.check(n); err != nil {
		return nil, err
	}
	b := make([]byte, n)
	got, err := io.ReadFull(in.from, b)
	return b, in.moved(got, err)
}

// skip passes over n bytes.
func (in *input) skip(n int64) error {
	err := in.check(n)
	for err == nil && n > 0 {
		var got int
		got, err = in.from.Discard(int(min(n, 1<<30)))
		n -= int64(got)
		err = in.moved(got, err)
	}
	return err
}

// number reads an unsigned little-endian number of 1, 2, 4 or 8 bytes.
func (in *input) number(width int64) (uint64, error) {
	b, err := in.read(width)
	if err != nil {
		return 0, err
	}
	var wide [8]byte
	copy(wide[:], b)
	return binary.LittleEndian.Uint64(wide[:]), nil
}

// length reads a length of 1, 4 or 8 bytes and checks it against what is left; four bytes are signed.
func (in *input) length(width int64) (int64, error) {
	u, err := in.number(width)
	if err != nil {
		return 0, err
	}
	n := int64(u)
	if width == 4 {
		n = int64(int32(u))
	}
	return n, in.check(n)
}

// line reads up to the next newline, at most maxText bytes, and drops it.
func (in *input) line() (string, error) {
	var line []byte
	for len(line) <= maxText {
		c, err := in.byte()
		if err != nil {
			return "", err
		}
		if c == '\n' {
			return string(line), nil
		}
		line = append(line, c)
	}
	return "", fmt.Errorf("a name of more than %d bytes", maxText)
}
