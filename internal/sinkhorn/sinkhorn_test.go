package sinkhorn

import (
	"math"
	"math/rand/v2"
	"reflect"
	"testing"
)

// results are all that the functions make of a matrix.
type results[T Float] struct {
	e                                   []T
	peak, columns, row, sum, rowH, sumH []float64
	label                               []int32
	half                                []Half
}

func all[T Float](x []T, k int, power float64, base []float64) (r results[T]) {
	n := len(x) / k
	r = results[T]{
		e: make([]T, len(x)), label: make([]int32, n), half: make([]Half, len(x)),
		peak: make([]float64, n), row: make([]float64, n), rowH: make([]float64, n),
		columns: make([]float64, k), sum: make([]float64, k), sumH: make([]float64, k),
	}
	Lift(r.e, r.peak, x, power, base)
	c := NewColumns(k)
	AddRows(c, x[:n/2*k], power)
	AddRows(c, x[n/2*k:], power)
	rate, scale := make([]float64, k), make([]float64, k)
	for j := range k {
		r.columns[j], rate[j], scale[j] = c.Log(j), 1+float64(j%3), power
	}
	Products(r.row, r.e, rate, r.sum)
	Pack(r.half, r.e)
	Products(r.rowH, r.half, rate, r.sumH)
	Choose(r.label, x, scale, base)
	return r
}

// TestAgainstLoops compares all versions of the kernels with plain loops at sizes around those of vectors, and with each other
// to the last bit.
func TestAgainstLoops(t *testing.T) {
	for _, k := range []int{1, 2, 3, 7, 8, 15, 16, 17, 40, 67} {
		for _, n := range []int{1, 2, 9} {
			for _, spread := range []float64{1, 60, 400} {
				check[float32](t, n, k, spread, 3e-7)
				check[float64](t, n, k, spread, 1e-14)
			}
		}
	}
}

func check[T Float](t *testing.T, n, k int, spread, limitE float64) {
	t.Helper()
	defer limit(2)
	rng := rand.New(rand.NewPCG(uint64(n*k), 1))
	x, base := make([]T, n*k), make([]float64, k)
	for i := range x {
		x[i] = T(spread * rng.NormFloat64())
	}
	for j := range base {
		base[j] = rng.NormFloat64()
	}
	const power = 1.5
	got := all(x, k, power, base)
	for width := range 2 {
		if limit(width); !reflect.DeepEqual(all(x, k, power, base), got) {
			t.Fatalf("%T, n %d, k %d, spread %g: vectors of %d bytes give other bits", x, n, k, spread, 16<<width)
		}
	}
	sum, sumH := make([]float64, k), make([]float64, k)
	for i := range n {
		row, e := x[i*k:(i+1)*k], got.e[i*k:(i+1)*k]
		peak, label := math.Inf(-1), 0
		for j, v := range row {
			if y := power*float64(v) + base[j]; y > peak {
				peak, label = y, j
			}
		}
		product, productH := 0.0, 0.0
		for j, v := range row {
			want := math.Exp(power*float64(v) + base[j] - peak)
			near(t, "e", float64(e[j]), want, limitE*want+1e-45)
			near(t, "half", float64(half(got.half[i*k+j])), float64(e[j]), float64(e[j])/1000+1e-35)
			product += float64(e[j]) * (1 + float64(j%3))
			productH += float64(half(got.half[i*k+j])) * (1 + float64(j%3))
		}
		for j := range row {
			sum[j] += float64(e[j]) / product
			sumH[j] += float64(half(got.half[i*k+j])) / productH
		}
		near(t, "peak", got.peak[i], peak, 1e-12*math.Abs(peak))
		near(t, "product", got.row[i], product, 1e-14*product)
		near(t, "product of halves", got.rowH[i], productH, 1e-14*productH)
		near(t, "label", float64(got.label[i]), float64(label), 0)
	}
	for j := range k {
		most, total := math.Inf(-1), 0.0
		for i := range n {
			most = max(most, power*float64(x[i*k+j]))
		}
		for i := range n {
			total += math.Exp(power*float64(x[i*k+j]) - most)
		}
		near(t, "column", got.columns[j], most+math.Log(total), 1e-6)
		near(t, "sum", got.sum[j], sum[j], 1e-13*sum[j])
		near(t, "sum of halves", got.sumH[j], sumH[j], 1e-13*sumH[j])
	}
}

func half(h Half) float32 { return math.Float32frombits(uint32(h) << 14) }

func near(t *testing.T, what string, got, want, limit float64) {
	t.Helper()
	if !(math.Abs(got-want) <= limit) {
		t.Fatalf("%s: got %g, want %g", what, got, want)
	}
}

// TestRowsWithoutNumbers: the peak says so, whether NaN is among many columns or after the last vector; columns of -Inf are empty.
func TestRowsWithoutNumbers(t *testing.T) {
	const k = 9
	for _, at := range []int{0, 8} {
		x := make([]float32, 3*k)
		x[at] = float32(math.NaN())
		for j := range k {
			x[k+j] = float32(math.Inf(-1))
		}
		x[2*k+at] = float32(math.Inf(-1))
		r := all(x, k, 2, make([]float64, k))
		if !math.IsNaN(r.peak[0]) || !math.IsNaN(r.peak[1]) || r.peak[2] != 0 || r.e[2*k+at] != 0 {
			t.Errorf("column %d: peaks %v, element %g", at, r.peak, r.e[2*k+at])
		}
		c := NewColumns(k)
		AddRows(c, x[k:2*k], 2)
		if !math.IsInf(c.Log(at), -1) {
			t.Errorf("column %d of -Inf: %g", at, c.Log(at))
		}
	}
}

func TestLengths(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("5 numbers are no rows of 2")
		}
	}()
	Products(make([]float64, 2), make([]float32, 5), make([]float64, 2), make([]float64, 2))
}
