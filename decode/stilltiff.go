package decode

import (
	"bytes"
	"encoding/binary"
)

// Tags of a TIFF directory.
const (
	tagWidth       = 256
	tagHeight      = 257
	tagOrientation = 274
)

// readTIFF reads the first directory.
func (p *Still) readTIFF() error {
	values, ok := tiffTags(p.data)
	if !ok {
		return ErrCutOff
	}
	p.Width, p.Height = values[tagWidth], values[tagHeight]
	p.turn(values[tagOrientation])
	p.data = withoutUnknownTags(p.data)
	p.whole()
	return nil
}

// knownTags are those that FFmpeg's decoder makes something of. Any other is damage to it when damage is to be an error.
var knownTags = map[uint16]bool{254: true, 256: true, 257: true, 258: true, 259: true, 262: true, 266: true, 273: true, 277: true,
	278: true, 279: true, 284: true, 292: true, 293: true, 317: true, 320: true, 322: true, 323: true, 324: true, 325: true, 347: true,
	530: true, 532: true}

// withoutUnknownTags returns a copy whose first directory, which is whole, has known tags alone.
func withoutUnknownTags(d []byte) []byte {
	order, at, n := tiffDirectory(d)
	c := bytes.Clone(d)
	kept := int64(0)
	for i := range n {
		if e := d[at+12*i:][:12]; knownTags[order.Uint16(e)] {
			copy(c[at+12*kept:], e)
			kept++
		}
	}
	order.PutUint16(c[at-2:], uint16(kept))
	return c
}

// tiffDirectory finds the entries of the first directory, 12 bytes each from at on; there are none when that is not whole.
func tiffDirectory(d []byte) (order binary.ByteOrder, at, n int64) {
	order = binary.LittleEndian
	if len(d) < 8 {
		return order, 0, 0
	}
	if d[0] == 'M' {
		order = binary.BigEndian
	}
	at = int64(order.Uint32(d[4:]))
	if at+2 > int64(len(d)) {
		return order, 0, 0
	}
	n = int64(order.Uint16(d[at:]))
	if at+2+12*n > int64(len(d)) {
		return order, 0, 0
	}
	return order, at + 2, n
}

// orient takes the orientation from Exif data, which has the form of a TIFF file. Data that does not make sense says nothing.
func (p *Still) orient(exif []byte) {
	values, _ := tiffTags(exif)
	p.turn(values[tagOrientation])
}

// turn sets rotation and mirroring by the numbers of Exif, 1 to 8; others say nothing.
func (p *Still) turn(orientation int) {
	if orientation >= 1 && orientation <= 8 {
		p.Rotation = [...]int{0, 0, 180, 180, 90, 90, 270, 270}[orientation-1]
		p.Mirrored = [...]bool{false, true, false, true, true, false, true, false}[orientation-1]
	}
}

// tiffTags returns the first value of the tags above in the first directory, and false when that is not whole.
func tiffTags(d []byte) (values map[int]int, whole bool) {
	order, at, n := tiffDirectory(d)
	values = map[int]int{}
	for i := range n {
		e := d[at+12*i:]
		tag := int(order.Uint16(e))
		if tag != tagWidth && tag != tagHeight && tag != tagOrientation {
			continue
		}
		switch order.Uint16(e[2:]) {
		case 3: // 16 bits
			values[tag] = int(order.Uint16(e[8:]))
		case 4: // 32 bits
			values[tag] = int(order.Uint32(e[8:]))
		}
	}
	return values, n > 0
}
