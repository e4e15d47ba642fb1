package objective_test

import (
	"math"
	"slices"
	"testing"

	"vssl/methods/objective"
	"vssl/torch"
)

// pclOf is a batch of b with one clustering, whose samples all lie in cluster 0.
func pclOf(b int) (objective.PCLBatch, []objective.Clustering) {
	clusters := objective.Clustering{
		CentroidsKD: drawn(1, 5, 4).Normalize(1, 1e-12), DensityK: torch.FromFloat64([]float64{1, 2, 1, 3, 1}, 5),
		ClusterN: torch.Zeros([]int{9}, torch.Int64, torch.CPU), NegativesR: torch.FromInts([]int{3, 1}, 2),
	}
	batch := objective.PCLBatch{
		QueryBD: drawn(2, b, 4).RequireGrad(true), KeyBD: drawn(3, b, 4).RequireGrad(true),
		QueueDR: drawn(4, 4, 3).Normalize(0, 1e-12), IndexB: torch.Arange(b, torch.CPU),
	}
	return batch, []objective.Clustering{clusters}
}

// TestPCLIgnoresLengths: queries and keys are scaled, and only queries learn.
func TestPCLIgnoresLengths(t *testing.T) {
	torch.In(func(*torch.Scope) {
		batch, clusterings := pclOf(3)
		r := objective.PCL(batch, clusterings, 0.2)
		r.Loss.Backward()
		if batch.KeyBD.Grad() != nil || batch.QueryBD.Grad() == nil {
			t.Error("a key has a gradient, or no query has")
		}
		longer := batch
		longer.QueryBD, longer.KeyBD = batch.QueryBD.MulScalar(7), batch.KeyBD.MulScalar(0.1)
		again := objective.PCL(longer, clusterings, 0.2)
		if math.Abs(r.Loss.Float()-again.Loss.Float()) > 1e-12 {
			t.Errorf("loss is %g, of longer queries %g", r.Loss.Float(), again.Loss.Float())
		}
		// three samples share cluster 0: each loses at least log 3 to the copies of its own prototype
		if r.Prototype.Float() < math.Log(3) {
			t.Errorf("prototype loss is %g, want log 3 or more", r.Prototype.Float())
		}
		panics(t, "a batch larger than the queue", func() {
			batch, clusterings := pclOf(4)
			objective.PCL(batch, clusterings, 0.2)
		})
	})
}

// TestDensityByHand: distances 1 and 3 of the first cluster, none of the second, one member of the third.
func TestDensityByHand(t *testing.T) {
	torch.In(func(*torch.Scope) {
		features := matrix64([][]float64{{1, 0}, {0, 3}, {10, 0}, {10, 0}, {0, 51}})
		centroids := matrix64([][]float64{{0, 0}, {10, 0}, {0, 50}})
		d := objective.ClusterDensity(features, centroids, 0.5, 10)
		if got := d.ClusterN.Int64s(); !slices.Equal(got, []int64{0, 0, 1, 1, 2}) {
			t.Errorf("clusters are %v", got)
		}
		// all but scale: 1, 0 and, of the single member, the largest; cut to the 10th percentile 0.2 of 0, 1, 1
		want := []float64{1 / 2.2 * 1.5, 0.2 / 2.2 * 1.5, 1 / 2.2 * 1.5}
		for i, got := range d.DensityK.Float64s() {
			if math.Abs(got-want[i]) > 1e-12 {
				t.Errorf("density %d is %g, want %g", i, got, want[i])
			}
		}
		same := objective.ClusterDensity(centroids, centroids, 0.5, 10).DensityK.Float64s()
		if !slices.Equal(same, []float64{0.5, 0.5, 0.5}) {
			t.Errorf("densities of single samples at their centroids are %v, want all 0.5", same)
		}
	})
}
