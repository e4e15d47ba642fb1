package decode

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
)

// Markers of a JPEG file, behind the byte 0xff.
const (
	jpegSOF0 = 0xc0 // C0..CF but for the three below: the size, and how it is coded
	jpegDHT  = 0xc4
	jpegJPG  = 0xc8
	jpegDAC  = 0xcc
	jpegRST0 = 0xd0 // to D7
	jpegSOI  = 0xd8
	jpegEOI  = 0xd9
	jpegSOS  = 0xda
	jpegDQT  = 0xdb
	jpegDRI  = 0xdd
	jpegAPP1 = 0xe1 // Exif
	jpegAPPE = 0xee // Adobe: the colour transform
	jpegTEM  = 0x01
)

// jpegTables are the tables that a file has defined so far, a bit each. The decoder keeps those of the file before, which must
// not be what a picture depends on.
type jpegTables struct {
	quantisers, dc, ac uint8
	needed             uint8 // quantisers that the components name
	scans              int
}

// maxScans bounds the work on a picture: each scan of a progressive file passes over all of it, and may have no bytes. Encoders
// write about ten.
const maxScans = 500

// readJPEG walks the segments to the end of the picture. The decoder gets those that it needs; previews, profiles and what lies
// behind the end are left out.
func (p *Still) readJPEG() error {
	d := p.data
	var tables jpegTables
	p.need(0, 2)
	for at := 2; ; {
		start := nextMarker(d, at)
		if start < 0 {
			return ErrCutOff
		}
		marker := d[start+1]
		at = start + 2
		if marker == jpegEOI {
			p.need(start, at)
			if p.Width == 0 {
				return fmt.Errorf("%w: it holds no picture", ErrDamaged)
			}
			return nil
		}
		if marker == jpegSOI || marker == jpegTEM || marker&^7 == jpegRST0 {
			continue
		}
		if len(d)-at < 2 {
			return ErrCutOff
		}
		end := at + int(binary.BigEndian.Uint16(d[at:]))
		if end > len(d) {
			return ErrCutOff
		}
		if end < at+2 {
			return ErrDamaged
		}
		body := d[at+2 : end]
		if err := p.jpegSegment(marker, body, &tables); err != nil {
			return err
		}
		at = end
		if marker == jpegSOS {
			if at = entropyEnd(d, end); at < 0 {
				return ErrCutOff
			}
		}
		if marker < 0xe0 || marker == jpegAPPE {
			p.need(start, at)
		}
	}
}

// nextMarker is the place of the next byte 0xff that is followed by a marker, -1 for none.
func nextMarker(d []byte, at int) int {
	for {
		i := bytes.IndexByte(d[at:], 0xff)
		if i < 0 || at+i+1 >= len(d) {
			return -1
		}
		at += i
		if m := d[at+1]; m != 0 && m != 0xff {
			return at
		}
		at++
	}
}

// entropyEnd is the end of the coded data that begins at at: the next marker that is none of its own.
func entropyEnd(d []byte, at int) int {
	for {
		at = nextMarker(d, at)
		if at < 0 || d[at+1]&^7 != jpegRST0 {
			return at
		}
		at += 2
	}
}

// jpegSegment takes what is needed from one segment.
func (p *Still) jpegSegment(marker byte, body []byte, t *jpegTables) error {
	switch {
	case marker == jpegDQT:
		return t.quantiser(body)
	case marker == jpegDHT:
		return t.huffman(body)
	case marker == jpegSOS:
		return t.scan(body)
	case marker == jpegAPP1 && bytes.HasPrefix(body, []byte("Exif\x00\x00")):
		p.orient(body[6:])
	case marker == jpegDAC || marker == jpegJPG:
		return errArithmetic
	case marker >= jpegSOF0 && marker < jpegSOF0+16:
		return p.jpegFrame(marker, body, t)
	}
	return nil
}

var errArithmetic = errors.New("arithmetic or hierarchical coding is not read; convert the file")

// jpegFrame reads the header of the frame: precision, height, width, and the components.
func (p *Still) jpegFrame(marker byte, body []byte, t *jpegTables) error {
	switch {
	case len(body) < 6 || len(body) < 6+3*int(body[5]) || p.Width != 0:
		return ErrDamaged
	case marker > jpegSOF0+2:
		return errArithmetic
	case body[0] != 8:
		return fmt.Errorf("%d bits a sample are not read, want 8; convert the file", body[0])
	}
	p.Height, p.Width = int(binary.BigEndian.Uint16(body[1:])), int(binary.BigEndian.Uint16(body[3:]))
	if p.Width == 0 || p.Height == 0 {
		return fmt.Errorf("%w: it has %d x %d pixels", ErrDamaged, p.Width, p.Height)
	}
	for c := range int(body[5]) {
		t.needed |= 1 << (body[6+3*c+2] & 7)
	}
	return nil
}

func (t *jpegTables) quantiser(body []byte) error {
	for len(body) > 0 {
		size := 1 + 64
		if body[0]>>4 != 0 {
			size += 64
		}
		if len(body) < size {
			return ErrDamaged
		}
		t.quantisers |= 1 << (body[0] & 7)
		body = body[size:]
	}
	return nil
}

func (t *jpegTables) huffman(body []byte) error {
	for len(body) > 0 {
		if len(body) < 17 {
			return ErrDamaged
		}
		size := 17
		for _, n := range body[1:17] {
			size += int(n)
		}
		if len(body) < size {
			return ErrDamaged
		}
		class := &t.dc
		if body[0]>>4 != 0 {
			class = &t.ac
		}
		*class |= 1 << (body[0] & 7)
		body = body[size:]
	}
	return nil
}

// scan holds what a scan names against the tables that are there.
func (t *jpegTables) scan(body []byte) error {
	if len(body) < 1 || len(body) < 1+2*int(body[0])+3 {
		return ErrDamaged
	}
	if t.scans++; t.scans > maxScans {
		return fmt.Errorf("%w: it has more than %d scans", ErrDamaged, maxScans)
	}
	n := int(body[0])
	first, last, refining := body[1+2*n], body[2+2*n], body[3+2*n]>>4 != 0
	missing := t.needed &^ t.quantisers
	for c := range n {
		table := body[2+2*c]
		if first == 0 && !refining {
			missing |= 1 << (table >> 4 & 7) &^ t.dc
		}
		if last > 0 {
			missing |= 1 << (table & 7) &^ t.ac
		}
	}
	if missing != 0 {
		return fmt.Errorf("%w: a table of its code is missing", ErrDamaged)
	}
	return nil
}
