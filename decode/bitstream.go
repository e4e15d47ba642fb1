package decode

// #include <libavcodec/avcodec.h>
// #include "av.h"
import "C"

import (
	"bytes"
	"unsafe"

	"github.com/asticode/go-astiav"
)

// codecAV1 is missing in go-astiav.
const codecAV1 = astiav.CodecID(C.AV_CODEC_ID_AV1)

// bitstream looks into packets as far as is needed to know where decoding can start, and which packets may be left out.
type bitstream struct {
	codec     astiav.CodecID
	intra     bool // every packet stands alone
	nalLength int  // bytes of the length in front of a NAL unit; 0: start codes
	x264      int  // version of x264 named in the first H.264 packet, 0: none
	seen      bool // a packet was inspected
	layers    bool // HEVC with temporal layers: a "non-reference" picture may be one for a higher layer
}

func newBitstream(s *source, stream int, facts streamFacts) *bitstream {
	b := &bitstream{codec: astiav.CodecID(facts.c.codec_id), intra: facts.c.intra_only != 0}
	var size C.int
	data := C.vd_stream_extradata(s.c, C.int(stream), &size)
	extra := unsafe.Slice((*byte)(data), int(size))
	switch {
	case b.codec == astiav.CodecIDH264 && len(extra) >= 7 && extra[0] == 1:
		b.nalLength = int(extra[4]&3) + 1
	case b.codec == astiav.CodecIDHevc && len(extra) >= 23 && (extra[0] != 0 || extra[1] != 0 || extra[2] > 1):
		b.nalLength = int(extra[21]&3) + 1
	}
	return b
}

// skippable tells whether packets that nothing refers to may be left out of decoding, exactly. It is asked after the scan.
func (b *bitstream) skippable() bool {
	switch b.codec {
	case astiav.CodecIDH264, astiav.CodecIDMpeg1Video, astiav.CodecIDMpeg2Video:
		return true
	case astiav.CodecIDHevc:
		return !b.layers
	default: // the state of the entropy coder, or the segmentation, goes through every frame of VP8 and VP9
		return false
	}
}

// inspect returns the flags of a packet.
func (b *bitstream) inspect(p *astiav.Packet) packetFlag {
	var flags packetFlag
	if p.Flags().Has(astiav.PacketFlagKey) {
		flags |= flagKey
	}
	if p.Flags().Has(astiav.PacketFlagDiscard) {
		flags |= flagDiscard
	}
	if p.Flags().Has(astiav.PacketFlagCorrupt) {
		flags |= flagCorrupt
	}
	var size C.int
	data := unsafe.Slice((*byte)(C.vd_packet_data(handle(p), &size)), int(size))
	if len(data) == 0 {
		return flags | flagHidden
	}
	return flags | b.start(data, flags&flagKey != 0)
}

// start finds out whether decoding can start at the packet, and whether it shows a picture.
func (b *bitstream) start(data []byte, key bool) packetFlag {
	switch b.codec {
	case astiav.CodecIDH264:
		return b.startH264(data, key)
	case astiav.CodecIDHevc:
		return b.startHEVC(data)
	case astiav.CodecIDVp8:
		return startVP8(data)
	case astiav.CodecIDVp9:
		return startVP9(data, key)
	case codecAV1, astiav.CodecIDMpeg1Video, astiav.CodecIDMpeg2Video, astiav.CodecIDMpeg4,
		astiav.CodecIDH263, astiav.CodecIDH263P, astiav.CodecIDFlv1, astiav.CodecIDMsmpeg4V1, astiav.CodecIDMsmpeg4V2,
		astiav.CodecIDMsmpeg4V3, astiav.CodecIDWmv1, astiav.CodecIDWmv2, astiav.CodecIDTheora, astiav.CodecIDVc1,
		astiav.CodecIDWmv3, astiav.CodecIDFfv1:
		if key {
			return flagSafe
		}
	default: // a key flag means little elsewhere: the frames of a GIF all carry it, and build on one another
		if b.intra {
			return flagSafe
		}
	}
	return 0
}

func (b *bitstream) startH264(data []byte, key bool) (flags packetFlag) {
	if !b.seen {
		b.seen = true
		b.x264 = x264Version(data)
	}
	b.nals(data, func(nal []byte) bool {
		switch nal[0] & 31 {
		case 5: // IDR slice
			flags = flagSafe
			return false
		case 1, 2: // slice that is no IDR
			if key {
				flags = flagPreroll
			}
			return false
		}
		return true
	})
	return flags
}

// x264Version reads what x264 writes into the first packet of a stream. Old versions coded 4:4:4 wrongly; decoders make
// up for that when they know the version, and they do not when decoding starts later.
func x264Version(data []byte) (version int) {
	const name = "x264 - core "
	at := bytes.Index(data[:min(len(data), 4096)], []byte(name))
	if at < 0 {
		return 0
	}
	for _, c := range data[at+len(name):] {
		if c < '0' || c > '9' || version > 9999 {
			break
		}
		version = version*10 + int(c-'0')
	}
	return version
}

func (b *bitstream) startHEVC(data []byte) (flags packetFlag) {
	b.nals(data, func(nal []byte) bool {
		kind := nal[0] >> 1 & 63
		if kind > 31 { // not a slice
			return true
		}
		if len(nal) > 1 && nal[1]&7 > 1 {
			b.layers = true
		}
		if kind >= 16 && kind <= 21 { // a random access point: BLA, IDR or CRA
			flags = flagSafe
		}
		return false
	})
	return flags
}

// nals calls each with the NAL units of a packet, none of them empty, until it returns false.
func (b *bitstream) nals(data []byte, each func(nal []byte) bool) {
	if b.nalLength == 0 {
		startCodes(data, each)
		return
	}
	for len(data) > b.nalLength {
		n := 0
		for _, v := range data[:b.nalLength] {
			n = n<<8 | int(v)
		}
		data = data[b.nalLength:]
		if n > len(data) {
			return
		}
		if n > 0 && !each(data[:n]) {
			return
		}
		data = data[n:]
	}
}

func startCodes(data []byte, each func(nal []byte) bool) {
	for i := 0; i+3 < len(data); i++ {
		if data[i] == 0 && data[i+1] == 0 && data[i+2] == 1 && !each(data[i+3:]) {
			return
		}
	}
}

func startVP8(data []byte) (flags packetFlag) {
	if data[0]&1 == 0 {
		flags |= flagSafe
	}
	if data[0]>>4&1 == 0 {
		flags |= flagHidden
	}
	return flags
}

// startVP9 reads the uncompressed header as far as show_frame. In a superframe the last frame is the one shown.
func startVP9(data []byte, key bool) (flags packetFlag) {
	if data[0]>>6 != 2 {
		return 0
	}
	bit := 4
	if data[0]>>4&3 == 3 { // profile 3 has a reserved bit
		bit++
	}
	get := func(i int) byte { return data[0] >> (7 - i) & 1 }
	if get(bit) == 1 { // shows a frame that exists
		return 0
	}
	if get(bit+1) == 0 && key {
		flags |= flagSafe
	}
	superframe := data[len(data)-1]&0xe0 == 0xc0
	if get(bit+2) == 0 && !superframe {
		flags |= flagHidden
	}
	return flags
}
