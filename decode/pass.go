package decode

import (
	"context"
	"errors"

	"github.com/asticode/go-astiav"
)

// pass is one stretch of decoding: from a packet where decoding can start to the last one that is needed.
type pass struct {
	from, last int                   // ordinals of packets
	wanted     func(packet int) bool // packets that must be decoded even when nothing refers to them; nil: all
	stamp      bool                  // give the packets the times of the index, for the decoder's guess of the frames' times
	// emit is called with each frame: index of the frame, -1 for one that the index does not have. It returns false when
	// nothing more is wanted.
	emit func(frame int) (more bool, err error)
}

// run decodes one pass. The current frame is v.dec.frame during emit.
func (v *Video) run(ctx context.Context, p pass) error {
	if err := v.moveTo(ctx, p.from); err != nil {
		return err
	}
	v.dec.flush()
	c := counter{index: v.index, last: -1}
	for ordinal := p.from; ordinal <= p.last; ordinal++ {
		if err := v.nextPacket(ctx); err != nil {
			if errors.Is(err, errDesync) || ctx.Err() != nil {
				return err
			}
			break // the file cannot be read further; what the decoder holds is still good
		}
		v.feed(ordinal, p)
		if more, err := v.drainTo(&c, p.emit); !more || err != nil {
			return err
		}
	}
	v.dec.skip(false)
	v.dec.send(nil, p.last)
	_, err := v.drainTo(&c, p.emit)
	v.src.next = max(v.src.next, -1)
	return err
}

// feed sends the source's packet to the decoder, and frees it.
func (v *Video) feed(ordinal int, p pass) {
	defer v.src.packet.Unref()
	if v.src.packet.Size() == 0 {
		return // an empty packet would end the stream
	}
	v.dec.skip(p.wanted != nil && v.index.skippable && !p.wanted(ordinal))
	if p.stamp {
		v.src.packet.SetPts(v.index.packets[ordinal].pts)
		v.src.packet.SetDts(v.index.packets[ordinal].dts)
	}
	v.dec.send(v.src.packet, ordinal)
}

// drainTo hands out the frames that the decoder has ready.
func (v *Video) drainTo(c *counter, emit func(frame int) (bool, error)) (more bool, err error) {
	for v.dec.receive() {
		if more, err := emit(c.frame(v.dec.frame)); !more || err != nil {
			return false, err
		}
	}
	return true, nil
}

// counter finds the frame of the index for each decoded frame.
type counter struct {
	index *Index
	last  int64 // ordinal of the packet of the last frame
	nth   int32 // frames of that packet so far
}

func (c *counter) frame(f *astiav.Frame) int {
	ordinal := int64(factsOf(f).c.opaque)
	if ordinal == c.last {
		c.nth++
	} else {
		c.last, c.nth = ordinal, 0
	}
	if ordinal < 0 || ordinal >= int64(len(c.index.byPacket)) {
		return -1
	}
	first := c.index.byPacket[ordinal]
	if first < 0 {
		return -1
	}
	i := first + c.nth
	if int(i) >= len(c.index.frames) || int64(c.index.frames[i].packet) != ordinal {
		return -1
	}
	return int(i)
}
