package nearest

// #include "nearest.h"
import "C"

import (
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"unsafe"
)

// each calls f for parts of 0..n-1, at most size long, from as many goroutines as Go has processors.
func each(n, size int, f func(lo, hi int)) { eachWith(n, size, func() func(lo, hi int) { return f }) }

// eachWith is each with a function of its own for every goroutine, which start makes: it may hold memory to work in.
func eachWith(n, size int, start func() func(lo, hi int)) {
	parts := (n + size - 1) / size
	workers := min(runtime.GOMAXPROCS(0), parts)
	if workers <= 1 {
		if n > 0 {
			start()(0, n)
		}
		return
	}
	var next atomic.Int64
	var wg sync.WaitGroup
	for range workers {
		wg.Go(func() {
			f := start()
			for {
				lo := (int(next.Add(1)) - 1) * size
				if lo >= n {
					return
				}
				f(lo, min(lo+size, n))
			}
		})
	}
	wg.Wait()
}

// count is the number of rows of d numbers.
func count[T Float](rows []T, d int) int {
	if d < 1 || len(rows)%d != 0 {
		panic(fmt.Sprintf("nearest: %d numbers are no rows of %d", len(rows), d))
	}
	return len(rows) / d
}

func grow[T any](s []T, n int) []T {
	if cap(s) < n {
		return make([]T, n)
	}
	return s[:n]
}

// tiles is how many tiles of rows share a panel, kernel.h's group.
const tiles = 8

func wide[T Float]() bool { return unsafe.Sizeof(T(0)) == 8 }

func bytes[T Float]() C.int { return C.int(unsafe.Sizeof(T(0))) }

// group is the number of rows that the kernels take at a time.
func group[T Float]() int { return tiles * int(C.nearest_tile(bytes[T]())) }

func f32[T Float](s []T) *C.float  { return (*C.float)(unsafe.Pointer(unsafe.SliceData(s))) }
func f64[T Float](s []T) *C.double { return (*C.double)(unsafe.Pointer(unsafe.SliceData(s))) }
func i32(s []int32) *C.int32_t     { return (*C.int32_t)(unsafe.Pointer(unsafe.SliceData(s))) }

func pack[T Float](rows []T, d int, m Metric, data, bias []T) {
	n, dd := C.int64_t(len(rows)/d), C.int64_t(d)
	if wide[T]() {
		C.nearest_pack_f64(f64(rows), n, dd, m.squared(), f64(data), f64(bias))
		return
	}
	C.nearest_pack_f32(f32(rows), n, dd, m.squared(), f32(data), f32(bias))
}

func argmin[T Float](x []T, p *Panels[T], label []int32, work []T) {
	n, d, k := C.int64_t(len(label)), C.int64_t(p.d), C.int64_t(p.n)
	if wide[T]() {
		C.nearest_argmin_f64(f64(x), n, d, f64(p.data), f64(p.bias), k, C.double(p.metric.scale()), i32(label), f64(work))
		return
	}
	C.nearest_argmin_f32(f32(x), n, d, f32(p.data), f32(p.bias), k, C.float(p.metric.scale()), i32(label), f32(work))
}

func best[T Float](x []T, p *Panels[T], first, self int, h Heaps[T], work []T) {
	n, d, m := C.int64_t(len(x)/p.d), C.int64_t(p.d), C.int64_t(p.n)
	from, avoid, k, id := C.int64_t(first), C.int64_t(self), C.int64_t(h.K), i32(h.ID)
	scale := p.metric.scale()
	if wide[T]() {
		C.nearest_best_f64(f64(x), n, d, f64(p.data), f64(p.bias), m, C.double(scale), from, avoid, k, f64(h.Value), id, f64(work))
		return
	}
	C.nearest_best_f32(f32(x), n, d, f32(p.data), f32(p.bias), m, C.float(scale), from, avoid, k, f32(h.Value), id, f32(work))
}

func gather[T Float](s Sums, x []T, label []int32, lo, hi int, centres []T, d int, m Metric) {
	n, dd, from, to := C.int64_t(len(label)), C.int64_t(d), C.int32_t(lo), C.int32_t(hi)
	sum, cost := f64(s.Row), f64(s.Cost)
	counts := (*C.int64_t)(unsafe.Pointer(unsafe.SliceData(s.Count)))
	if wide[T]() {
		C.nearest_gather_f64(f64(x), n, dd, i32(label), from, to, f64(centres), m.squared(), sum, counts, cost)
		return
	}
	C.nearest_gather_f32(f32(x), n, dd, i32(label), from, to, f32(centres), m.squared(), sum, counts, cost)
}

func exact[T Float](x, base []T, d, k int, id []int32, m Metric, out []float64) {
	n, dd, kk := C.int64_t(len(x)/d), C.int64_t(d), C.int64_t(k)
	if wide[T]() {
		C.nearest_exact_f64(f64(x), n, dd, f64(base), kk, i32(id), m.squared(), f64(out))
		return
	}
	C.nearest_exact_f32(f32(x), n, dd, f32(base), kk, i32(id), m.squared(), f64(out))
}

func pairs[T Float](out []float64, x, y []T, m Metric) {
	n, d := C.int64_t(len(out)), C.int64_t(len(y))
	if wide[T]() {
		C.nearest_pairs_f64(f64(x), n, d, f64(y), m.squared(), f64(out))
		return
	}
	C.nearest_pairs_f32(f32(x), n, d, f32(y), m.squared(), f64(out))
}

// limit lowers the width of the vectors in use: 0 for 16 bytes, 1 for 32, 2 for 64; tests call it.
func limit(width int) { C.nearest_limit(C.int(width)) }
