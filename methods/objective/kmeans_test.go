package objective_test

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"reflect"
	"runtime"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"vssl/methods/objective"
)

// TestMersenne compares with numpy's RandomState(1234), with the number that the C++ standard demands, and with faiss 1.15.1.
func TestMersenne(t *testing.T) {
	m := objective.NewMersenne(1234)
	for i, want := range []uint32{822569775, 2137449171, 2671936806, 3512589365, 1880026316} {
		if got := m.Uint32(); got != want {
			t.Errorf("number %d of seed 1234: got %d, want %d", i, got, want)
		}
	}
	m = objective.NewMersenne(5489)
	for range 9999 {
		m.Uint32()
	}
	if got := m.Uint32(); got != 4123659995 {
		t.Errorf("number 10000 of seed 5489: got %d, want 4123659995", got)
	}
	if got := objective.FaissUniforms()(); math.Abs(float64(got)-0.19151945) > 1e-7 {
		t.Errorf("first uniform: got %g, want faiss's 0.19151945", got)
	}
	if got := objective.NewMersenne(1234).Perm(12); !slices.Equal(got, []int32{3, 1, 8, 5, 2, 6, 0, 7, 11, 9, 4, 10}) {
		t.Errorf("order of 12: got %v, want faiss's", got)
	}
}

// blobs are rows around k distant centres, in turn.
func blobs[T float32 | float64](n, d, k int) []T {
	rng := rand.New(rand.NewPCG(7, 7))
	rows := make([]T, n*d)
	for i := range rows {
		rows[i] = T(rng.NormFloat64() + 50*float64(i/d%k)*float64(1-2*(i%d%2)))
	}
	return rows
}

