package objective

import (
	"runtime"
	"sync"
	"sync/atomic"

	"vssl/internal/sinkhorn"
	"vssl/torch"
)

// blockWorker is the memory that one goroutine works in, reused from block to block.
type blockWorker struct {
	x, e  elements
	peak  []float64
	row   []float64
	label []int32
}

// blockRun are the sums over some blocks that follow each other. The runs are the same however many goroutines work on them, and
// so is what the sums come to.
type blockRun struct {
	first, end int
	columns    sinkhorn.Columns // of the logarithms, while there is no scale
	sums       []float64        // [K]
	cost       float64
}

// newRuns divides the blocks.
func newRuns(blocks, k int) []blockRun {
	const most = 64 // more than the cores that memory can feed
	runs := make([]blockRun, min(blocks, most))
	for i := range runs {
		runs[i] = blockRun{first: blocks * i / len(runs), end: blocks * (i + 1) / len(runs), sums: make([]float64, k)}
	}
	return runs
}

// blocks calls f for each block of rows, or for one in so many of each run: all cores take runs from first to last. It ends
// early with ctx's error, and panics with what f panics with.
func (t *transport) blocks(pass, every int, f func(w *blockWorker, r *blockRun, block int)) error {
	var (
		group   sync.WaitGroup
		next    atomic.Int64
		mu      sync.Mutex // of all below
		done    int
		trouble any
	)
	report := func(block int) {
		mu.Lock()
		defer mu.Unlock()
		if done += t.rowsOf(block); t.Progress != nil && every == 1 {
			t.Progress(TransportProgress{Pass: pass, Rows: done, All: t.n, Change: t.change})
		}
	}
	for i := range t.workers {
		group.Go(func() {
			defer func() {
				if p := recover(); p != nil {
					mu.Lock()
					trouble = p
					mu.Unlock()
				}
			}()
			for at := next.Add(1); at <= int64(len(t.runs)); at = next.Add(1) {
				r := &t.runs[at-1]
				for b := (r.first + every - 1) / every * every; b < r.end && t.ctx.Err() == nil; b += every {
					f(&t.workers[i], r, b)
					report(b)
				}
			}
		})
	}
	group.Wait()
	if trouble != nil {
		panic(trouble)
	}
	return t.ctx.Err()
}

// rowsOf is the number of rows of a block.
func (t *transport) rowsOf(block int) int { return min(t.BlockRows, t.n-block*t.BlockRows) }

// newWorkers makes one for each core, or for each run if there are fewer.
func newWorkers(runs int) []blockWorker { return make([]blockWorker, min(runs, runtime.GOMAXPROCS(0))) }

// read sets w.x to the log-probabilities of a block.
func (t *transport) read(w *blockWorker, block int) elements {
	torch.In(func(*torch.Scope) {
		torch.NoGrad(func() {
			logNK := t.rows.Block(block*t.BlockRows, t.rowsOf(block))
			w.x = w.x.sized(logNK.DType() == torch.Float64, logNK.Numel())
			if w.x.double != nil {
				logNK.CopyFloat64s(w.x.double)
			} else {
				logNK.CopyFloat32s(w.x.single)
			}
		})
	})
	return w.x
}

var alone struct {
	sync.Mutex
	count, threads int
}

// oneThread has operators run on one thread until the returned function is called: several cores that each work on a small
// block of their own would wait for each other at the end of every operator.
func oneThread() (restore func()) {
	alone.Lock()
	defer alone.Unlock()
	if alone.count == 0 {
		alone.threads = torch.Threads()
		torch.SetThreads(1)
	}
	alone.count++
	return func() {
		alone.Lock()
		defer alone.Unlock()
		if alone.count--; alone.count == 0 {
			torch.SetThreads(alone.threads)
		}
	}
}
