package objective

import (
	"math"
	"sync/atomic"

	"vssl/internal/sinkhorn"
)

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