func run[T float32 | float64](t *testing.T, x, start []T, d int, c objective.KMeansConfig) objective.Clusters[T] {
	t.Helper()
	r, err := objective.KMeans(context.Background(), x, start, d, c)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// TestKMeansFindsBlobs: in both types, whatever the order of the centroids, and when it trains on a sample.
func TestKMeansFindsBlobs(t *testing.T) {
	const n, d, k = 300, 5, 4
	for _, order := range [][]int{{0, 1, 2, 3}, {3, 1, 0, 2}} {
		for _, sample := range []int{0, 20} {
			x := blobs[float64](n, d, k)
			x32 := blobs[float32](n, d, k)
			var start []float64
			var start32 []float32
			for _, i := range order {
				start, start32 = append(start, x[i*d:(i+1)*d]...), append(start32, x32[i*d:(i+1)*d]...)
			}
			c := objective.KMeansConfig{Iterations: 5, Sample: sample, Seed: 3}
			r, r32 := run(t, x, start, d, c), run(t, x32, start32, d, c)
			for i := range n {
				if want := int32(slices.Index(order, i%k)); r.Labels[i] != want || r32.Labels[i] != want {
					t.Fatalf("row %d: labels %d and %d, want %d", i, r.Labels[i], r32.Labels[i], want)
				}
			}
			if !slices.IsSortedFunc(r.Objective, func(a, b float64) int { return int(math.Copysign(1, b-a)) }) {
				t.Errorf("the objective rises: %v", r.Objective)
			}
			if a, b := r.Objective[4], r32.Objective[4]; math.Abs(a-b) > 1e-4*a {
				t.Errorf("objective %g in float64, %g in float32", a, b)
			}
		}
	}
}

// TestKMeansInBlocks runs over more than one block: with one processor and with several the bits are the same; a context that
// ends between blocks stops it.
func TestKMeansInBlocks(t *testing.T) {
	const n, d, k = 3000, 1000, 3
	x := blobs[float32](n, d, k)
	c := objective.KMeansConfig{Iterations: 2}
	many := run(t, x, x[1000*d:1003*d], d, c)
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	one := run(t, x, x[1000*d:1003*d], d, c)
	if !reflect.DeepEqual(many, one) {
		t.Error("results depend on the number of processors")
	}
	ctx, stop := context.WithCancel(context.Background())
	blocks := 0
	c.Progress = func(iteration, rows int) {
		if blocks++; iteration != 0 || rows >= n {
			t.Errorf("iteration %d reached row %d after it was told to stop", iteration, rows)
		}
		stop()
	}
	if _, err := objective.KMeans(ctx, x, x[:k*d], d, c); !errors.Is(err, context.Canceled) || blocks != 1 {
		t.Errorf("error %v after %d blocks, want %v after 1", err, blocks, context.Canceled)
	}
}

func TestKMeansRefuses(t *testing.T) {
	x, start, once := []float64{1, math.NaN(), 3}, []float64{1, 2}, objective.KMeansConfig{Iterations: 1}
	if _, err := objective.KMeans(context.Background(), x, start, 1, once); err == nil {
		t.Error("features that are no numbers: no error")
	}
	panics(t, "fewer rows than clusters", func() { run(t, []float64{1}, []float64{1, 2}, 1, objective.KMeansConfig{}) })
	panics(t, "half a row", func() { run(t, []float64{1, 2, 3}, []float64{1, 2}, 2, objective.KMeansConfig{}) })
	panics(t, "no donor", func() {
		config := objective.SplitConfig{Points: 4, Uniform: objective.FaissUniforms()}
		objective.SplitEmpty(make([]float32, 3), []float32{1, 0, 1}, config)
	})
}

// TestKMeansOfEqualRows: all clusters but one are empty after each assignment, and are split off again.
func TestKMeansOfEqualRows(t *testing.T) {
	x := slices.Repeat([]float64{1, -2}, 10)
	r := run(t, x, x[:6], 2, objective.KMeansConfig{Iterations: 4})
	for i, v := range r.Centroids {
		if math.Abs(v-x[i%2]) > 0.02 {
			t.Errorf("centroids %v are far from the rows %v", r.Centroids, x[:2])
		}
	}
}

// TestSplitKeepsMembers: no cluster stays empty, and members are conserved.
func TestSplitKeepsMembers(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		counts := rapid.SliceOfN(rapid.SampledFrom([]float32{0, 0, 2, 9, 70}), 1, 9).Draw(t, "counts")
		counts = append(counts, 40)
		total := float32(0)
		for _, c := range counts {
			total += c
		}
		config := objective.SplitConfig{Points: int(total) + 1, Epsilon: objective.FaissEpsilon, Uniform: objective.FaissUniforms()}
		objective.SplitEmpty(make([]float32, 3*len(counts)), counts, config)
		after := float32(0)
		for _, c := range counts {
			if after += c; c <= 0 {
				t.Fatalf("counts %v after the split", counts)
			}
		}
		if after != total {
			t.Fatalf("%g members became %g", total, after)
		}
	})
}

// TestPlusPlusTakesOneOfEachBlob: those far from all centroids so far are all but sure to be drawn next.
func TestPlusPlusTakesOneOfEachBlob(t *testing.T) {
	const n, d, k = 120, 6, 5
	x := blobs[float32](n, d, k)
	start, err := objective.PlusPlus(context.Background(), x, d, k, rand.New(rand.NewPCG(1, 2)))
	if err != nil {
		t.Fatal(err)
	}
	labels := slices.Clone(run(t, x, start, d, objective.KMeansConfig{}).Labels[:k])
	if slices.Sort(labels); !slices.Equal(labels, []int32{0, 1, 2, 3, 4}) {
		t.Errorf("the first rows of the blobs have labels %v", labels)
	}
	equal, err := objective.PlusPlus(context.Background(), slices.Repeat([]float32{2}, 4), 1, 3, rand.New(rand.NewPCG(1, 2)))
	if err != nil || !slices.Equal(equal, []float32{2, 2, 2}) {
		t.Errorf("centroids of equal rows: %v, %v", equal, err)
	}
	rows := []float32{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}
	if sample := objective.SampleRows(rows, 1, 12, 1234); sample[2] != 8 || sample[11] != 10 {
		t.Errorf("sample %v is not in faiss's order", sample)
	}
}
