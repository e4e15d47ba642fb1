package decode

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"sort"
	"time"
)

// Index is the list of a video's frames, in the order in which they are shown. It must not be changed; several Videos of
// one file share it.
type Index struct {
	info      Info   // as found with FFmpeg's long look; Path is not kept
	format    string // FFmpeg's name of the container
	codec     int    // FFmpeg's number of the codec
	delay     int    // frames by which the decoder reorders
	tb        Rational
	packets   []packet
	frames    []frameEntry
	byPacket  []int32 // first frame of each packet, -1: none
	plain     bool    // the frames follow from the packets: each gives one, and has a time of its own
	x264      int     // version of x264 that made an H.264 stream, 0: not known; the decoder allows for its mistakes
	skippable bool
	encrypted bool
	damage    int
}

// frameEntry is a frame of the index.
type frameEntry struct {
	pts    int64 // time base of the stream
	packet int32 // ordinal of the packet it is decoded from
	sent   int32 // ordinal of the packet that had to be sent before it came out
}

// Frames returns the number of frames.
func (x *Index) Frames() int { return len(x.frames) }

// PTS returns the presentation time of frame i in ticks of TimeBase, as the file has it. It panics unless 0 <= i < Frames().
func (x *Index) PTS(i int) int64 { return x.frames[i].pts }

// TimeBase returns the seconds of a tick.
func (x *Index) TimeBase() Rational { return x.tb }

// Time returns when frame i is shown, from the first frame on: Time(0) is 0. It panics unless 0 <= i < Frames().
func (x *Index) Time(i int) time.Duration {
	return duration(x.frames[i].pts-x.frames[0].pts, x.tb)
}

// Duration returns the time from the first frame to the end of the last one, found by reading; the header is not asked.
func (x *Index) Duration() time.Duration {
	n := len(x.frames)
	if n == 0 {
		return 0
	}
	return x.Time(n-1) + x.lastDuration()
}

// lastDuration is how long the last frame is shown: what its packet says, else the middle gap between frames.
func (x *Index) lastDuration() time.Duration {
	n := len(x.frames)
	if d := x.packets[x.frames[n-1].packet].duration; d > 0 {
		return duration(d, x.tb)
	}
	if n == 1 {
		return 0
	}
	gaps := make([]int64, n-1)
	for i := range gaps {
		gaps[i] = x.frames[i+1].pts - x.frames[i].pts
	}
	slices.Sort(gaps)
	return duration(gaps[len(gaps)/2], x.tb)
}

// At returns the frame shown at a time counted from the first frame: the last one that starts at or before it, and
// frame 0 before that. It returns -1 when there are no frames.
func (x *Index) At(t time.Duration) int {
	if len(x.frames) == 0 {
		return -1
	}
	// To the nearest tick: a frame's own Time, rounded to nanoseconds, must lead back to the frame.
	pts := x.frames[0].pts + rescale(int64(t), nanoseconds, x.tb)
	after := sort.Search(len(x.frames), func(i int) bool { return x.frames[i].pts > pts })
	return max(after-1, 0)
}

// Key tells whether decoding can start at frame i. It panics unless 0 <= i < Frames().
func (x *Index) Key(i int) bool {
	return x.frames[i].packet == 0 || x.packets[x.frames[i].packet].flags&(flagSafe|flagPreroll) != 0
}

// KeyFrames returns how many frames decoding can start at.
func (x *Index) KeyFrames() (n int) {
	for i := range x.frames {
		if x.Key(i) {
			n++
		}
	}
	return n
}

// infoFor is the stored Info under the path by which the file was opened this time.
func (x *Index) infoFor(path string) *Info {
	info := x.info
	info.Path = path
	return &info
}

// Index returns the list of the file's frames. The first call for a file reads it through, as far as it can be read;
// later ones, of later processes too, take the list from memory or disk.
func (v *Video) Index(ctx context.Context) (*Index, error) {
	if v.closed {
		return nil, wrap(ctx, v.path, "index", ErrClosed)
	}
	defer v.stop.watch(ctx)()
	if v.index == nil {
		if err := v.buildIndex(ctx); err != nil {
			return nil, wrap(ctx, v.path, "index", err)
		}
	}
	return v.index, nil
}

// buildIndex scans the packets of the source, which stands at its start, and stores the result.
func (v *Video) buildIndex(ctx context.Context) error {
	t := newTimer(v.src, v.info.Video, v.facts)
	found, err := scanPackets(ctx, v.src, v.info.Video, t, newBitstream(v.src, v.info.Video, v.facts))
	if err != nil && !errors.Is(err, errTooManyPackets) {
		return err
	}
	if found.encrypted {
		return ErrEncrypted
	}
	x := &Index{
		info: *v.info, format: v.info.Format, codec: int(v.facts.c.codec_id), delay: int(v.facts.c.delay), tb: v.facts.tb(),
		packets: found.packets, skippable: found.skippable, damage: found.damage, x264: found.x264,
	}
	x.info.Path = ""
	x.plainFrames()
	if !x.plain {
		if err := v.decodeFrames(ctx, x); err != nil {
			return err
		}
	}
	x.number()
	v.index = x
	storeIndex(v.opts.IndexDir, v.key, x)
	v.src.close() // it stands at its end; the next use opens it anew
	v.src = nil
	return nil
}

// reorderLimit is by how many places the order of display may differ from the order of the file: the codecs hold 16
// pictures back at most. Where it is more, the clock jumps, and times do not tell the order.
const reorderLimit = 32

// plainFrames lists the frames when the packets tell all about them, and sets x.plain: each packet gives one, each has a
// time of its own, and the stream begins where decoding can begin.
func (x *Index) plainFrames() {
	frames := make([]frameEntry, 0, len(x.packets))
	for i, p := range x.packets {
		if p.flags&(flagDiscard|flagHidden) != 0 {
			continue
		}
		if p.pts == noPTS {
			return
		}
		frames = append(frames, frameEntry{p.pts, int32(i), int32(len(frames))})
	}
	if len(x.packets) > 0 && x.packets[0].flags&(flagSafe|flagKey) == 0 {
		return
	}
	slices.SortStableFunc(frames, func(a, b frameEntry) int { return cmp.Compare(a.pts, b.pts) })
	for i := range frames {
		if moved := int(frames[i].sent) - i; max(moved, -moved) > reorderLimit || i > 0 && frames[i].pts == frames[i-1].pts {
			return
		}
		frames[i].sent = frames[i].packet
	}
	// A codec that reorders, and no packet out of order: the times are those of the file's order, not of display.
	if x.delay > 0 && len(frames) > x.delay && !x.reordered(frames) {
		return
	}
	// Pictures shown before the first key frame refer to what is not there: decoders drop them.
	if len(frames) > 0 && frames[0].packet != 0 && x.packets[0].flags&(flagDiscard|flagHidden) == 0 {
		return
	}
	x.frames, x.plain = frames, true
}

// reordered tells whether frames, in the order of display, come in another order in the file.
func (x *Index) reordered(frames []frameEntry) bool {
	return !slices.IsSortedFunc(frames, func(a, b frameEntry) int { return cmp.Compare(a.packet, b.packet) })
}

// number fills byPacket.
func (x *Index) number() {
	x.byPacket = make([]int32, len(x.packets))
	for i := range x.byPacket {
		x.byPacket[i] = -1
	}
	for i, f := range x.frames {
		if x.byPacket[f.packet] < 0 {
			x.byPacket[f.packet] = int32(i)
		}
	}
}
