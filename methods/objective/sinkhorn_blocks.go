package objective

import (
	"encoding/binary"
	"math"
	"runtime"
	"sync"

	"vssl/torch"
)

// blockWorker works on a share of the blocks of a transport; what it keeps is reused from block to block.
type blockWorker struct {
	packed []byte
	single []float32 // e of a block, of whichever type it is
	double []float64
	sums   []float64 // [K] of its share
	cost   float64   // of its share
}

// blocks calls f for each block of rows, in a scope of its own. Each worker takes a run of blocks, so that sums over workers
// come out the same every time. It ends early with ctx's error, and panics with what f panics with.
func (t *transport) blocks(pass int, f func(w *blockWorker, from, n int)) error {
	var (
		group   sync.WaitGroup
		mu      sync.Mutex // of all below
		done    int
		trouble any
	)
	one := func(w *blockWorker, from int) {
		n := min(t.BlockRows, t.n-from)
		torch.In(func(*torch.Scope) { torch.NoGrad(func() { f(w, from, n) }) })
		mu.Lock()
		defer mu.Unlock()
		if done += n; t.Progress != nil {
			t.Progress(TransportProgress{Pass: pass, Rows: done, All: t.n, Change: t.change})
		}
	}
	count := (t.n + t.BlockRows - 1) / t.BlockRows
	for i, w := range t.workers {
		first, end := count*i/len(t.workers), count*(i+1)/len(t.workers)
		group.Go(func() {
			defer func() {
				if p := recover(); p != nil {
					mu.Lock()
					trouble = p
					mu.Unlock()
				}
			}()
			for b := first; b < end && t.ctx.Err() == nil; b++ {
				one(w, b*t.BlockRows)
			}
		})
	}
	group.Wait()
	if trouble != nil {
		panic(trouble)
	}
	return t.ctx.Err()
}

// newWorkers makes one for each core, or for each block if there are fewer.
func newWorkers(blocks, k int) (workers []*blockWorker) {
	for range min(blocks, runtime.GOMAXPROCS(0)) {
		workers = append(workers, &blockWorker{sums: make([]float64, k)})
	}
	return workers
}

// reset sets the sums to v.
func (t *transport) reset(v float64) {
	for _, w := range t.workers {
		for i := range w.sums {
			w.sums[i] = v
		}
	}
}

// pack rounds e to 16 bits. Its entries are 0..1: the sign bit and the highest of the exponent are never set, which leaves 9 bits
// after the leading one.
func (w *blockWorker) pack(eNK *torch.Tensor) *torch.Tensor {
	n, k := eNK.Dim(0), eNK.Dim(1)
	w.single, w.packed = sized(w.single, n*k), sized(w.packed, 2*n*k)
	eNK.CopyFloat32s(w.single)
	for i, v := range w.single {
		binary.LittleEndian.PutUint16(w.packed[2*i:], uint16((math.Float32bits(v)+1<<13)>>14))
	}
	return torch.FromUint8(w.packed, n, k, 2)
}

// unpack sets w.single to what was packed.
func (w *blockWorker) unpack(packed *torch.Tensor) {
	w.packed, w.single = sized(w.packed, packed.Numel()), sized(w.single, packed.Numel()/2)
	packed.CopyBytes(w.packed)
	bytes := w.packed
	for i := range w.single {
		w.single[i] = math.Float32frombits(uint32(binary.LittleEndian.Uint16(bytes)) << 14)
		bytes = bytes[2:]
	}
}

// products reads e, [n, K], packed or not, and calls scale with the product of each row and rate; what it returns is the
// row's weight in the sums over columns, which are added to w.sums.
func (w *blockWorker) products(eNK *torch.Tensor, rate []float64, scale func(row int, sum float64) (weight float64)) {
	switch eNK.DType() {
	case torch.Float64:
		w.double = sized(w.double, eNK.Numel())
		eNK.CopyFloat64s(w.double)
		rowProducts(w.double, rate, w.sums, scale)
		return
	case torch.UInt8:
		w.unpack(eNK)
	default:
		w.single = sized(w.single, eNK.Numel())
		eNK.CopyFloat32s(w.single)
	}
	rowProducts(w.single, rate, w.sums, scale)
}

func sized[E any](buffer []E, n int) []E {
	if cap(buffer) < n {
		return make([]E, n)
	}
	return buffer[:n]
}

// rowProducts reads each row twice while it is in cache: once for its product with rate, and once for the columns.
func rowProducts[E float32 | float64](e []E, rate, sums []float64, scale func(row int, sum float64) float64) {
	k := len(rate)
	for row := 0; len(e) > 0; row++ {
		weight := scale(row, rowProduct(e[:k], rate))
		addRow(sums, e[:k], weight)
		e = e[k:]
	}
}

// rowProduct runs four sums side by side, because one would wait for each addition.
func rowProduct[E float32 | float64](row []E, rate []float64) float64 {
	var a, b, c, d float64
	for len(row) >= 4 && len(rate) >= 4 {
		a += float64(row[0]) * rate[0]
		b += float64(row[1]) * rate[1]
		c += float64(row[2]) * rate[2]
		d += float64(row[3]) * rate[3]
		row, rate = row[4:], rate[4:]
	}
	for i, v := range row {
		a += float64(v) * rate[i]
	}
	return a + b + (c + d)
}

// addRow adds weight times the row.
func addRow[E float32 | float64](sums []float64, row []E, weight float64) {
	sums = sums[:len(row)]
	for i, v := range row {
		sums[i] += weight * float64(v)
	}
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
