package decode

import "github.com/asticode/go-astiav"

// gate judges the frames of a pass that does not start at the start of the file: whether they are what decoding in order
// would give.
type gate struct {
	first int32 // frame from which the pass started
	shown bool  // it has come out
}

func newGate(x *Index, from int) gate { return gate{first: x.byPacket[from]} }

// pass takes the next decoded frame. It returns false when the pass cannot be trusted: the frame from which it started
// did not come out, or a later one was patched up, by which decoders use pictures that this pass may not have.
func (g *gate) pass(frame int, av *astiav.Frame) bool {
	switch {
	case frame < int(g.first): // shown before the start, and not complete
		return true
	case frame == int(g.first):
		g.shown = true
	case !g.shown:
		return false
	}
	return factsOf(av).c.corrupt == 0
}
