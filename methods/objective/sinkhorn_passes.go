package objective

import (
	"context"
	"math"
	"slices"

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
	held       map[int]heldBlock // by first row
	filling    bool              // blocks may be held: base is new
	scope      *torch.Scope      // of the held blocks
	room       int64             // bytes left for more of them
}

// heldBlock is e of some rows.
type heldBlock struct{ eNK, peakN1 *torch.Tensor }

func newTransport(ctx context.Context, rows LogRows, c TransportConfig) *transport {
	t := &transport{ctx: ctx, rows: rows, TransportConfig: c, change: math.Inf(1), scope: torch.NewScope()}
	t.n, t.k = rows.Size()
	t.rowLog = make([]float64, t.n)
	for i := range t.rowLog {
		t.rowLog[i] = -math.Log(float64(t.n))
	}
	t.columnLog, t.rate = make([]float64, t.k), make([]float64, t.k)
	return t
}

// blocks calls f for each block of rows, in a scope of its own.
func (t *transport) blocks(pass int, f func(from, n int)) error {
	for from := 0; from < t.n; from += t.BlockRows {
		if err := t.ctx.Err(); err != nil {
			return err
		}
		n := min(t.BlockRows, t.n-from)
		torch.In(func(*torch.Scope) { torch.NoGrad(func() { f(from, n) }) })
		if t.Progress != nil {
			t.Progress(TransportProgress{Pass: pass, Rows: from + n, All: t.n, Change: t.change})
		}
	}
	return nil
}

// begin sets r for c = 1/N from the sums of the columns of A, as logarithms, because no scale is known yet.
func (t *transport) begin() error {
	sumLog := slices.Repeat([]float64{math.Inf(-1)}, t.k)
	err := t.blocks(-1, func(from, n int) {
		xNK := t.rows.Block(from, n).MulScalar(t.Power)
		t.least = 1e-300
		if xNK.DType() != torch.Float64 {
			t.least = 1e-30
		}
		for i, v := range xNK.LogSumExp(false, 0).Float64s() {
			sumLog[i] = addLogs(sumLog[i], v)
		}
	})
	for i, v := range sumLog {
		if !math.IsInf(v, -1) { // else no row can go there, and any scale is right
			t.columnLog[i] = math.Log(t.Target[i]) - v + math.Log(float64(t.n))
		}
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
	rowLog, mass := make([]float64, t.n), make([]float64, t.k)
	err := t.blocks(pass, func(from, n int) {
		b := t.block(from, n)
		eNK := b.eNK.To(torch.Float64)
		sumN1 := eNK.MatMul(torch.FromFloat64(t.rate, t.k, 1))
		for i, v := range sumN1.Log().Add(b.peakN1).Float64s() {
			rowLog[from+i] = -v - math.Log(float64(t.n))
		}
		for i, v := range sumN1.Reciprocal().T().MatMul(eNK).Float64s() {
			mass[i] += v * t.rate[i] / float64(t.n)
		}
	})
	t.rowLog, t.mass = rowLog, mass
	return err
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
func (t *transport) block(from, n int) heldBlock {
	if b, ok := t.held[from]; ok {
		return b
	}
	xNK := t.rows.Block(from, n).MulScalar(t.Power)
	xNK = xNK.Add(torch.FromFloat64(t.base).To(xNK.DType()))
	peakN1 := xNK.AmaxDims(true, 1)
	b := heldBlock{xNK.Sub(peakN1).Exp(), peakN1}
	if bytes := int64((t.k + 1) * n * xNK.DType().Size()); t.filling && bytes <= t.room {
		t.room -= bytes
		t.scope.Keep(b.eNK)
		t.scope.Keep(b.peakN1)
		t.held[from] = b
	}
	return b
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
	t.scope, t.held, t.room = torch.NewScope(), map[int]heldBlock{}, t.Memory
	t.base = slices.Clone(t.columnLog)
	for i := range t.rate {
		t.rate[i] = 1
	}
}

// forget frees the held blocks.
func (t *transport) forget() { t.scope.Close() }

// finish reads labels and cost.
func (t *transport) finish(passes int) (TransportResult, error) {
	r := TransportResult{
		Labels: make([]int, 0, t.n), Passes: passes, Change: t.change,
		Mass: t.mass, RowLog: t.rowLog, ColumnLog: t.columnLog, power: t.Power,
	}
	err := t.blocks(-1, func(from, n int) {
		logNK := t.rows.Block(from, n).To(torch.Float64)
		labelN := logNK.MulScalar(t.Power).Add(torch.FromFloat64(t.columnLog)).ArgMax(1)
		for _, l := range labelN.Int64s() {
			r.Labels = append(r.Labels, int(l))
		}
		r.Cost -= logNK.Gather(1, labelN.Reshape(-1, 1)).Sum().Float() / float64(t.n)
	})
	return r, err
}
