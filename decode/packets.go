package decode

import (
	"context"
	"errors"

	"github.com/asticode/go-astiav"
)

// packetFlag is what the scan found out about a packet.
type packetFlag uint8

const (
	flagKey     packetFlag = 1 << iota // the container calls it a key frame
	flagSafe                           // decoding can start here: nothing after it in time needs anything before it
	flagPreroll                        // decoding can start here if it started one safe packet earlier (recovery point)
	flagDiscard                        // outside the edit list: decoded, not shown
	flagHidden                         // gives no picture of its own (an alternative reference)
	flagCorrupt                        // the demuxer says that bytes are missing
)

// packet is one entry of the index, in the order of the file.
type packet struct {
	pts, dts int64 // time base of the stream, corrected as timer does; noPTS when not known
	shift    int64 // corrected minus raw time
	duration int64 // time base of the stream; 0 when not known
	pos      int64 // byte in the file, -1 when not known
	size     int32 // bytes
	flags    packetFlag
}

// rawPTS is the pts as the demuxer gives it.
func (p *packet) rawPTS() int64 {
	if p.pts == noPTS {
		return noPTS
	}
	return p.pts - p.shift
}

// scanLimit bounds the memory of an index, to some 200 MB: packets of one stream (19 hours at 60 frames a second).
const scanLimit = 4 << 20

// errTooManyPackets stops the scan of a file that does not end.
var errTooManyPackets = errors.New("more packets than an index holds")

// scan is the result of reading all packets of a stream.
type scan struct {
	packets   []packet
	damage    int  // packets flagged corrupt, and 1 when reading stopped before the end
	encrypted bool // a packet needs a key
	skippable bool // packets that nothing refers to can be told, and left out
	x264      int  // as in Index
}

// scanPackets reads the stream from where the source stands to its end. A read error ends the scan and counts as damage:
// what was read until then is used.
func scanPackets(ctx context.Context, s *source, stream int, t *timer, codec *bitstream) (scan, error) {
	var out scan
	for {
		if err := ctx.Err(); err != nil {
			return out, err
		}
		switch err := s.read(stream); {
		case err != nil && ctx.Err() != nil:
			return out, ctx.Err()
		case err != nil:
			if !errors.Is(err, astiav.ErrEof) {
				out.damage++
			}
			out.skippable, out.x264 = codec.skippable(), codec.x264
			return out, nil
		}
		if len(out.packets) == scanLimit {
			s.packet.Unref()
			return out, errTooManyPackets
		}
		p := t.packet(s)
		p.flags = codec.inspect(s.packet)
		if p.flags&flagCorrupt != 0 {
			out.damage++
		}
		out.encrypted = out.encrypted || packetEncrypted(s.packet)
		out.packets = append(out.packets, p)
		s.packet.Unref()
	}
}
