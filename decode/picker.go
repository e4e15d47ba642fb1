package decode

import (
	"context"
	"errors"
	"slices"
)

// picker hands the wanted frames out, pass by pass.
type picker struct {
	v     *Video
	want  []int // all that is wanted
	next  int   // entry of want that is due
	end   int   // entries of want before this are served by the current pass
	fn    func(k int, f *Frame) error
	kept  int // frame in v.dec.spare, -1: none
	gate  gate
	final bool // the current pass decodes all from the start of the file: what it does not give is lost
}

// all serves every entry of want.
func (p *picker) all(ctx context.Context) error {
	for p.next < len(p.want) {
		from := p.v.index.start(p.want[p.next])
		for from > 0 && p.v.unsafe[from] {
			from = p.v.index.before(from)
		}
		if err := p.attempts(ctx, from); err != nil {
			return err
		}
	}
	return nil
}

// attempts runs passes that start ever earlier until the frames of one stretch are out. The last one decodes every packet
// from the start of the file: what that gives is the truth, also of a damaged file.
func (p *picker) attempts(ctx context.Context, from int) error {
	p.end = p.v.index.stretch(p.want, p.next)
	skip := len(p.v.unsafe) == 0 // in a damaged file even a packet that nothing refers to leaves traces
	for {
		p.final = from == 0 && !skip
		err := p.pass(ctx, from, skip)
		again := errors.Is(err, errMissing) || errors.Is(err, errDesync)
		switch {
		case err == nil:
			return nil
		case p.final && errors.Is(err, errMissing):
			return p.leftovers(ctx)
		case p.final || !again:
			return err
		}
		p.v.distrust(from)
		if from = p.v.index.before(from); !skip {
			from = 0
		}
		skip = false
	}
}

// errMissing ends a pass in which a wanted frame did not come, or not whole, although it may from an earlier start.
var errMissing = errors.New("a frame is missing")

func (p *picker) pass(ctx context.Context, from int, skip bool) error {
	x := p.v.index
	p.kept, p.gate = -1, newGate(x, from)
	want := p.want[p.next:p.end]
	run := pass{from: from, last: x.lastPacket(want), emit: p.emit}
	if skip {
		run.wanted = func(packet int) bool {
			i := x.byPacket[packet]
			if i < 0 {
				return true // a part of a frame, such as its second field
			}
			_, ok := slices.BinarySearch(want, int(i))
			return ok
		}
	}
	err := p.v.run(ctx, run)
	if err != nil || p.next >= p.end {
		return err
	}
	if p.final || p.allLost() {
		err = p.substitute(p.end)
	}
	if err == nil && p.next < p.end {
		return errMissing
	}
	return err
}

// emit takes a decoded frame.
func (p *picker) emit(frame int) (more bool, err error) {
	if frame < 0 {
		return true, nil
	}
	if !p.final && !p.gate.pass(frame, p.v.dec.frame) {
		return false, errMissing
	}
	for p.next < p.end && p.want[p.next] < frame {
		if !p.final && !p.v.lost[p.want[p.next]] {
			return false, errMissing
		}
		if p.kept < 0 { // nothing before it: the first after it
			if err := p.hand(frame, false); err != nil {
				return false, err
			}
		} else if err := p.hand(p.kept, true); err != nil {
			return false, err
		}
	}
	for p.next < p.end && p.want[p.next] == frame {
		if err := p.hand(frame, false); err != nil {
			return false, err
		}
	}
	p.v.dec.keep()
	p.kept = frame
	return p.next < p.end, nil
}

// allLost tells whether all that is due in this pass is known not to decode.
func (p *picker) allLost() bool {
	for _, i := range p.want[p.next:p.end] {
		if !p.v.lost[i] {
			return false
		}
	}
	return p.kept >= 0
}

// substitute gives the kept frame for the entries before end, as far as there is one.
func (p *picker) substitute(end int) error {
	for p.kept >= 0 && p.next < end {
		if err := p.hand(p.kept, true); err != nil {
			return err
		}
	}
	return nil
}

// hand calls fn for the entry that is due with the current or the kept frame.
func (p *picker) hand(frame int, kept bool) error {
	d := p.v.dec
	av := d.frame
	if kept {
		av = d.spare
	}
	if p.want[p.next] != frame {
		if p.v.lost == nil {
			p.v.lost = map[int]bool{}
		}
		p.v.lost[p.want[p.next]] = true
	}
	f, err := newFrame(p.v, av, frame)
	if err != nil {
		return err
	}
	k := p.next
	p.next++
	err = p.fn(k, f)
	f.release()
	if err != nil {
		return callbackError{err}
	}
	return nil
}

// leftovers serves entries before p.end for which neither a frame nor one before it decodes: the first one after.
func (p *picker) leftovers(ctx context.Context) error {
	p.final, p.kept = true, -1
	err := p.v.run(ctx, pass{from: 0, last: len(p.v.index.packets) - 1, emit: p.emit})
	if err != nil {
		return err
	}
	if err := p.substitute(p.end); err != nil {
		return err
	}
	if p.next < p.end {
		return ErrNoFrames
	}
	return nil
}
