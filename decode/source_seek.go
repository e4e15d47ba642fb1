package decode

import (
	"context"
	"strings"

	"github.com/asticode/go-astiav"
)

// seekMethod is how a container is told to move.
type seekMethod uint8

const (
	seekByTime  seekMethod = iota // by the time of the key frame
	seekByByte                    // to the byte where its packet begins
	seekByStart                   // by opening the file again and reading on without decoding
)

// firstMethod is what to try first. Times in MPEG streams wrap and jump, and raw streams have none, but bytes are exact.
func firstMethod(format string) seekMethod {
	switch format {
	case "mpegts", "mpeg", "mpegvideo", "h264", "hevc", "m4v", "vc1", "flv":
		return seekByByte
	}
	return seekByTime
}

// readAhead is how many packets are read and thrown away rather than sought over: a seek costs about as much.
const readAhead = 32

// moveTo brings the source to the packet with an ordinal, so that the next read returns it. Where the packet arrives is
// checked against the index; a container that seeks wrongly is given up for a slower, surer way.
func (v *Video) moveTo(ctx context.Context, ordinal int) error {
	for {
		err := v.tryMove(ctx, ordinal)
		if err == nil || ctx.Err() != nil {
			return err
		}
		v.src.drop()
		v.src.next = -1
		if v.seek == seekByStart {
			return err
		}
		v.seek++
	}
}

func (v *Video) tryMove(ctx context.Context, ordinal int) error {
	at := v.src.next
	if at >= 0 && at <= ordinal && (ordinal-at <= readAhead || v.seek == seekByStart) {
		return v.readUntil(ctx, ordinal)
	}
	v.src.drop()
	if v.seek != seekByStart {
		if err := v.jump(ordinal); err != nil {
			return err
		}
	} else if err := v.reopen(ctx); err != nil {
		return err
	}
	return v.readUntil(ctx, ordinal)
}

// jump seeks, and finds out from the index which packet came.
func (v *Video) jump(ordinal int) error {
	p := v.index.packets[ordinal]
	var err error
	switch {
	case v.seek == seekByByte && p.pos >= 0:
		err = v.src.seekByte(p.pos)
	case v.seek == seekByByte:
		err = errDesync
	default:
		err = v.src.seekTime(v.info.Video, seekTarget(v.index.format, p))
	}
	if err != nil {
		return err
	}
	if err := v.src.read(v.info.Video); err != nil {
		return err
	}
	v.src.held = true
	found := v.index.recognise(v.src.packet, ordinal)
	if found < 0 {
		return errDesync
	}
	v.src.next = found
	return nil
}

// seekTarget is the time to seek to for a packet: Matroska and its like list key frames by when they are shown, others
// by when they are decoded.
func seekTarget(format string, p packet) int64 {
	if raw := p.rawPTS(); raw != noPTS && (strings.Contains(format, "matroska") || format == "ogg" || format == "asf") {
		return raw
	}
	return p.dts - p.shift
}

// recognise returns the ordinal of a packet, the nearest at or before the wanted one; -1 when it is not in the index.
func (x *Index) recognise(p *astiav.Packet, wanted int) int {
	pos, size, pts := p.Pos(), int32(p.Size()), p.Pts()
	for i := wanted; i >= 0; i-- {
		q := &x.packets[i]
		if q.size == size && q.pos == pos && (pos >= 0 || q.rawPTS() == pts) {
			return i
		}
	}
	return -1
}

// readUntil reads on until the next packet is the one with the ordinal.
func (v *Video) readUntil(ctx context.Context, ordinal int) error {
	for v.src.next < ordinal {
		if err := v.nextPacket(ctx); err != nil {
			return err
		}
		v.src.packet.Unref()
	}
	return nil
}

// nextPacket reads the packet that follows in the index, and makes sure that it is that one.
func (v *Video) nextPacket(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	ordinal := v.src.next
	if err := v.src.read(v.info.Video); err != nil {
		return err
	}
	if ordinal >= len(v.index.packets) || v.index.packets[ordinal].size != int32(v.src.packet.Size()) {
		v.src.packet.Unref()
		v.src.next = -1
		return errDesync
	}
	return nil
}
