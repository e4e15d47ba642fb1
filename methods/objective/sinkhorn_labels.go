package objective

import (
	"math"
	"slices"
)

// finish reads labels and cost. Where blocks are held in 16 bits it also takes both marginals of the plan once more, exactly.
func (t *transport) finish(passes int) (TransportResult, error) {
	result := TransportResult{
		Labels: make([]int, t.n), Passes: passes, Change: t.change,
		Mass: t.mass, RowLog: t.rowLog, ColumnLog: t.columnLog, power: t.Power,
	}
	power, one, zero := slices.Repeat([]float64{t.Power}, t.k), slices.Repeat([]float64{1}, t.k), make([]float64, t.k)
	t.reset()
	err := t.blocks(-1, 1, func(w *blockWorker, r *blockRun, block int) {
		from := block * t.BlockRows
		w.label = sized(w.label, t.rowsOf(block))
		if held := &t.held[block]; held.full && held.e.single != nil {
			held.e.choose(w.label, t.rate, zero)
			for i, l := range w.label {
				result.Labels[from+i] = int(l)
				r.cost -= (math.Log(held.e.at(i*t.k+int(l))) + held.peak[i] - t.base[l]) / t.Power
			}
			return
		}
		x := t.read(w, block)
		x.choose(w.label, power, t.columnLog)
		for i, l := range w.label {
			result.Labels[from+i] = int(l)
			r.cost -= x.at(i*t.k + int(l))
		}
		if t.Compact {
			e, peak := t.lift(w, block, x, t.columnLog)
			t.scale(w, r, block, e, peak, one, 0)
		}
	})
	if t.Compact {
		t.gather(one)
	}
	for _, r := range t.runs {
		result.Cost += r.cost / float64(t.n)
	}
	return result, err
}
