// Package nearest finds, for each of many rows, the nearest of many others: exactly, by products of blocks whose scores never
// leave the processor's registers.
//
// Rows are slices of N*D numbers, float32 or float64, row-major. One side is laid out as [Panels] first; functions then use every
// processor that Go may use, and return when all is done. Which processor does what does not change any result. Functions panic
// when a slice is not as long as the sizes given beside it demand.
package nearest

/*
#cgo CFLAGS: -O3 -std=gnu11 -Wno-psabi
#include "nearest.h"
*/
import "C"

import (
	"cmp"
	"fmt"
	"math"
	"runtime"
	"slices"
)

// Float is the type of an element.
type Float interface{ float32 | float64 }

// Metric says what near means.
type Metric int

// The metrics: the least squared Euclidean distance, or the largest inner product.
const (
	Euclidean Metric = iota
	Product
)

func (m Metric) String() string { return [...]string{"euclidean", "inner_product"}[m] }

func (m Metric) squared() C.int {
	if m == Euclidean {
		return 1
	}
	return 0
}

// scale is what a product counts in the score that is made least: |c|² - 2 x.c, or -x.c.
func (m Metric) scale() float64 {
	if m == Euclidean {
		return -2
	}
	return -1
}

// Panels are rows laid out for the kernels.
type Panels[T Float] struct {
	n, d       int
	metric     Metric
	data, bias []T
}

// Pack lays out rows of d numbers, in the memory of p where it is large enough.
func (p *Panels[T]) Pack(rows []T, d int, m Metric) {
	p.n, p.d, p.metric = count(rows, d), d, m
	width := int(C.nearest_panel(bytes[T]()))
	panels := (p.n + width - 1) / width
	p.data, p.bias = grow(p.data, panels*width*d), grow(p.bias, panels*width)
	each(panels, 8, func(lo, hi int) {
		part := rows[lo*width*d : min(hi*width, p.n)*d]
		pack(part, d, m, p.data[lo*width*d:], p.bias[lo*width:])
	})
}

// Label writes to label the nearest of the packed rows to each row of x; the first of several that are equally near.
func (p *Panels[T]) Label(label []int32, x []T) {
	n := count(x, p.d)
	if len(label) < n || p.n == 0 {
		panic(fmt.Sprintf("nearest: %d labels for %d rows, %d packed rows", len(label), n, p.n))
	}
	eachWith(n, 4*group[T](), func() func(lo, hi int) {
		work := make([]T, group[T]()*p.d)
		return func(lo, hi int) { argmin(x[lo*p.d:hi*p.d], p, label[lo:hi], work) }
	})
}

// Heaps hold the K nearest so far of each of N rows, in no order that matters outside.
type Heaps[T Float] struct {
	K     int
	Value []T     // [N, K] what is made least: |c|² - 2 x.c or -x.c
	ID    []int32 // [N, K]
}

// Reset makes empty heaps for n rows of k, in the memory of h where it is large enough.
func (h *Heaps[T]) Reset(n, k int) {
	h.K, h.Value, h.ID = k, grow(h.Value, n*k), grow(h.ID, n*k)
	infinite := T(math.Inf(1))
	for i := range h.Value {
		h.Value[i], h.ID[i] = infinite, -1
	}
}

// Offer shows the packed rows, which are numbered from first, to the rows of x. Row i of x never takes number self + i; with a
// self of -1 it takes any. Calls must come with ascending first; then of equally near rows those with the lowest numbers stay.
func (h *Heaps[T]) Offer(p *Panels[T], first int, x []T, self int) {
	n := count(x, p.d)
	if h.K < 1 || len(h.Value) < n*h.K {
		panic(fmt.Sprintf("nearest: heaps for %d numbers, %d rows of %d", len(h.Value), n, h.K))
	}
	eachWith(n, 4*group[T](), func() func(lo, hi int) {
		work := make([]T, group[T]()*p.d)
		return func(lo, hi int) {
			from := self
			if self >= 0 {
				from += lo
			}
			part := Heaps[T]{h.K, h.Value[lo*h.K : hi*h.K], h.ID[lo*h.K : hi*h.K]}
			best(x[lo*p.d:hi*p.d], p, first, from, part, work)
		}
	})
}

// Sorted writes to id and near [N, k] the first k of each heap, from near to far and by number where equally near: near is the
// squared distance or the product, taken anew from the rows of x and base, so that what blocks of products round away is back.
// It panics if k is more than the heaps hold.
func (h *Heaps[T]) Sorted(id []int32, near []float64, k int, x, base []T, d int, m Metric) {
	n := count(x, d)
	if k > h.K || len(id) != n*k || len(near) != n*k || len(h.ID) < n*h.K {
		panic(fmt.Sprintf("nearest: room for %d and %d, %d rows, %d of heaps of %d", len(id), len(near), n, k, h.K))
	}
	each(n, 256, func(lo, hi int) {
		values := make([]float64, (hi-lo)*h.K)
		exact(x[lo*d:hi*d], base, d, h.K, h.ID[lo*h.K:hi*h.K], m, values)
		row := make([]candidate, h.K)
		for i := lo; i < hi; i++ {
			for c := range row {
				row[c] = candidate{values[(i-lo)*h.K+c], h.ID[i*h.K+c]}
			}
			slices.SortFunc(row, m.compare)
			for c := range k {
				id[i*k+c], near[i*k+c] = row[c].id, row[c].near
			}
		}
	})
}

// candidate is a row that may be a neighbour.
type candidate struct {
	near float64
	id   int32
}

// compare orders candidates from near to far, then by number; missing ones, of infinite distance or number -1, come last.
func (m Metric) compare(a, b candidate) int {
	switch {
	case a.id < 0 || b.id < 0:
		return cmp.Compare(b.id, a.id)
	case m == Product:
		return cmp.Or(cmp.Compare(b.near, a.near), cmp.Compare(a.id, b.id))
	default:
		return cmp.Or(cmp.Compare(a.near, b.near), cmp.Compare(a.id, b.id))
	}
}

// Sums are what the members of each of K clusters add up to.
type Sums struct {
	Row   []float64 // [K, D]
	Count []int64   // [K]
	Cost  []float64 // [K] of squared distances to the centre, or of products with it
}

// Gather adds the rows of x to the sums of their labels; centres [K, d] are what the cost is taken to. Every cluster adds its
// members in their order.
func Gather[T Float](s Sums, x []T, label []int32, centres []T, d int, m Metric) {
	k := len(s.Count)
	if count(x, d) != len(label) || len(centres) != k*d || len(s.Row) != k*d || len(s.Cost) != k {
		panic(fmt.Sprintf("nearest: %d numbers, %d labels, centres of %d, sums of %d; %d clusters of dimension %d",
			len(x), len(label), len(centres), len(s.Row), k, d))
	}
	workers := min(runtime.GOMAXPROCS(0), k)
	each(workers, 1, func(lo, hi int) {
		gather(s, x, label, lo*k/workers, hi*k/workers, centres, d, m)
	})
}

// Pairs writes to out the squared distance, or the product, of each row of x to y.
func Pairs[T Float](out []float64, x, y []T, m Metric) {
	n := count(x, len(y))
	each(n, 256, func(lo, hi int) { pairs(out[lo:hi], x[lo*len(y):hi*len(y)], y, m) })
}
