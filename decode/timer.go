package decode

// #include "av.h"
import "C"

// timer gives the packets of a stream the times that FFmpeg's command line gives them when it is told to copy times
// (-copyts): clocks that wrap go on counting, and a stream without times gets them from its frame rate.
// So a frame's pts here is the one that framemd5 prints.
type timer struct {
	stream    int
	tb        Rational
	start     int64    // of the container, microseconds; noPTS when not known
	wrapBits  int      // width of the container's clock
	jumps     bool     // the container's clock may jump (MPEG streams)
	rate      Rational // of the decoder, for packets without a duration
	ticks     int64    // of the decoder, a frame
	next, dts int64    // microseconds; next is the time at which the next packet is expected
	wrapDone  bool
	offset    int64 // microseconds, added to all that comes
}

const tsDiscont = 0x0200 // AVFMT_TS_DISCONT

func newTimer(s *source, stream int, facts streamFacts) *timer {
	t := &timer{
		stream: stream, tb: facts.tb(), start: int64(C.vd_start_time(s.c)), wrapBits: int(facts.c.wrap_bits),
		jumps: C.vd_format_flags(s.c)&tsDiscont != 0, rate: facts.avg(), ticks: 1, next: noPTS,
	}
	// The decoder's delay is taken off in front, so that the first picture put out is at 0.
	if avg := facts.avg(); avg.known() {
		t.dts = -int64(float64(facts.c.delay) * 1e6 / avg.Float())
	}
	return t
}

// packet returns the index entry of the source's current packet, without flags.
func (t *timer) packet(s *source) packet {
	raw := s.packet
	p := packet{pts: raw.Pts(), dts: raw.Dts(), duration: raw.Duration(), pos: raw.Pos(), size: int32(raw.Size())}
	t.unwrap(&p)
	t.follow(&p)
	if raw.Pts() != noPTS {
		p.shift = p.pts - raw.Pts()
	}
	t.predict(s, &p)
	return p
}

// unwrap brings times before the container's start, which are those that wrapped, below it.
func (t *timer) unwrap(p *packet) {
	if t.wrapDone || t.start == noPTS || t.wrapBits >= 63 {
		return
	}
	t.wrapDone = true
	half := rescale(t.start, microseconds, t.tb) + int64(1)<<(t.wrapBits-1)
	for _, ts := range []*int64{&p.dts, &p.pts} {
		if *ts != noPTS && *ts > half {
			*ts -= int64(1) << t.wrapBits
			t.wrapDone = false
		}
	}
}

const jump = 10_000_000 // microseconds

// follow shifts the packet when the clock wrapped since the last one.
func (t *timer) follow(p *packet) {
	shift := func(us int64) {
		if p.dts != noPTS {
			p.dts += rescale(us, microseconds, t.tb)
		}
		if p.pts != noPTS {
			p.pts += rescale(us, microseconds, t.tb)
		}
	}
	shift(t.offset)
	if !t.jumps || p.dts == noPTS || t.next == noPTS || t.wrapBits >= 60 {
		return
	}
	at := rescale(p.dts, t.tb, microseconds)
	wrapped := rescale(p.dts+int64(1)<<t.wrapBits, t.tb, microseconds)
	if abs(wrapped-t.next) >= abs(at-t.next)/10 {
		return
	}
	if delta := at - t.next; delta < -jump || delta > jump || at+100_000 < t.dts {
		t.offset -= delta
		shift(-delta)
	}
}

// predict replaces the dts by the expected one where there is none, and works out when the next packet is due.
func (t *timer) predict(s *source, p *packet) {
	if t.next == noPTS {
		t.next = t.dts
	}
	if p.dts != noPTS {
		t.next = rescale(p.dts, t.tb, microseconds)
	}
	t.dts = t.next
	p.dts = rescale(t.dts, microseconds, t.tb)
	due := rescale(p.duration, t.tb, microseconds)
	if p.duration == 0 && t.rate.known() {
		ticks := t.ticks
		if repeat := int64(C.vd_parser_repeat(s.c, C.int(t.stream))); repeat >= 0 {
			ticks = repeat + 1
		}
		due = 1_000_000 * t.rate.Den * ticks / t.rate.Num / t.ticks
	}
	if t.next = noPTS; t.dts != noPTS && due != 0 {
		t.next = t.dts + due
	}
}

func abs(v int64) int64 { return max(v, -v) }
