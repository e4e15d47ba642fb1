package decode

// #include "still.h"
import "C"

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/gif"
	"unsafe"

	"github.com/asticode/go-astiav"
)

// MaxStillPixels is the largest picture that is decoded, in pixels: Pillow warns of decompression bombs from there on. The size
// that the header claims is held against it before anything is allocated.
const MaxStillPixels = 89_478_485

// Errors of pictures that a caller can tell apart with errors.Is.
var (
	ErrNotStill = errors.New("not a picture of a known format, want JPEG, PNG, WebP, GIF, BMP, TIFF or PNM")
	ErrCutOff   = errors.New("the file is cut off")
	ErrDamaged  = errors.New("the picture is damaged")
)

// roomyStill: a decoder keeps memory of the size of the picture before. Those of larger pictures are closed behind them.
const roomyStill = 16 << 20 // pixels

// Stills decodes pictures that lie in memory, one after the other, in a single thread. Decoders stay open in between, since
// opening one costs more than a small picture. It is for one goroutine and holds native memory until Close. The zero value is
// ready.
type Stills struct {
	decoders [stillFormats][maxShrink + 1]*C.vd_still
	rgb      *C.vd_rgb
	still    Still
}

// maxShrink is how often a decoder can halve a picture.
const maxShrink = 3

// Close frees the decoders. The value may be used again afterwards.
func (s *Stills) Close() {
	for f := range s.decoders {
		for k := range s.decoders[f] {
			s.free(stillFormat(f), k)
		}
	}
	C.vd_rgb_free(s.rgb)
	s.rgb = nil
	s.still = Still{spans: s.still.spans[:0]}
}

func (s *Stills) free(f stillFormat, shrink int) {
	C.vd_still_free(s.decoders[f][shrink])
	s.decoders[f][shrink] = nil
}

// Still is a picture of a Stills, valid until its next one is opened.
type Still struct {
	Format        string // "JPEG", "PNG"...
	Width, Height int    // pixels as stored, before rotation
	Rotation      int    // degrees clockwise to turn the picture before it is shown: 0, 90, 180, 270
	Mirrored      bool   // left and right change places after the rotation

	owner   *Stills
	format  stillFormat
	data    []byte
	spans   []int64 // of data, starts and ends in turn: what the decoder needs
	decoder *C.vd_still
	facts   C.vd_frame
	packed  []uint8     // RGB, of a picture that no decoder of FFmpeg holds
	size    image.Point // as decoded
}

// Open reads the header of the picture in data, which must not change as long as the picture is used. Sizes of more than
// MaxStillPixels are ErrTooLarge; bytes of no known format ErrNotStill; files that end too early ErrCutOff.
func (s *Stills) Open(data []byte) (*Still, error) {
	s.release()
	f, ok := sniffStill(data)
	if !ok {
		return nil, ErrNotStill
	}
	p := &s.still
	*p = Still{Format: f.String(), owner: s, format: f, data: data, spans: p.spans[:0]}
	err := stillHeaders[f](p)
	switch {
	case err != nil:
	case p.Width < 1 || p.Height < 1:
		err = fmt.Errorf("%w: it has %d x %d pixels", ErrDamaged, p.Width, p.Height)
	case p.Width > MaxStillPixels/p.Height:
		err = fmt.Errorf("%w: it has %d x %d pixels, want %d million at most", ErrTooLarge, p.Width, p.Height, MaxStillPixels/1_000_000)
	default:
		return p, nil
	}
	return nil, fmt.Errorf("%s: %w", p.Format, err)
}

// release closes the decoder of a picture that was large, and that of TIFF, which keeps more of a picture than its memory.
func (s *Stills) release() {
	p := &s.still
	small := int64(p.size.X)*int64(p.size.Y) <= roomyStill && len(p.data) <= roomyStill
	if p.owner == nil || p.format == stillGIF || (small && p.format != stillTIFF) {
		return
	}
	for k, d := range s.decoders[p.format] {
		if d != nil {
			s.free(p.format, k)
		}
	}
	p.decoder = nil
}

