package objective

import (
	"context"
	"math"
	"slices"
	"sync/atomic"

	"vssl/internal/sinkhorn"
)

// transport is the state of [Transport] between passes.
//
// Legend: N rows, K clusters; e = exp(power*log P + base - peak), where base is near ColumnLog as it was some passes ago and peak
// brings each row's largest to 1. What ColumnLog has moved since is shift + log rate. So e is the same matrix in every pass, rounded to the
// type of the blocks once, and the passes themselves run in float64: the tolerance is a sum over all rows, and the noise of a
// million float32 sums is above it.
type transport struct {
	ctx  context.Context
	rows LogRows
	TransportConfig
	n, k   int
	change float64
	single bool // some blocks are float32

	rowLog    []float64 // [N] log c'
	columnLog []float64 // [K] log r
	mass      []float64 // [K] column sums of the plan of the last pass

	base, rate []float64
	shift      float64
	held       []heldBlock // by block
	holds      int         // how many may be held, evenly among the others
	size       int         // bytes of an element that is held

	runs    []blockRun
	workers []blockWorker
}

// heldBlock is e of some rows, and its memory. It is full where base is the present one.
type heldBlock struct {
	e    elements
	peak []float64
	full bool
}

func newTransport(ctx context.Context, rows LogRows, c TransportConfig) *transport {
	t := &transport{ctx: ctx, rows: rows, TransportConfig: c, change: math.Inf(1)}
	t.n, t.k = rows.Size()
	t.rowLog = slices.Repeat([]float64{-math.Log(float64(t.n))}, t.n)
	t.columnLog, t.rate, t.mass = make([]float64, t.k), make([]float64, t.k), make([]float64, t.k)
	count := (t.n + t.BlockRows - 1) / t.BlockRows
	t.held, t.runs = make([]heldBlock, count), newRuns(count, t.k)
	t.workers = newWorkers(len(t.runs))
	return t
}

// begin sets r for c = 1/N from the sums of the columns of A, as logarithms, because no scale is known yet. Where blocks may be
// held it makes e in the same read; if the scales that it guesses for that are far off, the first pass makes e anew.
func (t *transport) begin() error {
	if t.Memory > 0 {
		if err := t.guess(); err != nil {
			return err
		}
	}
	return t.columns(1)
}

// guess sets base to the scales that balance a sample: its first ones would not do, because they hang on the few rows where a
// power is largest.
func (t *transport) guess() error {
	const passes, blocks, rows = 10, 32, 4 // blocks of the sample, or rows for each cluster where that is more
	every := max(8, len(t.held)/max(blocks, rows*t.k/t.BlockRows))
	if err := t.columns(every); err != nil {
		return err
	}
	t.reserve()
	for range passes {
		if err := t.pass(-1, every); err != nil {
			return err
		}
		t.balance()
	}
	t.restart()
	for i := range t.rowLog {
		t.rowLog[i] = -math.Log(float64(t.n))
	}
	return nil
}

// columns sets r for c = 1/N from one block in so many.
func (t *transport) columns(every int) error {
	for i := range t.runs {
		t.runs[i].columns = sinkhorn.NewColumns(t.k)
	}
	var single atomic.Bool
	err := t.blocks(-1, every, func(w *blockWorker, r *blockRun, block int) {
		x := t.read(w, block)
		if x.double == nil {
			single.Store(true)
		}
		x.addTo(r.columns, t.Power)
		if every == 1 && t.mayHold(block) {
			t.hold(w, block, x)
		}
	})
	t.single = single.Load()
	for i := range t.columnLog {
		sumLog := math.Inf(-1)
		for _, r := range t.runs {
			sumLog = addLogs(sumLog, r.columns.Log(i))
		}
		t.columnLog[i] = 0
		if !math.IsInf(sumLog, -1) { // else no row can go there, and any scale is right
			t.columnLog[i] = math.Log(t.Target[i]) - sumLog + math.Log(float64(t.n))
		}
	}
	for i := range t.runs {
		t.runs[i].columns = sinkhorn.Columns{}
	}
	return err
}

// addLogs is log(exp(a) + exp(b)).
func addLogs(a, b float64) float64 {
	if a < b {
		a, b = b, a
	}
	if math.IsInf(b, -1) {
		return a
	}
	return a + math.Log1p(math.Exp(b-a))
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

// pass sets rowLog, which is c' = (1/N) / (A r), and mass, which is A^T c' times r, from all blocks or one in so many.
func (t *transport) pass(pass, every int) error {
	t.rebase()
	t.reset()
	err := t.blocks(pass, every, func(w *blockWorker, r *blockRun, block int) {
		e, peak := t.block(w, block)
		t.scale(w, r, block, e, peak, t.rate, t.shift)
	})
	t.gather(t.rate)
	return err
}

// scale sets rowLog of a block and adds to the sums of the run; rate*exp(shift) is what r is more than in e.
func (t *transport) scale(w *blockWorker, r *blockRun, block int, e elements, peak, rate []float64, shift float64) {
	w.row = sized(w.row, t.rowsOf(block))
	e.products(w.row, rate, r.sums)
	shift += math.Log(float64(t.n))
	rowLog := t.rowLog[block*t.BlockRows:]
	for i, sum := range w.row {
		rowLog[i] = -math.Log(sum) - peak[i] - shift
	}
}

// reset clears the sums of all runs.
func (t *transport) reset() {
	for _, r := range t.runs {
		clear(r.sums)
	}
}

// gather sets mass to the sums of all runs times rate over N.
func (t *transport) gather(rate []float64) {
	for i := range t.mass {
		t.mass[i] = 0
		for _, r := range t.runs {
			t.mass[i] += r.sums[i] / float64(t.n)
		}
		t.mass[i] *= rate[i]
	}
}

// balance sets r = target / (A^T c'), by what it is off. A column whose mass is lost rises pass by pass until it is seen.
func (t *transport) balance() {
	least := 1e-300 // mass below is lost in the type of the blocks
	if t.single {
		least = 1e-30
	}
	for i, m := range t.mass {
		t.columnLog[i] += math.Log(t.Target[i] / max(m, least))
	}
}

// changeFrom is the sum over n of |c/c' - 1|.
func (t *transport) changeFrom(before []float64) (sum float64) {
	for i, now := range t.rowLog {
		sum += math.Abs(math.Exp(before[i]-now) - 1)
	}
	return sum
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
