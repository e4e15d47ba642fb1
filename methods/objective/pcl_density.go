package objective

import (
	"context"
	"fmt"
	"math"
	"slices"

	"vssl/torch"
)

// Densities are the prototypes of a clustering and how tightly their members lie around them.
type Densities struct {
	ClusterN    *torch.Tensor // [N] int64: the nearest centroid of each sample, the first on a tie
	DensityK    *torch.Tensor // [K] float, mean tau: the smaller, the tighter
	CentroidsKD *torch.Tensor // [K, D] float: unit rows
}

// ClusterDensity is the concentration estimate of 2005.04966, equation 12.
//
//	featuresND   [N, D] float
//	centroidsKD  [K, D] float, the result of k-means, not scaled
//	tau          what the densities are scaled to have as their mean, no unit, > 0
//	alpha        the authors' 10: keeps small clusters from large values
//
// The density of a cluster of 2 or more is the mean Euclidean distance of its members, not squared, over log(count + alpha);
// other clusters get the largest of these. All are cut to their 10th and 90th percentile, then scaled. If every density is 0,
// all become tau. Nothing has a gradient. It panics unless tau is positive, log(2 + alpha) is and numbers are finite.
func ClusterDensity(featuresND, centroidsKD *torch.Tensor, tau, alpha float64) (d Densities) {
	checkTemperature(tau)
	if !(alpha > -1) {
		panic(fmt.Sprintf("objective: alpha is %g, want more than -1", alpha))
	}
	torch.NoGrad(func() {
		clusters, distances := nearestCentroid(featuresND, centroidsKD)
		density := densities(clusters, distances, centroidsKD.Dim(0), alpha)
		rescale(density, tau)
		d = Densities{
			ClusterN:    torch.FromInt64(clusters, len(clusters)).ToDevice(featuresND.Device()),
			DensityK:    torch.FromFloat64(density, len(density)).To(featuresND.DType()).ToDevice(featuresND.Device()),
			CentroidsKD: centroidsKD.Normalize(1, tiny),
		}
	})
	return d
}

// densities is the estimate before cutting and scaling.
func densities(clusters []int64, distances []float64, k int, alpha float64) []float64 {
	sums, counts := make([]float64, k), make([]int, k)
	for i, c := range clusters {
		sums[c] += distances[i]
		counts[c]++
	}
	for c, n := range counts {
		if n < 2 {
			sums[c] = 0
			continue
		}
		sums[c] /= float64(n) * math.Log(float64(n)+alpha)
	}
	largest := slices.Max(sums)
	for c, n := range counts {
		if n < 2 {
			sums[c] = largest
		}
	}
	return sums
}

// rescale cuts the values to their 10th and 90th percentile and gives them the mean tau.
func rescale(values []float64, tau float64) {
	sorted := slices.Sorted(slices.Values(values))
	low, high := percentile(sorted, 0.1), percentile(sorted, 0.9)
	total := 0.0
	for i, v := range values {
		values[i] = min(max(v, low), high)
		total += values[i]
	}
	for i := range values {
		if total == 0 {
			values[i] = tau
			continue
		}
		values[i] *= tau * float64(len(values)) / total
	}
}

// percentile interpolates linearly between the two places of the sorted values around share.
func percentile(sorted []float64, share float64) float64 {
	at := share * float64(len(sorted)-1)
	i := int(at)
	if i+1 == len(sorted) {
		return sorted[i]
	}
	return sorted[i] + (at-float64(i))*(sorted[i+1]-sorted[i])
}

// nearestCentroid finds the nearest centroid of each row, the first on a tie, and the Euclidean distance to it, in float64.
func nearestCentroid(featuresND, centroidsKD *torch.Tensor) (clusters []int64, distances []float64) {
	const rows = 1 << 16 // copied at once
	n, d := featuresND.Dim(0), featuresND.Dim(1)
	torch.In(func(*torch.Scope) {
		centroids := centroidsKD.To(torch.Float64).Float64s()
		for at := 0; at < n; at += rows {
			torch.In(func(*torch.Scope) {
				part := featuresND.Narrow(0, at, min(rows, n-at)).To(torch.Float64).Float64s()
				lists, err := Neighbours(context.Background(), part, centroids, d, NeighbourConfig{K: 1, Metric: Euclidean})
				if err != nil {
					panic(err) // the context cannot end
				}
				for i, row := range lists.Rows {
					if row < 0 {
						panic(fmt.Sprintf("objective: row %d has no nearest centroid, want finite features and centroids", at+i))
					}
					clusters, distances = append(clusters, int64(row)), append(distances, math.Sqrt(lists.Near[i]))
				}
			})
		}
	})
	return clusters, distances
}
