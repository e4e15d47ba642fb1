package objective_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"vssl/methods/objective"
)

// TestNeighboursAgainstLoops has several blocks of queries and base, and many equal distances, as rows are whole numbers in few
// places.
func TestNeighboursAgainstLoops(t *testing.T) {
	const n, m, d, used = 270, 530, 4096, 3
	rng := rand.New(rand.NewPCG(1, 1))
	base := make([]float32, m*d)
	for i := range m {
		for j := range used {
			base[i*d+j] = float32(rng.IntN(9) - 4)
		}
	}
	for _, c := range []objective.NeighbourConfig{
		{K: 7, Metric: objective.Euclidean}, {K: 7, Metric: objective.InnerProduct}, {K: 7, Metric: objective.Euclidean, Self: true},
	} {
		queries := base[:n*d]
		if c.Self {
			queries = base
		}
		got, err := objective.Neighbours(context.Background(), queries, base, d, c)
		if err != nil {
			t.Fatal(err)
		}
		for i := range len(queries) / d {
			rows, near := plainNeighbours(queries[i*d:i*d+used], base, i, d, c)
			at := i * c.K
			if !slices.Equal(got.Rows[at:at+c.K], rows[:c.K]) || !slices.Equal(got.Near[at:at+c.K], near[:c.K]) {
				t.Fatalf("%v, self %t: row %d: got %v at %v, want %v at %v", c.Metric, c.Self, i,
					got.Rows[at:at+c.K], got.Near[at:at+c.K], rows[:c.K], near[:c.K])
			}
		}
	}
}

func plainNeighbours(x, base []float32, self, d int, c objective.NeighbourConfig) (rows []int32, near []float64) {
	value := make([]float64, len(base)/d)
	for i := range value {
		for j, v := range x {
			if b := base[i*d+j]; c.Metric == objective.Euclidean {
				value[i] += float64((v - b) * (v - b))
			} else {
				value[i] -= float64(v * b)
			}
		}
		if !c.Self || i != self {
			rows = append(rows, int32(i))
		}
	}
	slices.SortStableFunc(rows, func(a, b int32) int { return cmp.Compare(value[a], value[b]) })
	for _, i := range rows {
		v := value[i]
		if c.Metric == objective.InnerProduct && v != 0 {
			v = -v
		}
		near = append(near, v)
	}
	return rows, near
}

// TestNeighboursOfShiftedRows: far from the origin blocks of products in float32 round small distances away; they come back.
func TestNeighboursOfShiftedRows(t *testing.T) {
	x := []float32{1000, 1000.5, 1001.5, 1003, 1005}
	got, err := objective.Neighbours(context.Background(), x, x, 1, objective.NeighbourConfig{K: 1, Self: true})
	if err != nil {
		t.Fatal(err)
	}
	if want := []int32{1, 0, 1, 2, 3}; !slices.Equal(got.Rows, want) || got.Near[0] != 0.25 {
		t.Errorf("got %v at %v, want %v", got.Rows, got.Near, want)
	}
}

func TestNeighboursOfWhatIsNoNumber(t *testing.T) {
	x := []float64{1, 2, math.NaN()}
	if got, err := objective.Neighbours(context.Background(), x, x, 1, objective.NeighbourConfig{K: 1, Self: true}); err == nil {
		t.Errorf("got %v and no error", got.Rows)
	}
}

func TestNeighboursStop(t *testing.T) {
	ctx, stop := context.WithCancel(context.Background())
	x := make([]float32, 300*4096)
	config := objective.NeighbourConfig{K: 1, Progress: func(rows int) { stop() }}
	if _, err := objective.Neighbours(ctx, x, x, 4096, config); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want %v", err, context.Canceled)
	}
	panics(t, "more neighbours than rows", func() {
		_, _ = objective.Neighbours(context.Background(), x, x[:4096], 4096, objective.NeighbourConfig{K: 2})
	})
}

