package decode

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"
)

const pngMagic = "\x89PNG\r\n\x1a\n"

// readPNG walks the chunks. The decoder gets those that make the picture, without the one that says that it ends: so it has to
// find for itself that all rows are there. Of an animation that is the picture for readers that know none.
func (p *Still) readPNG() error {
	d := p.data
	p.need(0, len(pngMagic))
	coloured := false
	for at := len(pngMagic); ; {
		if len(d)-at < 12 {
			return ErrCutOff
		}
		size, name := int64(binary.BigEndian.Uint32(d[at:])), string(d[at+4:at+8])
		if size > int64(len(d)-at-12) {
			return ErrCutOff
		}
		body, next := d[at+8:at+8+int(size)], at+12+int(size)
		if at == len(pngMagic) && (name != "IHDR" || size != 13) {
			return ErrDamaged
		}
		coloured = coloured || name == "PLTE"
		switch name {
		case "IEND":
			return nil
		case "eXIf":
			p.orient(body)
		case "IHDR", "PLTE", "tRNS", "IDAT":
			if crc32.ChecksumIEEE(d[at+4:next-4]) != binary.BigEndian.Uint32(d[next-4:]) {
				return fmt.Errorf("%w: the check sum of its part %s is wrong", ErrDamaged, name)
			}
			p.need(at, next)
		}
		if name == "IDAT" && !coloured {
			return fmt.Errorf("%w: its palette is missing", ErrDamaged)
		}
		if name == "IHDR" {
			coloured = body[9] != 3 // a palette follows
			p.Width, p.Height = int(binary.BigEndian.Uint32(body)), int(binary.BigEndian.Uint32(body[4:]))
			if p.Height > 0 && p.Width > MaxStillPixels/p.Height {
				return nil // the check sums of what follows cost time
			}
		}
		at = next
	}
}
