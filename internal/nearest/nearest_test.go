package nearest

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
)

// TestAgainstLoops compares all versions of the kernels with plain loops, at sizes around those of tiles, panels and vectors.
func TestAgainstLoops(t *testing.T) {
	defer limit(2)
	for width := range 3 {
		limit(width)
		for _, n := range []int{1, 3, 14, 113, 500} {
			for _, k := range []int{1, 7, 32, 33, 100} {
				for _, d := range []int{1, 5, 16, 37} {
					for _, m := range []Metric{Euclidean, Product} {
						check[float32](t, n, k, d, m)
						check[float64](t, n, k, d, m)
					}
				}
			}
		}
	}
}

// check uses small whole numbers, so that sums are exact in both types and equal distances are common.
func check[T Float](t *testing.T, n, k, d int, m Metric) {
	t.Helper()
	rng := rand.New(rand.NewPCG(uint64(n*k), uint64(d)))
	x, c := whole[T](rng, n*d), whole[T](rng, k*d)
	var p Panels[T]
	p.Pack(c, d, m)
	label := make([]int32, n)
	p.Label(label, x)
	near := min(k-1, 5)
	var h Heaps[T]
	var ids []int32
	if near > 0 {
		h.Reset(n, near)
		h.Offer(&p, 0, x, 0)
		ids = make([]int32, n*near)
		h.Sorted(ids, make([]float64, n*near), near, x, c, d, m)
	}
	sums := Sums{make([]float64, k*d), make([]int64, k), make([]float64, k)}
	Gather(sums, x, label, c, d, m)
	count, cost := make([]int64, k), make([]float64, k)
	for i := range n {
		order := ranks(x[i*d:(i+1)*d], c, d, m)
		if int(label[i]) != order[0] {
			t.Fatalf("%T, n %d, k %d, d %d, %v: row %d is nearest to %d, want %d", x, n, k, d, m, i, label[i], order[0])
		}
		count[label[i]]++
		cost[label[i]] += plain(x[i*d:(i+1)*d], c[order[0]*d:(order[0]+1)*d], m)
		if near == 0 {
			continue
		}
		order = slices.DeleteFunc(order, func(j int) bool { return j == i })
		want := order[:near]
		var got []int
		for _, id := range ids[i*near : (i+1)*near] {
			got = append(got, int(id))
		}
		if !slices.Equal(got, want) {
			t.Fatalf("%T, n %d, k %d, d %d, %v: neighbours of row %d are %v, want %v", x, n, k, d, m, i, got, want)
		}
	}
	if !slices.Equal(count, sums.Count) || !slices.Equal(cost, sums.Cost) {
		t.Fatalf("%T, n %d, k %d, d %d, %v: counts %v, want %v; costs %v, want %v", x, n, k, d, m, sums.Count, count, sums.Cost, cost)
	}
}

func whole[T Float](rng *rand.Rand, n int) []T {
	v := make([]T, n)
	for i := range v {
		v[i] = T(rng.IntN(7) - 3)
	}
	return v
}

func plain[T Float](x, c []T, m Metric) (s float64) {
	for j := range x {
		if m == Euclidean {
			s += float64(x[j]-c[j]) * float64(x[j]-c[j])
		} else {
			s += float64(x[j]) * float64(c[j])
		}
	}
	return s
}

// ranks orders the rows of c from near to far, equal ones by number.
func ranks[T Float](x, c []T, d int, m Metric) []int {
	score := make([]float64, len(c)/d)
	order := make([]int, len(score))
	for j := range score {
		order[j], score[j] = j, plain(x, c[j*d:(j+1)*d], m)
		if m == Product {
			score[j] = -score[j]
		}
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(score[a], score[b]) })
	return order
}

func BenchmarkLabel(b *testing.B) {
	const n, k, d = 16384, 1000, 128
	rng := rand.New(rand.NewPCG(1, 1))
	x, c := make([]float32, n*d), make([]float32, k*d)
	for i := range x {
		x[i] = float32(rng.NormFloat64())
	}
	copy(c, x)
	defer limit(2)
	for width := range 3 {
		limit(width)
		b.Run(fmt.Sprint(16<<width, " bytes"), func(b *testing.B) {
			var p Panels[float32]
			p.Pack(c, d, Euclidean)
			label := make([]int32, n)
			for b.Loop() {
				p.Label(label, x)
			}
			b.ReportMetric(2*n*k*d*float64(b.N)/b.Elapsed().Seconds()/1e9, "GFLOP/s")
		})
	}
}

func BenchmarkOffer(b *testing.B) {
	const n, m, k, d = 8192, 4096, 28, 128
	rng := rand.New(rand.NewPCG(1, 1))
	x, c := make([]float32, n*d), make([]float32, m*d)
	for i := range x {
		x[i] = float32(rng.NormFloat64())
	}
	for i := range c {
		c[i] = float32(rng.NormFloat64())
	}
	var p Panels[float32]
	var h Heaps[float32]
	h.Reset(n, k)
	for b.Loop() {
		p.Pack(c, d, Euclidean)
		h.Offer(&p, 0, x, -1)
	}
	b.ReportMetric(2*n*m*d*float64(b.N)/b.Elapsed().Seconds()/1e9, "GFLOP/s")
}

func BenchmarkGather(b *testing.B) {
	const n, k, d = 16384, 1000, 128
	rng := rand.New(rand.NewPCG(1, 1))
	x, label := make([]float32, n*d), make([]int32, n)
	for i := range label {
		label[i] = int32(rng.IntN(k))
	}
	s := Sums{make([]float64, k*d), make([]int64, k), make([]float64, k)}
	for b.Loop() {
		Gather(s, x, label, x[:k*d], d, Euclidean)
	}
	b.ReportMetric(b.Elapsed().Seconds()*1e9/float64(n*b.N), "ns/row")
}