func ExampleNeighbours() {
	streets := []float64{1, 2, 4, 8}
	near, _ := objective.Neighbours(context.Background(), streets, streets, 1, objective.NeighbourConfig{K: 2, Self: true})
	fmt.Println(near.Rows, near.Near)
	// Output: [1 2 0 2 1 0 2 1] [1 9 1 4 4 9 16 36]
}

// onCircle are rows of length 1 at the angles.
func onCircle(angles ...float64) (rows []float64) {
	for _, a := range angles {
		rows = append(rows, math.Cos(a), math.Sin(a))
	}
	return rows
}

// TestPICDoesNotSeeOrder: clusters and contrasts follow the samples when they change places.
func TestPICDoesNotSeeOrder(t *testing.T) {
	rng := rand.New(rand.NewPCG(2, 2))
	var angles, mixed []float64
	for range 40 {
		angles = append(angles, 6*rng.Float64())
	}
	order := rng.Perm(40)
	for _, i := range order {
		mixed = append(mixed, angles[i])
	}
	config := objective.PICConfig{Sigma: 0.2, Alpha: 0.01, Neighbours: 3, Iterations: 100, Distribute: true}
	a, errA := objective.PIC(context.Background(), onCircle(angles...), 2, config)
	b, errB := objective.PIC(context.Background(), onCircle(mixed...), 2, config)
	if err := errors.Join(errA, errB); err != nil {
		t.Fatal(err)
	}
	for to, from := range order {
		if math.Abs(a.Contrast[from]-b.Contrast[to]) > 1e-6 {
			t.Errorf("contrast %g became %g", a.Contrast[from], b.Contrast[to])
		}
		for to2, from2 := range order {
			if (a.Labels[from] == a.Labels[from2]) != (b.Labels[to] == b.Labels[to2]) {
				t.Fatalf("samples %d and %d are together in one order only", from, from2)
			}
		}
	}
}

// TestPICOfEqualRows: nothing rises above its neighbours, so that every sample is a peak, and nobody has a cluster to join.
func TestPICOfEqualRows(t *testing.T) {
	config := objective.PICConfig{Sigma: 0.2, Alpha: 0.001, Neighbours: 2, Iterations: 10, Distribute: true}
	r, err := objective.PIC(context.Background(), onCircle(1, 1, 1), 2, config)
	if err != nil || !slices.Equal(r.Labels, []int{0, 1, 2}) || math.Abs(r.Contrast[0]) > 1e-9 {
		t.Errorf("labels %v, contrast %v, error %v", r.Labels, r.Contrast, err)
	}
	config.Sigma = 0
	panics(t, "sigma of 0", func() { _, _ = objective.PIC(context.Background(), onCircle(1, 2, 3), 2, config) })
}

// TestPowerIteration: two groups are found whatever the unit of the affinities; a sample without any is refused.
func TestPowerIteration(t *testing.T) {
	const n = 9
	affinity, scaled := make([]float64, n*n), make([]float64, n*n)
	for i := range affinity {
		a, b := i/n, i%n
		if a != b {
			affinity[i] = 0.001
		}
		if a != b && (a < 4) == (b < 4) {
			affinity[i] = 1
		}
		scaled[i] = 8 * affinity[i]
	}
	config := objective.PowerConfig{Clusters: 2, Epsilon: 1e-5, MaxIterations: 1000, KMeans: 20}
	r, s := objective.PowerIteration(affinity, config), objective.PowerIteration(scaled, config)
	if want := []int{0, 0, 0, 0, 1, 1, 1, 1, 1}; !slices.Equal(r.Labels, want) || !slices.Equal(s.Labels, want) {
		t.Errorf("labels %v and %v, want %v", r.Labels, s.Labels, want)
	}
	if r.Iterations != s.Iterations {
		t.Errorf("%d iterations, %d in another unit", r.Iterations, s.Iterations)
	}
	panics(t, "a sample without affinity", func() { objective.PowerIteration(make([]float64, 4), config) })
}
