package objective

import (
	"context"
	"fmt"
	"math"

	"vssl/torch"
)

// TransportConfig is what [Transport] asks for.
type TransportConfig struct {
	Power      float64   // lamb: the power that the probabilities are raised to, no unit, > 0
	Target     []float64 // the share of each of the K clusters, > 0, sum 1; nil is the same for all
	Tolerance  float64   // stop at a sum of relative changes of at most this (SeLa 0.1 or 0.01, SeLaVi 0.1)
	CheckEvery int       // passes from one look at the tolerance to the next; the authors' 10
	MaxPasses  int       // stop after so many whatever the change; 0 has no limit (SeLaVi 2000)

	Memory    int64                   // bytes that may be spent so that blocks need not be computed anew in each pass; 0 is none
	Compact   bool                    // hold blocks in 16 bits an entry, rounded to one part in 1000; labels are read exactly
	BlockRows int                     // rows that are worked on at a time; 0 lets the function choose
	Progress  func(TransportProgress) // called after each block, from one goroutine at a time; may be nil
}

// TransportProgress says how far a transport has come.
type TransportProgress struct {
	Pass      int     // from 0; -1 while the first sums are made, and again while labels are read
	Rows, All int     // of this pass done, and in all
	Change    float64 // at the last look at the tolerance; +Inf before
}

// TransportResult is the answer of [Transport]. The plan is exp(Power*log P + RowLog + ColumnLog).
type TransportResult struct {
	Labels    []int     // of the N rows: where the plan is largest, the first among equals
	Cost      float64   // nats: mean over the rows of -log P at the label
	Passes    int       // that were made
	Change    float64   // of the last pass that was looked at
	Mass      []float64 // [K] sums of the plan's columns, near Target
	RowLog    []float64 // [N] logarithm of each row's scale
	ColumnLog []float64 // [K] logarithm of each column's scale

	power float64
}

// Transport finds self-labels by optimal transport: algorithm 1 of 1911.05371, which 2006.13662 uses too. The plan is the
// matrix c_n P_nk^lamb r_k whose rows sum to 1/N and whose columns come near Target.
//
// In exact arithmetic it makes the authors' passes, r = target / (A^T c) and c' = (1/N) / (A r), and stops where they
// do: when the sum over n of |c/c' - 1| is at most the tolerance, on passes 0, CheckEvery, 2*CheckEvery and so on. It keeps r
// and c as logarithms, so large powers do not underflow.
//
// Rows are read once to begin, once in each pass and once for the labels. As many blocks as config.Memory allows are held from the
// first read on and not read again, except for the labels where they are float64 or held in 16 bits. Whatever the size, besides
// these only c and r, the labels and one block a core are in memory. A is rounded to the type of the blocks, all sums run in
// float64. All cores share the blocks, which changes no bit of the result, and meanwhile each operator of package torch runs on
// one thread.
//
// It ends with ctx's error, looked at between blocks, or with an error where a row has no finite log-probability. It panics
// where the configuration is impossible.
func Transport(ctx context.Context, rows LogRows, c TransportConfig) (TransportResult, error) {
	n, k := rows.Size()
	c.check(n, k)
	defer oneThread()()
	t := newTransport(ctx, rows, c)
	if err := t.begin(); err != nil {
		return TransportResult{}, err
	}
	before := make([]float64, n)
	for pass := 0; ; pass++ {
		copy(before, t.rowLog)
		if err := t.pass(pass, 1); err != nil {
			return TransportResult{}, err
		}
		done := pass+1 == c.MaxPasses
		if pass%c.CheckEvery == 0 {
			t.change = t.changeFrom(before)
			done = done || t.change <= c.Tolerance
		}
		if math.IsNaN(t.change) {
			return TransportResult{}, fmt.Errorf("transport: pass %d: a row has no finite log-probability", pass)
		}
		if done {
			return t.finish(pass + 1)
		}
		t.balance()
	}
}

// check panics where the configuration is impossible.
func (c *TransportConfig) check(n, k int) {
	if n < 1 || k < 1 {
		panic(fmt.Sprintf("objective: transport of [%d, %d], want rows and clusters", n, k))
	}
	if !(c.Power > 0) || c.CheckEvery < 1 || c.MaxPasses < 0 || c.BlockRows < 0 || math.IsNaN(c.Tolerance) {
		panic(fmt.Sprintf("objective: transport with power %g, tolerance %g, a look every %d of at most %d passes, blocks of %d rows; "+
			"want a power above 0, a look every 1 or more and nothing negative",
			c.Power, c.Tolerance, c.CheckEvery, c.MaxPasses, c.BlockRows))
	}
	if c.Target == nil {
		c.Target = make([]float64, k)
		for i := range c.Target {
			c.Target[i] = 1 / float64(k)
		}
	}
	if len(c.Target) != k {
		panic(fmt.Sprintf("objective: a target of %d shares for %d clusters", len(c.Target), k))
	}
	for i, share := range c.Target {
		if !(share > 0) || math.IsInf(share, 1) {
			panic(fmt.Sprintf("objective: target of cluster %d is %g, want more than 0", i, share))
		}
	}
	if c.BlockRows == 0 {
		c.BlockRows = rowsAtATime(n, k)
	}
}

// rowsAtATime is how many of n rows of k fill a block.
func rowsAtATime(n, k int) int {
	const elements = 1 << 17 // a block, what it is made of and what becomes of it are in a core's cache together
	return min(n, max(1, elements/k))
}

// Plan returns rows from..from+n-1 of the plan, [n, K] float64. rows are those that the plan was made for.
func (r TransportResult) Plan(rows LogRows, from, n int) *torch.Tensor {
	block := rows.Block(from, n)
	xNK := block.To(torch.Float64).MulScalar(r.power).Add(torch.FromFloat64(r.ColumnLog))
	return xNK.Add(torch.FromFloat64(r.RowLog[from:from+n], n, 1)).Exp()
}
