package objective

import (
	"context"
	"math"
	"slices"
	"sync"
	"sync/atomic"

	"vssl/torch"
)

// transport is the state of [Transport] between passes.
//
// Legend: N rows, K clusters, n rows of a block; e = exp(power*log P + base - peak), where base is ColumnLog as it was some
// passes ago and peak brings each row's largest to 1. What ColumnLog moved since is rate. So e is the same matrix in every
// pass, rounded to the type of the blocks once, and the passes themselves run in float64: the tolerance is a sum over all
// rows, and the noise of a million float32 sums is above it.
type transport struct {
	ctx  context.Context
	rows LogRows
	TransportConfig
	n, k   int
	change float64

	rowLog    []float64 // [N] log c'
	columnLog []float64 // [K] log r
	mass      []float64 // [K] column sums of the plan of the last pass
	least     float64   // mass below is lost in the type of the blocks

	base, rate []float64
	held       []heldBlock  // by block; eNK is nil for those that are not
	filling    bool         // blocks may be held: base is new
	scope      *torch.Scope // of the held blocks
	mu         sync.Mutex   // of room
	room       int64        // bytes left for more of them

	workers []*blockWorker
}

// heldBlock is e of some rows; eNK is uint8 [n, K, 2] where it is packed.
type heldBlock struct{ eNK, peakN1 *torch.Tensor }

func newTransport(ctx context.Context, rows LogRows, c TransportConfig) *transport {
	t := &transport{ctx: ctx, rows: rows, TransportConfig: c, change: math.Inf(1), scope: torch.NewScope()}
	t.n, t.k = rows.Size()
	t.rowLog = make([]float64, t.n)
	for i := range t.rowLog {
		t.rowLog[i] = -math.Log(float64(t.n))
	}
	t.columnLog, t.rate, t.mass = make([]float64, t.k), make([]float64, t.k), make([]float64, t.k)
	count := (t.n + t.BlockRows - 1) / t.BlockRows
	t.held, t.workers = make([]heldBlock, count), newWorkers(count, t.k)
	return t
}

// begin sets r for c = 1/N from the sums of the columns of A, as logarithms, because no scale is known yet.
func (t *transport) begin() error {
	t.reset(math.Inf(-1))
	var single atomic.Bool
	err := t.blocks(-1, func(w *blockWorker, from, n int) {
		xNK := t.rows.Block(from, n).MulScalar(t.Power)
		if xNK.DType() != torch.Float64 {
			single.Store(true)
		}
		for i, v := range xNK.LogSumExp(false, 0).Float64s() {
			w.sums[i] = addLogs(w.sums[i], v)
		}
	})
	for i := range t.columnLog {
		sumLog := math.Inf(-1)
		for _, w := range t.workers {
			sumLog = addLogs(sumLog, w.sums[i])
		}
		if !math.IsInf(sumLog, -1) { // else no row can go there, and any scale is right
			t.columnLog[i] = math.Log(t.Target[i]) - sumLog + math.Log(float64(t.n))
		}
	}
	if t.least = 1e-300; single.Load() {
		t.least = 1e-30
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

// pass sets rowLog, which is c' = (1/N) / (A r), and mass, which is A^T c' times r.
func (t *transport) pass(pass int) error {
	t.rebase()
	t.reset(0)
	logN := math.Log(float64(t.n))
	err := t.blocks(pass, func(w *blockWorker, from, n int) {
		b := t.block(w, from, n)
		peaks := b.peakN1.Float64s()
		w.products(b.eNK, t.rate, func(row int, sum float64) float64 {
			t.rowLog[from+row] = -math.Log(sum) - peaks[row] - logN
			return 1 / sum
		})
	})
	t.gather()
	for i, rate := range t.rate {
		t.mass[i] *= rate
	}
	return err
}

// gather sets mass to the sums of all workers over N.
func (t *transport) gather() {
	for i := range t.mass {
		t.mass[i] = 0
		for _, w := range t.workers {
			t.mass[i] += w.sums[i] / float64(t.n)
		}
	}
}

// balance sets r = target / (A^T c'), by what it is off. A column whose mass is lost rises pass by pass until it is seen.
func (t *transport) balance() {
	for i, m := range t.mass {
		t.columnLog[i] += math.Log(t.Target[i] / max(m, t.least))
	}
}

// changeFrom is the sum over n of |c/c' - 1|.
func (t *transport) changeFrom(before []float64) (sum float64) {
	for i, now := range t.rowLog {
		sum += math.Abs(math.Exp(before[i]-now) - 1)
	}
	return sum
}

// block returns e of some rows: the one held, or computed, and then held where there is room.
func (t *transport) block(w *blockWorker, from, n int) heldBlock {
	held := &t.held[from/t.BlockRows]
	if held.eNK != nil {
		return *held
	}
	xNK := t.rows.Block(from, n).MulScalar(t.Power)
	xNK = xNK.Add(torch.FromFloat64(t.base).To(xNK.DType()))
	peakN1 := xNK.AmaxDims(true, 1)
	b := heldBlock{xNK.Sub(peakN1).Exp(), peakN1}
	size := xNK.DType().Size()
	if t.Compact {
		size = 2
	}
	if t.filling && t.spend(int64(n*(t.k*size+8))) {
		*held = b
		if t.Compact {
			held.eNK = w.pack(b.eNK)
		}
		t.scope.Keep(held.eNK)
		t.scope.Keep(held.peakN1)
	}
	return b
}

// spend takes bytes of the room, if there are as many.
func (t *transport) spend(bytes int64) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if bytes > t.room {
		return false
	}
	t.room -= bytes
	return true
}

// rebase takes the present scales into e when they have moved so far that entries too small for its type might matter.
func (t *transport) rebase() {
	const far = 30 // the least float32 is exp(-87)
	t.filling = t.base == nil
	for i := range t.base {
		d := t.columnLog[i] - t.base[i]
		t.rate[i] = math.Exp(d)
		t.filling = t.filling || math.Abs(d) > far
	}
	if !t.filling {
		return
	}
	t.forget()
	t.scope, t.room = torch.NewScope(), t.Memory
	clear(t.held)
	t.base = slices.Clone(t.columnLog)
	for i := range t.rate {
		t.rate[i] = 1
	}
}

// forget frees the held blocks.
func (t *transport) forget() { t.scope.Close() }

// finish reads labels and cost, and both marginals of the plan once more: exactly, however the passes were rounded.
func (t *transport) finish(passes int) (TransportResult, error) {
	r := TransportResult{
		Labels: make([]int, t.n), Passes: passes, Change: t.change,
		Mass: t.mass, RowLog: t.rowLog, ColumnLog: t.columnLog, power: t.Power,
	}
	t.reset(0)
	logN := math.Log(float64(t.n))
	err := t.blocks(-1, func(w *blockWorker, from, n int) {
		logNK := t.rows.Block(from, n).To(torch.Float64)
		xNK := logNK.MulScalar(t.Power).Add(torch.FromFloat64(t.columnLog))
		labelN := xNK.ArgMax(1)
		for i, l := range labelN.Int64s() {
			r.Labels[from+i] = int(l)
		}
		for i, v := range xNK.LogSumExp(false, 1).Float64s() {
			r.RowLog[from+i] = -v - logN
		}
		for i, v := range xNK.Softmax(1).SumDims(false, 0).Float64s() {
			w.sums[i] += v
		}
		w.cost -= logNK.Gather(1, labelN.Reshape(-1, 1)).Sum().Float()
	})
	t.gather()
	for _, w := range t.workers {
		r.Cost += w.cost / float64(t.n)
	}
	return r, err
}
