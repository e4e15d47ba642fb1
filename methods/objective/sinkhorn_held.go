package objective

import (
	"math"
	"slices"
)

// heldBlock is e of some rows, and its memory. It is full where base is the present one.
type heldBlock struct {
	e    elements
	peak []float64
	full bool
}

// reserve says how many blocks may be held.
func (t *transport) reserve() {
	switch {
	case t.Compact:
		t.size = 2
	case t.single:
		t.size = 4
	default:
		t.size = 8
	}
	t.holds = int(min(t.Memory/int64(t.BlockRows*(t.k*t.size+8)), int64(len(t.held))))
}

// mayHold spreads the blocks that are held over all, so that no run has more work than others and none depends on what ran first.
func (t *transport) mayHold(block int) bool {
	return (block+1)*t.holds/len(t.held) > block*t.holds/len(t.held)
}

// hold makes e of a block and holds it, unless its type is larger than the one that room was reserved for.
func (t *transport) hold(w *blockWorker, block int, x elements) (e elements, peak []float64) {
	held := &t.held[block]
	held.peak = sized(held.peak, t.rowsOf(block))
	switch {
	case t.Compact:
		w.e = x.lift(w.e, held.peak, t.Power, t.base)
		held.e = w.e.pack(held.e.half)
	case x.double != nil && t.size < 8:
		w.e = x.lift(w.e, held.peak, t.Power, t.base)
		return w.e, held.peak
	default:
		held.e = x.lift(held.e, held.peak, t.Power, t.base)
	}
	held.full = true
	return held.e, held.peak
}

// block returns e of some rows: what is held, or computed.
func (t *transport) block(w *blockWorker, block int) (e elements, peak []float64) {
	if held := &t.held[block]; held.full {
		return held.e, held.peak
	}
	x := t.read(w, block)
	if t.mayHold(block) {
		return t.hold(w, block, x)
	}
	return t.lift(w, block, x, t.base)
}

// lift makes e in w.
func (t *transport) lift(w *blockWorker, block int, x elements, base []float64) (e elements, peak []float64) {
	w.peak = sized(w.peak, t.rowsOf(block))
	w.e = x.lift(w.e, w.peak, t.Power, base)
	return w.e, w.peak
}

// rebase takes the present scales into e when they have moved so far that entries too small for its type might matter. What all
// have moved alike does not count, because it changes no plan.
func (t *transport) rebase() {
	const far = 30 // the least float32 is exp(-87)
	if t.base == nil {
		t.restart()
		return
	}
	for i, r := range t.columnLog {
		t.rate[i] = r - t.base[i]
	}
	least, most := slices.Min(t.rate), slices.Max(t.rate)
	if most-least > 2*far {
		t.restart()
		return
	}
	t.shift = (least + most) / 2
	for i, d := range t.rate {
		t.rate[i] = math.Exp(d - t.shift)
	}
}

// restart has e made anew with the present scales.
func (t *transport) restart() {
	t.base, t.shift = slices.Clone(t.columnLog), 0
	for i := range t.held {
		t.held[i].full = false
	}
	for i := range t.rate {
		t.rate[i] = 1
	}
}
