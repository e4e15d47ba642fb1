package objective

import (
	"context"
	"fmt"
	"math"

	"vssl/internal/nearest"
)

// Metric says what near means to k-means and to the search for neighbours.
type Metric = nearest.Metric

// The metrics: the least squared Euclidean distance, or the largest inner product.
const (
	Euclidean    = nearest.Euclidean
	InnerProduct = nearest.Product
)

// KMeansConfig says how k-means runs.
type KMeansConfig struct {
	Iterations int    // assignments, each followed by an update; >= 0
	Metric     Metric // of the assignment
	Spherical  bool   // bring centroids to length 1 at the start and after every update
	Sample     int    // train on at most so many rows a cluster, drawn by Seed; 0: on all. faiss takes 256
	Seed       uint32 // of the sample; faiss takes 1234

	// Uniforms starts a source of numbers in 0..1 for each update that meets an empty cluster; nil: faiss's, [FaissUniforms].
	Uniforms func() func() float32
	// Progress, if not nil, is called after each block of rows, with the iteration and the rows assigned in it so far. The last
	// assignment counts as the iteration after the last.
	Progress func(iteration, rows int)
}

// Clusters is what k-means finds.
type Clusters[T nearest.Float] struct {
	Labels    []int32   // [N] the nearest of Centroids
	Centroids []T       // [K, D]
	Objective []float64 // [Iterations] sum over the rows of the squared distances to, or the products with, the nearest centroid
}

// KMeans is Lloyd's algorithm as faiss 02dbb4e runs it, Clustering.cpp: each iteration assigns all rows to the nearest centroid,
// moves every centroid to the mean of its members and refills empty clusters by [SplitEmpty]. There is no early stop. After the
// last update rows are assigned once more.
//
//	featuresND   [N, D] row-major
//	centroidsKD  [K, D] where to start, not changed; K at most N
//
// Rows pass in blocks, on all processors, and results do not depend on how many there are. Scores are formed in T, sums, means
// and the objective in float64. Beyond its arguments and the labels it holds a few times K*D numbers and, with a Sample, that.
// The error is ctx's, or says that features are not finite; it panics if sizes do not fit.
func KMeans[T nearest.Float](ctx context.Context, featuresND, centroidsKD []T, d int, c KMeansConfig) (Clusters[T], error) {
	n, k := rowsOf(featuresND, d), rowsOf(centroidsKD, d)
	if k < 1 || n < k || c.Iterations < 0 {
		panic(fmt.Sprintf("objective: k-means of %d rows into %d clusters in %d iterations, want at least as many rows as clusters, "+
			"1 cluster and no negative count", n, k, c.Iterations))
	}
	r := &lloyd[T]{config: c, d: d, k: k, centroids: append([]T(nil), centroidsKD...)}
	if c.Spherical {
		unitRows(r.centroids, d)
	}
	train := featuresND
	if c.Sample > 0 && n > c.Sample*k {
		train = SampleRows(featuresND, d, c.Sample*k, c.Seed)
	}
	labels := make([]int32, n)
	for i := range c.Iterations {
		if err := r.assign(ctx, i, train, labels, true); err != nil {
			return Clusters[T]{}, err
		}
		r.update(rowsOf(train, d))
	}
	if err := r.assign(ctx, c.Iterations, featuresND, labels, false); err != nil {
		return Clusters[T]{}, err
	}
	return Clusters[T]{labels, r.centroids, r.objective}, nil
}

// lloyd is the state of a run.
type lloyd[T nearest.Float] struct {
	config    KMeansConfig
	d, k      int
	centroids []T
	panels    nearest.Panels[T]
	sums      nearest.Sums
	objective []float64
}

// blockNumbers is how many numbers of features pass at a time: few enough to stay in the last cache between assignment and sums.
const blockNumbers = 1 << 21

// assign labels all rows; with gather it also forms the sums of the update, and the objective.
func (r *lloyd[T]) assign(ctx context.Context, iteration int, x []T, labels []int32, gather bool) error {
	r.panels.Pack(r.centroids, r.d, r.config.Metric)
	r.sums = nearest.Sums{Row: make([]float64, r.k*r.d), Count: make([]int64, r.k), Cost: make([]float64, r.k)}
	n, block := rowsOf(x, r.d), max(1, blockNumbers/r.d)
	for lo := 0; lo < n; lo += block {
		if err := ctx.Err(); err != nil {
			return fmt.Errorf("k-means: iteration %d, row %d: %w", iteration, lo, err)
		}
		hi := min(lo+block, n)
		part := x[lo*r.d : hi*r.d]
		r.panels.Label(labels[lo:hi], part)
		if gather {
			nearest.Gather(r.sums, part, labels[lo:hi], r.centroids, r.d, r.config.Metric)
		}
		if r.config.Progress != nil {
			r.config.Progress(iteration, hi)
		}
	}
	if !gather {
		return nil
	}
	total := 0.0
	for _, v := range r.sums.Cost {
		total += v
	}
	if math.IsNaN(total) || math.IsInf(total, 0) {
		return fmt.Errorf("k-means: iteration %d: the objective is %g: features or centroids are not finite", iteration, total)
	}
	r.objective = append(r.objective, total)
	return nil
}

// means moves the centroids of clusters with members to their means, and tells whether some cluster has none.
func (r *lloyd[T]) means() (empty bool) {
	for k, members := range r.sums.Count {
		if members == 0 {
			empty = true
			continue
		}
		for j := k * r.d; j < (k+1)*r.d; j++ {
			r.centroids[j] = T(r.sums.Row[j] / float64(members))
		}
	}
	return empty
}

// update moves centroids to the means of their members and refills empty clusters.
func (r *lloyd[T]) update(n int) {
	if r.means() {
		r.split(n)
	}
	if r.config.Spherical {
		unitRows(r.centroids, r.d)
	}
}

// split refills empty clusters. Like faiss it does so in float32, for all centroids alike.
func (r *lloyd[T]) split(n int) {
	start := r.config.Uniforms
	if start == nil {
		start = FaissUniforms
	}
	counts := make([]float32, r.k)
	for k, members := range r.sums.Count {
		counts[k] = float32(members)
	}
	single := make([]float32, len(r.centroids))
	for i, v := range r.centroids {
		single[i] = float32(v)
	}
	SplitEmpty(single, counts, SplitConfig{Points: n, Epsilon: FaissEpsilon, Uniform: start()})
	for i, v := range single {
		r.centroids[i] = T(v)
	}
}

// unitRows brings rows of d numbers to length 1; rows of zeros stay.
func unitRows[T nearest.Float](rows []T, d int) {
	for ; len(rows) > 0; rows = rows[d:] {
		length := 0.0
		for _, v := range rows[:d] {
			length += float64(v) * float64(v)
		}
		if length == 0 {
			continue
		}
		for j := range d {
			rows[j] = T(float64(rows[j]) / math.Sqrt(length))
		}
	}
}

// rowsOf is the number of rows of d numbers.
func rowsOf[T any](rows []T, d int) int {
	if d < 1 || len(rows)%d != 0 {
		panic(fmt.Sprintf("objective: %d numbers are no rows of %d", len(rows), d))
	}
	return len(rows) / d
}
