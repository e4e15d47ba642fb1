package decode

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"hash/crc32"
)

// An index file: magic, then the length of the header, the header (JSON), the packets and the frames as variable-length
// integers, and a CRC-32 of all that. Packets and frames are stored as differences, a few bytes each.
var indexMagic = []byte("vsslidx\x02")

type indexHeader struct {
	Info      Info
	Format    string
	Codec     int
	Delay     int
	TB        Rational
	Plain     bool
	Skippable bool
	Damage    int
	X264      int
	Packets   int
	Frames    int
}

func marshalIndex(x *Index) []byte {
	header, err := json.Marshal(indexHeader{
		x.info, x.format, x.codec, x.delay, x.tb, x.plain, x.skippable, x.damage, x.x264, len(x.packets), len(x.frames),
	})
	if err != nil {
		panic("decode: an index header of plain data: " + err.Error())
	}
	b := bytes.Clone(indexMagic)
	b = binary.AppendUvarint(b, uint64(len(header)))
	b = append(b, header...)
	var last packet
	for _, p := range x.packets {
		b = append(b, byte(p.flags))
		b = binary.AppendUvarint(b, uint64(p.size))
		for _, d := range []int64{p.pos - last.pos, p.dts - last.dts, p.pts - p.dts, p.shift - last.shift, p.duration - last.duration} {
			b = binary.AppendVarint(b, d) // differences may wrap; adding them up wraps back
		}
		last = p
	}
	if !x.plain {
		var f0 frameEntry
		for _, f := range x.frames {
			b = binary.AppendVarint(b, f.pts-f0.pts)
			b = binary.AppendVarint(b, int64(f.packet)-int64(f0.packet))
			b = binary.AppendVarint(b, int64(f.sent)-int64(f0.sent))
			f0 = f
		}
	}
	return binary.LittleEndian.AppendUint32(b, crc32.ChecksumIEEE(b))
}

var errIndexFile = errors.New("not a whole index file")

func unmarshalIndex(b []byte) (*Index, error) {
	n := len(b) - 4
	if n < len(indexMagic) || !bytes.HasPrefix(b, indexMagic) || crc32.ChecksumIEEE(b[:n]) != binary.LittleEndian.Uint32(b[n:]) {
		return nil, errIndexFile
	}
	r := varints{b: b[len(indexMagic):n]}
	var h indexHeader
	if err := json.Unmarshal(r.bytes(r.uvarint()), &h); err != nil {
		return nil, err
	}
	// A packet takes seven bytes at least, so a header cannot make more of them than there are.
	if h.Packets < 0 || h.Packets > len(r.b)/7 || h.Frames < 0 || h.Frames > len(r.b) || h.Info.Video < 0 || h.Info.Video >= len(h.Info.Streams) {
		return nil, errIndexFile
	}
	x := &Index{
		info: h.Info, format: h.Format, codec: h.Codec, delay: h.Delay, tb: h.TB, skippable: h.Skippable, damage: h.Damage, x264: h.X264,
		packets: make([]packet, h.Packets),
	}
	r.packets(x.packets)
	if h.Plain {
		x.plainFrames()
	} else {
		x.frames = make([]frameEntry, h.Frames)
		r.frames(x.frames, h.Packets)
	}
	if r.failed || len(x.frames) != h.Frames {
		return nil, errIndexFile
	}
	x.number()
	return x, nil
}

// varints reads integers off a slice, and remembers when it ran out.
type varints struct {
	b      []byte
	failed bool
}

func (r *varints) uvarint() uint64 {
	v, n := binary.Uvarint(r.b)
	r.advance(n)
	return v
}

func (r *varints) varint() int64 {
	v, n := binary.Varint(r.b)
	r.advance(n)
	return v
}

func (r *varints) advance(n int) {
	if n <= 0 {
		r.failed, r.b = true, nil
		return
	}
	r.b = r.b[n:]
}

func (r *varints) bytes(n uint64) []byte {
	if n > uint64(len(r.b)) {
		r.failed, r.b = true, nil
		return nil
	}
	out := r.b[:n]
	r.b = r.b[n:]
	return out
}

func (r *varints) packets(out []packet) {
	var last packet
	for i := range out {
		p := &out[i]
		if flags := r.bytes(1); flags != nil {
			p.flags = packetFlag(flags[0])
		}
		p.size = int32(r.uvarint())
		p.pos = last.pos + r.varint()
		p.dts = last.dts + r.varint()
		p.pts = p.dts + r.varint()
		p.shift = last.shift + r.varint()
		p.duration = last.duration + r.varint()
		last = *p
	}
}

func (r *varints) frames(out []frameEntry, packets int) {
	var last frameEntry
	for i := range out {
		f := &out[i]
		f.pts = last.pts + r.varint()
		f.packet = last.packet + int32(r.varint())
		f.sent = last.sent + int32(r.varint())
		if f.packet < 0 || int(f.packet) >= packets {
			r.failed = true
		}
		last = *f
	}
}
