package objective

import (
	"fmt"
	"math"
	"slices"
)

// PowerConfig says how the original power iteration clustering runs.
type PowerConfig struct {
	Clusters      int     // K
	Epsilon       float64 // stop where the change of speed is at most Epsilon/N; 1e-5
	MaxIterations int     // 1000
	KMeans        int     // passes of one-dimensional k-means, 1 or more; 50
}

// PowerResult is a clustering.
type PowerResult struct {
	Embedding  []float64 // [N] of sum 1
	Iterations int       // products with the matrix
	Labels     []int     // [N]
}

// PowerIteration is power iteration clustering by Lin and Cohen, ICML 2010, algorithm 2: the normalised affinities are applied
// to the degrees until the speed of change is steady, long before they converge, and k-means cuts the numbers that are left.
//
//	affinityNN  [N, N] row-major, symmetric, with a diagonal of zeros and every row's sum above 0
//
// The paper starts k-means at random; here it starts from the (k + 1/2)/K quantiles of the embedding. Of equally near centres
// the first is taken, and an empty one stays where it is. It panics if sizes do not fit or a sample has no affinity to any
// other.
func PowerIteration(affinityNN []float64, c PowerConfig) PowerResult {
	n := int(math.Sqrt(float64(len(affinityNN))))
	if n*n != len(affinityNN) || n == 0 || c.Clusters < 1 || c.KMeans < 1 {
		panic(fmt.Sprintf("objective: %d affinities, %d clusters and %d passes, want a square, 1 and 1",
			len(affinityNN), c.Clusters, c.KMeans))
	}
	degree := make([]float64, n)
	total := 0.0
	for i := range degree {
		for _, a := range affinityNN[i*n : (i+1)*n] {
			degree[i] += a
		}
		if !(degree[i] > 0) {
			panic(fmt.Sprintf("objective: the affinities of sample %d add up to %g, want more than 0", i, degree[i]))
		}
		total += degree[i]
	}
	v := make([]float64, n)
	for i := range v {
		v[i] = degree[i] / total
	}
	r := PowerResult{}
	r.Embedding, r.Iterations = power(affinityNN, degree, v, c)
	r.Labels = cutNumbers(r.Embedding, c.Clusters, c.KMeans)
	return r
}

// power applies the rows of affinities, divided by their degrees, until the change of v changes by at most epsilon/N.
func power(affinityNN, degree, v []float64, c PowerConfig) ([]float64, int) {
	n := len(v)
	var speed []float64
	for t := 1; t <= c.MaxIterations; t++ {
		next := make([]float64, n)
		size := 0.0
		for i := range next {
			for j, a := range affinityNN[i*n : (i+1)*n] {
				next[i] += a / degree[i] * v[j]
			}
			size += math.Abs(next[i])
		}
		now := make([]float64, n)
		most := 0.0
		for i := range next {
			next[i] /= size
			now[i] = math.Abs(next[i] - v[i])
			if speed != nil {
				most = max(most, math.Abs(now[i]-speed[i]))
			}
		}
		v = next
		if speed != nil && most <= c.Epsilon/float64(n) {
			return v, t
		}
		speed = now
	}
	return v, c.MaxIterations
}

// cutNumbers is k-means in one dimension; the labels are those of the last assignment.
func cutNumbers(v []float64, k, passes int) []int {
	sorted := slices.Sorted(slices.Values(v))
	centres := make([]float64, k)
	for i := range centres {
		centres[i] = quantile(sorted, (float64(i)+0.5)/float64(k))
	}
	labels := make([]int, len(v))
	for range passes {
		sum, count := make([]float64, k), make([]float64, k)
		for i, x := range v {
			labels[i] = 0
			for j, at := range centres {
				if math.Abs(x-at) < math.Abs(x-centres[labels[i]]) {
					labels[i] = j
				}
			}
			sum[labels[i]] += x
			count[labels[i]]++
		}
		for j := range centres {
			if count[j] > 0 {
				centres[j] = sum[j] / count[j]
			}
		}
	}
	return labels
}

// quantile interpolates linearly between ascending numbers.
func quantile(sorted []float64, q float64) float64 {
	at := q * float64(len(sorted)-1)
	low := min(int(at), len(sorted)-1)
	high := min(low+1, len(sorted)-1)
	return sorted[low] + (at-float64(low))*(sorted[high]-sorted[low])
}
