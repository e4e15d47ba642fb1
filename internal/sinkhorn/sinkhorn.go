// Package sinkhorn has the inner loops of Sinkhorn's scaling of a matrix that is worked on in blocks of rows.
//
// Rows are slices of n*k numbers, row-major, n being as many as there are. All arithmetic is in float64 and gives the same bits
// on every processor. Functions run on the caller's goroutine, and panic when a slice is not as long as those beside it demand.
package sinkhorn

/*
#cgo CFLAGS: -O3 -std=c11 -Wno-psabi
#include "sinkhorn.h"
*/
import "C"

import (
	"fmt"
	"math"
	"slices"
	"unsafe"
)

// Float is the type of an element of the matrix.
type Float interface{ float32 | float64 }

// Half is a number in 0..1 rounded to one part in 1000: the bits 14..29 of a float32, whose sign and highest bit of the exponent
// are not set in that range.
type Half uint16

// Lift writes e = exp(power*x + base - peak), where peak [n] is what makes a row's largest 1. Peak is NaN where a row has NaN, or
// nothing above -Inf. Elements of e may be off by some units in the last place; below exp(-708) they are 0.
func Lift[T Float](e []T, peak []float64, x []T, power float64, base []float64) {
	n, k := size(len(x), len(peak), len(base)), C.int64_t(len(base))
	same(len(e), len(x))
	switch x := any(x).(type) {
	case []float32:
		C.sinkhorn_lift_f32(f32(x), n, k, C.double(power), f64(base), f32(any(e).([]float32)), f64(peak))
	case []float64:
		C.sinkhorn_lift_f64(f64(x), n, k, C.double(power), f64(base), f64(any(e).([]float64)), f64(peak))
	}
}

// Columns are sums of exponentials over the rows of a matrix, by column.
type Columns struct{ most, sum, work []float64 }

// NewColumns is the sums over no rows of k.
func NewColumns(k int) Columns {
	return Columns{slices.Repeat([]float64{math.Inf(-1)}, k), make([]float64, k), make([]float64, k)}
}

// AddRows adds rows of power*x to the sums in c.
func AddRows[T Float](c Columns, x []T, power float64) {
	k := len(c.sum)
	n := size(len(x), len(x)/k, k)
	switch x := any(x).(type) {
	case []float32:
		C.sinkhorn_columns_f32(f32(x), n, C.int64_t(k), C.double(power), f64(c.most), f64(c.sum), f64(c.work))
	case []float64:
		C.sinkhorn_columns_f64(f64(x), n, C.int64_t(k), C.double(power), f64(c.most), f64(c.sum), f64(c.work))
	}
}

// Log returns the logarithm of the sum of column j.
func (c Columns) Log(j int) float64 { return c.most[j] + math.Log(c.sum[j]) }

// Products writes to row [n] the products of the rows of e with rate [k], and adds the rows over these to sum [k].
func Products[T Float | Half](row []float64, e []T, rate, sum []float64) {
	n, k := size(len(e), len(row), len(rate)), C.int64_t(len(rate))
	same(len(sum), len(rate))
	switch e := any(e).(type) {
	case []float32:
		C.sinkhorn_products_f32(f32(e), n, k, f64(rate), f64(row), f64(sum))
	case []float64:
		C.sinkhorn_products_f64(f64(e), n, k, f64(rate), f64(row), f64(sum))
	case []Half:
		C.sinkhorn_products_u16(u16(e), n, k, f64(rate), f64(row), f64(sum))
	}
}

// Choose writes to label [n] the first column with the largest x*rate + shift.
func Choose[T Float](label []int32, x []T, rate, shift []float64) {
	n, k := size(len(x), len(label), len(rate)), C.int64_t(len(rate))
	same(len(shift), len(rate))
	to := (*C.int32_t)(unsafe.Pointer(unsafe.SliceData(label)))
	switch x := any(x).(type) {
	case []float32:
		C.sinkhorn_choose_f32(f32(x), n, k, f64(rate), f64(shift), to)
	case []float64:
		C.sinkhorn_choose_f64(f64(x), n, k, f64(rate), f64(shift), to)
	}
}

// Pack rounds numbers in 0..1.
func Pack[T Float](half []Half, e []T) {
	same(len(half), len(e))
	switch e := any(e).(type) {
	case []float32:
		C.sinkhorn_pack_f32(f32(e), C.int64_t(len(e)), u16(half))
	case []float64:
		C.sinkhorn_pack_f64(f64(e), C.int64_t(len(e)), u16(half))
	}
}

// size returns n where count numbers are n rows of k.
func size(count, n, k int) C.int64_t {
	if count != n*k {
		panic(fmt.Sprintf("sinkhorn: %d numbers for %d rows of %d", count, n, k))
	}
	return C.int64_t(n)
}

func same(got, want int) {
	if got != want {
		panic(fmt.Sprintf("sinkhorn: %d numbers, want %d", got, want))
	}
}

func f32(s []float32) *C.float  { return (*C.float)(unsafe.Pointer(unsafe.SliceData(s))) }
func f64(s []float64) *C.double { return (*C.double)(unsafe.Pointer(unsafe.SliceData(s))) }
func u16(s []Half) *C.uint16_t  { return (*C.uint16_t)(unsafe.Pointer(unsafe.SliceData(s))) }

// limit lowers the width of the vectors in use: 0 for 16 bytes, 1 for 32, 2 for 64; tests call it.
func limit(width int) { C.sinkhorn_limit(C.int(width)) }
