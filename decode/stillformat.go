package decode

// #include "still.h"
import "C"

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
)

// stillFormat is a format of pictures; those up to stillPPM have a decoder of FFmpeg.
type stillFormat int

const (
	stillJPEG stillFormat = C.VD_JPEG
	stillPNG  stillFormat = C.VD_PNG
	stillWebP stillFormat = C.VD_WEBP
	stillBMP  stillFormat = C.VD_BMP
	stillTIFF stillFormat = C.VD_TIFF
	stillPBM  stillFormat = C.VD_PBM
	stillPGM  stillFormat = C.VD_PGM
	stillPPM  stillFormat = C.VD_PPM
	stillGIF  stillFormat = C.VD_PPM + 1

	stillFormats = int(stillGIF) + 1
)

var stillNames = [stillFormats]string{"JPEG", "PNG", "WebP", "BMP", "TIFF", "PBM", "PGM", "PPM", "GIF"}

func (f stillFormat) String() string { return stillNames[f] }

// stillHeaders read the size, the orientation and what the decoder needs of each format.
var stillHeaders [stillFormats]func(p *Still) error

func init() {
	stillHeaders = [stillFormats]func(p *Still) error{
		stillJPEG: (*Still).readJPEG, stillPNG: (*Still).readPNG, stillWebP: (*Still).readWebP, stillBMP: (*Still).readBMP,
		stillTIFF: (*Still).readTIFF, stillPBM: (*Still).readPNM, stillPGM: (*Still).readPNM, stillPPM: (*Still).readPNM,
		stillGIF: (*Still).readGIF,
	}
}

// StillFormat names the format of a picture that [Stills] can read by the first bytes of its file, 32 are enough; "" is none.
func StillFormat(head []byte) string {
	if f, ok := sniffStill(head); ok {
		return f.String()
	}
	return ""
}

func sniffStill(d []byte) (stillFormat, bool) {
	begins := func(magic string) bool { return bytes.HasPrefix(d, []byte(magic)) }
	switch {
	case begins("\xff\xd8\xff"):
		return stillJPEG, true
	case begins(pngMagic):
		return stillPNG, true
	case begins("RIFF") && len(d) >= 12 && string(d[8:12]) == "WEBP":
		return stillWebP, true
	case begins("GIF87a"), begins("GIF89a"):
		return stillGIF, true
	case begins("II*\x00"), begins("MM\x00*"):
		return stillTIFF, true
	case begins("BM") && len(d) >= 18:
		n := binary.LittleEndian.Uint32(d[14:])
		return stillBMP, n == 12 || (n >= 40 && n <= 124)
	case len(d) >= 3 && d[0] == 'P' && d[1] >= '1' && d[1] <= '6' && blank(d[2]):
		return [...]stillFormat{stillPBM, stillPGM, stillPPM}[(d[1]-'1')%3], true
	}
	return 0, false
}

func blank(b byte) bool { return b == ' ' || b == '\n' || b == '\t' || b == '\r' }

// whole makes all of the data what the decoder gets.
func (p *Still) whole() { p.spans = append(p.spans[:0], 0, int64(len(p.data))) }

// need adds a part of the data to what the decoder gets.
func (p *Still) need(start, end int) {
	if n := len(p.spans); n > 0 && p.spans[n-1] == int64(start) {
		p.spans[n-1] = int64(end)
		return
	}
	p.spans = append(p.spans, int64(start), int64(end))
}

// readBMP reads the size, and sees that rows that are not packed are there: FFmpeg takes short ones for rows without their
// padding.
func (p *Still) readBMP() error {
	d := p.data
	if len(d) < 34 {
		return ErrCutOff
	}
	order := binary.LittleEndian
	var bits, packing int
	if order.Uint32(d[14:]) == 12 {
		p.Width, p.Height = int(order.Uint16(d[18:])), int(order.Uint16(d[20:]))
		bits = int(order.Uint16(d[24:]))
	} else {
		p.Width, p.Height = int(int32(order.Uint32(d[18:]))), int(int32(order.Uint32(d[22:])))
		p.Height = max(p.Height, -p.Height) // negative: rows from the top
		bits, packing = int(order.Uint16(d[28:])), int(order.Uint32(d[30:]))
	}
	row := (int64(p.Width)*int64(bits) + 31) / 32 * 4
	known := p.Width > 0 && p.Height > 0 && p.Width <= MaxStillPixels/p.Height
	plain := packing == 0 || packing == 3
	if known && plain && int64(order.Uint32(d[10:]))+row*int64(p.Height) > int64(len(d)) {
		return ErrCutOff
	}
	p.whole()
	return nil
}

// readPNM reads the two numbers behind the magic; a # begins a comment.
func (p *Still) readPNM() error {
	at := 2
	for _, v := range []*int{&p.Width, &p.Height} {
		for at < len(p.data) && (blank(p.data[at]) || p.data[at] == '#') {
			if p.data[at] != '#' {
				at++
				continue
			}
			for at < len(p.data) && p.data[at] != '\n' {
				at++
			}
		}
		for ; at < len(p.data) && p.data[at] >= '0' && p.data[at] <= '9' && *v < 1<<24; at++ {
			*v = 10**v + int(p.data[at]-'0')
		}
	}
	p.whole()
	return nil
}

func (p *Still) readGIF() error {
	if len(p.data) < 10 {
		return ErrCutOff
	}
	p.Width, p.Height = int(binary.LittleEndian.Uint16(p.data[6:])), int(binary.LittleEndian.Uint16(p.data[8:]))
	return nil
}

// gifError says what the refusal of a GIF means.
func gifError(err error) error {
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
		return ErrCutOff
	}
	return ErrDamaged
}

// readWebP walks the chunks of a WebP file.
func (p *Still) readWebP() error {
	d := p.data
	end := 8 + int64(binary.LittleEndian.Uint32(d[4:]))
	if end > int64(len(d)) {
		return ErrCutOff
	}
	d = d[:end]
	for at := 12; at+8 <= len(d); {
		name, size := string(d[at:at+4]), int64(binary.LittleEndian.Uint32(d[at+4:]))
		if size > int64(len(d)-at-8) {
			return ErrCutOff
		}
		body := d[at+8 : at+8+int(size)]
		switch {
		case name == "VP8X" && size >= 10:
			if body[0]&2 != 0 {
				return errors.New("animated pictures of this format are not read; convert the file, for example to a PNG of its first picture")
			}
			p.Width, p.Height = 1+uint24(body[4:]), 1+uint24(body[7:])
		case name == "VP8 " && size >= 10 && p.Width == 0:
			p.Width = int(binary.LittleEndian.Uint16(body[6:]) & 0x3fff)
			p.Height = int(binary.LittleEndian.Uint16(body[8:]) & 0x3fff)
		case name == "VP8L" && size >= 5 && p.Width == 0:
			bits := binary.LittleEndian.Uint32(body[1:])
			p.Width, p.Height = 1+int(bits&0x3fff), 1+int(bits>>14&0x3fff)
		case name == "EXIF":
			p.orient(bytes.TrimPrefix(body, []byte("Exif\x00\x00")))
		}
		at += 8 + int(size+size&1)
	}
	p.need(0, int(end))
	return nil
}

func uint24(b []byte) int { return int(b[0]) | int(b[1])<<8 | int(b[2])<<16 }
