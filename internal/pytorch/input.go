package pytorch

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// maxText is the length in bytes up to which a text is kept: names of tensors and functions are shorter. Longer ones,
// such as a configuration written into a checkpoint, are skipped.
const maxText = 4096

// input is a file read from front to back that knows where it stands.
type input struct {
	from     *bufio.Reader
	at, size int64
}

func newInput(from io.ReaderAt, offset, size int64) *input {
	return &input{from: bufio.NewReaderSize(io.NewSectionReader(from, offset, size), 1<<16), size: size}
}

func (in *input) left() int64 { return in.size - in.at }

func (in *input) byte() (byte, error) {
	b, err := in.from.ReadByte()
	if err != nil {
		return 0, cut(err)
	}
	in.at++
	return b, nil
}

// read returns the next n bytes, n at most a few thousand.
func (in *input) read(n int64) ([]byte, error) {
	if n > in.left() {
		return nil, fmt.Errorf("%w: %d bytes wanted, %d are left", ErrFormat, n, in.left())
	}
	b := make([]byte, n)
	if _, err := io.ReadFull(in.from, b); err != nil {
		return nil, cut(err)
	}
	in.at += n
	return b, nil
}

// skip passes over n bytes.
func (in *input) skip(n int64) error {
	if n < 0 || n > in.left() {
		return fmt.Errorf("%w: a length of %d where %d bytes are left", ErrFormat, n, in.left())
	}
	in.at += n
	for n > 0 {
		step := int(min(n, 1<<30))
		if _, err := in.from.Discard(step); err != nil {
			return cut(err)
		}
		n -= int64(step)
	}
	return nil
}

// length reads a little-endian length of 1, 4 or 8 bytes and checks it against what is left; four bytes are signed.
func (in *input) length(width int64) (int64, error) {
	b, err := in.read(width)
	if err != nil {
		return 0, err
	}
	var n int64
	switch width {
	case 1:
		n = int64(b[0])
	case 4:
		n = int64(int32(binary.LittleEndian.Uint32(b)))
	default:
		n = int64(binary.LittleEndian.Uint64(b))
	}
	if n < 0 || n > in.left() {
		return 0, fmt.Errorf("%w: a length of %d where %d bytes are left", ErrFormat, n, in.left())
	}
	return n, nil
}

// line reads up to the next newline, at most maxText bytes, and drops it.
func (in *input) line() (string, error) {
	var b bytes.Buffer
	for b.Len() <= maxText {
		c, err := in.byte()
		if err != nil {
			return "", err
		}
		if c == '\n' {
			return b.String(), nil
		}
		b.WriteByte(c)
	}
	return "", fmt.Errorf("%w: a name of more than %d bytes", ErrFormat, maxText)
}

// cut turns the end of the bytes into an error of the format.
func cut(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return fmt.Errorf("%w: it ends too early", ErrFormat)
	}
	return err
}
