package decode

import "context"

// decodeFrames lists the frames of a stream whose packets do not tell them: times are missing or double, a packet holds
// two pictures or half of one. It decodes the file once from its start, with the packet times of x.
func (v *Video) decodeFrames(ctx context.Context, x *Index) error {
	src, err := openSource(ctx, v.stop, v.path, x.format, v.opts.MaxPixels)
	if err != nil {
		return err
	}
	defer func() { src.close() }()
	if err := src.findStreams(); err != nil {
		return notVideo(err)
	}
	if src.streams() <= v.info.Video {
		return errDesync
	}
	src.only(v.info.Video)
	dec, err := newDecoder(src, v.info.Video, v.facts, x.delay, x.x264, v.opts)
	if err != nil {
		return err
	}
	defer dec.close()
	l := lister{x: x, dec: dec}
	for i := range x.packets {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := src.read(v.info.Video); err != nil {
			break // as in the scan, what was read is used
		}
		if src.packet.Size() > 0 {
			src.packet.SetPts(x.packets[i].pts)
			src.packet.SetDts(x.packets[i].dts)
			dec.send(src.packet, i)
			l.receive(i, false)
		}
		src.packet.Unref()
	}
	dec.send(nil, len(x.packets))
	l.receive(len(x.packets)-1, true)
	x.frames = l.frames
	return nil
}

// lister collects the frames of a whole stream.
type lister struct {
	x      *Index
	dec    *decoder
	frames []frameEntry
	due    int64 // time at which the next frame is expected, for those without any
	drains int
}

func (l *lister) receive(sent int, atEnd bool) {
	for l.dec.receive() {
		facts := factsOf(l.dec.frame)
		pts := int64(facts.c.best)
		if pts == noPTS && atEnd {
			pts = l.drained()
		}
		if pts == noPTS {
			pts = l.due
		}
		if n := len(l.frames); n > 0 { // a clock that runs backwards stands still instead, as it does in FFmpeg's listings
			pts = max(pts, l.frames[n-1].pts)
		}
		if d := int64(facts.c.duration); d > 0 {
			l.due = pts + d
		} else {
			l.due = pts + 1
		}
		ordinal := int32(min(max(int64(facts.c.opaque), 0), int64(len(l.x.packets)-1)))
		l.frames = append(l.frames, frameEntry{pts, ordinal, int32(sent)})
	}
}

// drained is the time of a frame that comes out only at the end of the stream, and has none: the times go on as the
// packets' did, one step for each such frame.
func (l *lister) drained() int64 {
	n := len(l.x.packets)
	if n == 0 {
		return noPTS
	}
	last := l.x.packets[n-1]
	l.drains++
	return last.dts + int64(l.drains)*l.x.step()
}

// step is the time from one packet to the next at the end of the stream, in ticks, at least 1.
func (x *Index) step() int64 {
	n := len(x.packets)
	if d := x.packets[n-1].duration; d > 0 {
		return d
	}
	if n > 1 {
		return max(1, x.packets[n-1].dts-x.packets[n-2].dts)
	}
	return 1
}
