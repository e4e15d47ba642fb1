package decode

import (
	"testing"

	"github.com/asticode/go-astiav"
)

func TestWhereDecodingCanStart(t *testing.T) {
	idr, slice, sps := []byte{0x65, 1}, []byte{0x41, 1}, []byte{0x67, 1}
	withLengths := func(nals ...[]byte) (out []byte) {
		for _, n := range nals {
			out = append(append(out, 0, 0, 0, byte(len(n))), n...)
		}
		return out
	}
	withCodes := func(nals ...[]byte) (out []byte) {
		for _, n := range nals {
			out = append(append(out, 0, 0, 1), n...)
		}
		return append(out, 0)
	}
	for _, c := range []struct {
		name  string
		codec astiav.CodecID
		nal   int
		data  []byte
		key   bool
		want  packetFlag
	}{
		{"H.264 IDR, lengths", astiav.CodecIDH264, 4, withLengths(sps, idr), true, flagSafe},
		{"H.264 IDR, codes", astiav.CodecIDH264, 0, withCodes(sps, idr), true, flagSafe},
		{"H.264 recovery point", astiav.CodecIDH264, 4, withLengths(slice), true, flagPreroll},
		{"H.264 other", astiav.CodecIDH264, 4, withLengths(slice), false, 0},
		{"H.264 cut", astiav.CodecIDH264, 4, []byte{0, 0, 1, 0, 0x65}, true, 0},
		{"HEVC CRA", astiav.CodecIDHevc, 0, withCodes([]byte{21 << 1, 1}), true, flagSafe},
		{"HEVC trailing", astiav.CodecIDHevc, 0, withCodes([]byte{1 << 1, 1}), true, 0},
		{"VP8 key", astiav.CodecIDVp8, 0, []byte{0x10}, true, flagSafe},
		{"VP8 hidden", astiav.CodecIDVp8, 0, []byte{0x01}, false, flagHidden},
		{"VP9 key", astiav.CodecIDVp9, 0, []byte{0x82}, true, flagSafe},
		{"VP9 hidden", astiav.CodecIDVp9, 0, []byte{0x84}, false, flagHidden},
		{"VP9 hidden in a superframe", astiav.CodecIDVp9, 0, []byte{0x84, 0, 0xc0}, false, 0},
		{"GIF", astiav.CodecIDGif, 0, []byte{1}, true, 0},
	} {
		b := &bitstream{codec: c.codec, nalLength: c.nal}
		if got := b.start(c.data, c.key); got != c.want {
			t.Errorf("%s: flags %b, want %b", c.name, got, c.want)
		}
	}
}

func TestTemporalLayersForbidSkipping(t *testing.T) {
	b := &bitstream{codec: astiav.CodecIDHevc}
	b.start([]byte{0, 0, 1, 0 << 1, 1, 0}, false)
	if !b.skippable() {
		t.Error("one layer: pictures that nothing refers to can be left out")
	}
	b.start([]byte{0, 0, 1, 0 << 1, 2, 0}, false)
	if b.skippable() {
		t.Error("two layers: such a picture may be a reference of the higher one")
	}
}

func TestX264Version(t *testing.T) {
	if got := x264Version([]byte("....x264 - core 142 r2479")); got != 142 {
		t.Errorf("version %d", got)
	}
	if got := x264Version([]byte("something else")); got != 0 {
		t.Errorf("version %d of another encoder", got)
	}
}
