package clustering

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// TestEvenly: of clusters of 600, 60, 6 and 0 members each that has some gives a third, the large one no member twice.
func TestEvenly(t *testing.T) {
	var clusterN []int64
	for k, size := range []int{600, 0, 60, 6} {
		clusterN = append(clusterN, slices.Repeat([]int64{int64(k)}, size)...)
	}
	clusterN = append(clusterN, -1, -1)
	rng := rand.New(rand.NewPCG(4, 4))
	rng.Shuffle(len(clusterN), func(i, j int) { clusterN[i], clusterN[j] = clusterN[j], clusterN[i] })
	order := evenly(clusterN, 4, rand.New(rand.NewPCG(1, 1)))
	if len(order) != len(clusterN) {
		t.Fatalf("%d samples drawn of %d", len(order), len(clusterN))
	}
	drawn, times, first := map[int64]int{}, map[int]int{}, map[int64]int{}
	for at, i := range order {
		drawn[clusterN[i]]++
		times[i]++
		if at < len(order)/4 {
			first[clusterN[i]]++
		}
	}
	for _, k := range []int64{0, 2, 3} {
		if off := drawn[k] - len(order)/3; off < -2 || off > 1 {
			t.Errorf("cluster %d is drawn %d times of %d", k, drawn[k], len(order))
		}
		if first[k] < 30 { // of 167; five standard deviations below a third
			t.Errorf("cluster %d is drawn %d times in the first quarter: not in random order", k, first[k])
		}
	}
	if len(drawn) != 3 {
		t.Errorf("samples without a cluster, or of none, are drawn: %v", drawn)
	}
	for i, n := range times {
		if clusterN[i] == 0 && n > 1 {
			t.Errorf("sample %d of the large cluster is drawn %d times", i, n)
		}
	}
	if again := evenly(clusterN, 4, rand.New(rand.NewPCG(1, 1))); !slices.Equal(again, order) {
		t.Error("the same numbers give another order")
	}
	if other := evenly(clusterN, 4, rand.New(rand.NewPCG(1, 2))); slices.Equal(other, order) {
		t.Error("other numbers give the same order")
	}
}

func TestLargest(t *testing.T) {
	got, kept := largest([]int{4, 1, 1, 2, 2, 2, 3, 0, 0}, 3)
	if want := []int{-1, 2, 2, 0, 0, 0, -1, 1, 1}; !slices.Equal(got, want) || kept != 3 {
		t.Errorf("got %v and %d, want %v and 3", got, kept, want)
	}
	if got, kept := largest([]int{7, 7, 5}, 3); !slices.Equal(got, []int{0, 0, 1}) || kept != 2 {
		t.Errorf("got %v and %d, want all of two clusters", got, kept)
	}
}

// TestAgree: numbers of clusters mean nothing, and samples that one side has no cluster for do not count.
func TestAgree(t *testing.T) {
	if v := agree([]int64{0, 0, 1, 1, 2, -1}, []int64{2, 2, 0, 0, -1, 1}); math.Abs(v-1) > 1e-12 {
		t.Errorf("equal clusterings agree by %g, want 1", v)
	}
	if v := agree([]int64{0, 0, 1, 1}, []int64{0, 1, 0, 1}); v > 1e-12 {
		t.Errorf("independent clusterings agree by %g, want 0", v)
	}
}
