package clips

import (
	"context"
	"fmt"
	"io"
	"os"
)

// Still is a sample that is one picture: a clip of one frame, whatever the number of frames that is asked for. It must not change
// once its source is open, and several goroutines may read it at a time.
type Still interface {
	// Read returns the picture, whose bytes are only read. scratch is the caller's: it may be grown and hold the bytes; what it
	// held before is of no interest.
	Read(ctx context.Context, scratch *[]byte) (Raw, error)
}

// Raw is a picture as a data set stores it.
type Raw struct {
	Bytes         []byte
	Layout        Layout
	Width, Height int // pixels; not used by Encoded
}

// Layout says what the bytes of a picture are.
type Layout int

// The layouts. All but Encoded have 8 bits a value.
const (
	Encoded Layout = iota // a file: JPEG, PNG, WebP, GIF, BMP, TIFF
	Packed                // RGB [Height, Width, 3]
	Planar                // R, G and B, [3, Height, Width]: CIFAR
	Columns               // R, G and B by columns, [3, Width, Height]: STL-10, and arrays of MATLAB
	Grey                  // [Height, Width]: MNIST
)

// values is the number of bytes of a picture of the layout.
func (r Raw) values() int {
	if r.Layout == Grey {
		return r.Width * r.Height
	}
	return 3 * r.Width * r.Height
}

// packed returns the picture as RGB [Height, Width, 3], in dst where that has room.
func (r Raw) packed(dst []uint8) ([]uint8, error) {
	if r.Width < 1 || r.Height < 1 || len(r.Bytes) != r.values() {
		return nil, fmt.Errorf("%d bytes for a picture of %d x %d", len(r.Bytes), r.Width, r.Height)
	}
	if r.Layout == Packed {
		return r.Bytes, nil
	}
	dst = grown(dst, 3*r.Width*r.Height)
	n := r.Width * r.Height
	switch r.Layout {
	case Planar:
		for c := range 3 {
			for i, v := range r.Bytes[c*n : (c+1)*n] {
				dst[3*i+c] = v
			}
		}
	case Columns:
		for c := range 3 {
			for i, v := range r.Bytes[c*n : (c+1)*n] {
				x, y := i/r.Height, i%r.Height
				dst[3*(y*r.Width+x)+c] = v
			}
		}
	case Grey:
		for i, v := range r.Bytes {
			dst[3*i], dst[3*i+1], dst[3*i+2] = v, v, v
		}
	default:
		return nil, fmt.Errorf("layout %d has no pixels", r.Layout)
	}
	return dst, nil
}

// grown is a slice of n bytes, in the room of b where there is enough.
func grown(b []byte, n int) []byte {
	if cap(b) < n {
		return make([]byte, n)
	}
	return b[:n]
}

// FileStill is the picture in the file of that path.
type FileStill string

// maxFile is the largest file of a picture that is read, 256 MiB.
const maxFile = 256 << 20

// Read reads the whole file.
func (f FileStill) Read(_ context.Context, scratch *[]byte) (Raw, error) {
	file, err := os.Open(string(f))
	if err != nil {
		return Raw{}, err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return Raw{}, err
	}
	if !info.Mode().IsRegular() || info.Size() > maxFile {
		return Raw{}, fmt.Errorf("%d bytes, want a picture file of %d MiB at most", info.Size(), maxFile>>20)
	}
	*scratch = grown(*scratch, int(info.Size()))
	if _, err := io.ReadFull(file, *scratch); err != nil {
		return Raw{}, err
	}
	return Raw{Bytes: *scratch}, nil
}
