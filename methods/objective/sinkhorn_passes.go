package objective

import (
	"context"
	"math"
	"slices"
)

// transport is the state of [Transport] between passes.
//
// Legend: N rows, K clusters; e = exp(power*log P + base - peak), where base is near ColumnLog as it was some passes ago and peak
// brings each row's largest to 1. What ColumnLog has moved since is shift + log rate. So e is the same matrix in every pass,
// rounded to the type of the blocks once, and the passes themselves run in float64: the tolerance is a sum over all rows, and the
// noise of a million float32 sums is above it.
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

// scale sets rowLog of a block and adds to the sums of the run; r is rate*exp(shift) times what it is in e.
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