// Shrinks is how often Decode can halve this picture at most.
func (p *Still) Shrinks() int {
	if p.format == stillJPEG {
		return maxShrink
	}
	return 0
}

// Decode decodes the pixels, each side divided by 1<<shrink and rounded up, 0 <= shrink <= Shrinks(). A picture whose bytes do
// not give all of its pixels is ErrDamaged or ErrCutOff.
func (p *Still) Decode(shrink int) error {
	if shrink < 0 || shrink > p.Shrinks() {
		panic(fmt.Sprintf("decode: a %s picture halved %d times, want 0 to %d", p.Format, shrink, p.Shrinks()))
	}
	var err error
	if p.format == stillGIF {
		err = p.decodeGIF()
	} else {
		err = p.decode(shrink)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", p.Format, err)
	}
	return nil
}

func (p *Still) decode(shrink int) error {
	d, err := p.owner.decoder(p.format, shrink)
	if err != nil {
		return err
	}
	p.decoder = nil
	ret := C.vd_still_decode(d, (*C.uint8_t)(unsafe.SliceData(p.data)), (*C.int64_t)(unsafe.SliceData(p.spans)),
		C.int(len(p.spans)/2), &p.facts)
	if ret < 0 {
		return stillError(int(ret))
	}
	p.decoder = d
	p.size = image.Pt(int(p.facts.width), int(p.facts.height))
	if want := image.Pt(shrunk(p.Width, shrink), shrunk(p.Height, shrink)); p.size != want {
		return fmt.Errorf("%w: it has %d x %d pixels, its header says %d x %d", ErrDamaged, p.size.X, p.size.Y, want.X, want.Y)
	}
	return nil
}

// decoder is the open decoder of a format.
func (s *Stills) decoder(f stillFormat, shrink int) (*C.vd_still, error) {
	if d := s.decoders[f][shrink]; d != nil {
		return d, nil
	}
	var d *C.vd_still
	if err := avError(int(C.vd_still_new(&d, C.int(f), C.int(shrink), MaxStillPixels))); err != nil {
		C.vd_still_free(d)
		return nil, err
	}
	s.decoders[f][shrink] = d
	return d, nil
}

func shrunk(n, shrink int) int { return (n + 1<<shrink - 1) >> shrink }

// stillError says what FFmpeg's refusal of a picture means.
func stillError(ret int) error {
	switch err := avError(ret); {
	case errors.Is(err, astiav.ErrPatchwelcome):
		return errors.New("FFmpeg cannot read this variant of the format; convert the file")
	case errors.Is(err, astiav.ErrInvaliddata), errors.Is(err, astiav.ErrEof):
		return ErrDamaged
	default:
		return fmt.Errorf("%w: %w", ErrDamaged, err)
	}
}

// decodeGIF decodes the first picture of a GIF. What lies around it on a larger screen is black.
func (p *Still) decodeGIF() error {
	img, err := gif.Decode(bytes.NewReader(p.data))
	if err != nil {
		return gifError(err)
	}
	frame, ok := img.(*image.Paletted)
	if !ok {
		return ErrDamaged
	}
	p.size = image.Pt(p.Width, p.Height)
	p.packed = make([]uint8, 3*p.Width*p.Height)
	var colours [256][3]uint8
	for i, c := range frame.Palette {
		r, g, b, a := c.RGBA()
		if a != 0 { // the transparent colour is black
			colours[i] = [3]uint8{uint8(r >> 8), uint8(g >> 8), uint8(b >> 8)}
		}
	}
	at := frame.Bounds().Intersect(image.Rect(0, 0, p.Width, p.Height))
	for y := at.Min.Y; y < at.Max.Y; y++ {
		row := frame.Pix[frame.PixOffset(at.Min.X, y):][:at.Dx()]
		to := p.packed[3*(y*p.Width+at.Min.X):]
		for x, v := range row {
			copy(to[3*x:3*x+3], colours[v][:])
		}
	}
	return nil
}
