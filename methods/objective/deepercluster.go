package objective

import (
	"context"
	"fmt"

	"vssl/torch"
)

// DeeperHeads are the two linear heads of one process group of DeeperCluster.
type DeeperHeads struct {
	SuperWeightSD, SuperBiasS *torch.Tensor // [S, D] and [S]: which super-class
	SubWeightKD, SubBiasK     *torch.Tensor // [K, D] and [K]: which cluster within this super-class
}

// DeeperTerms is what DeeperCluster computes for a batch.
type DeeperTerms struct {
	Loss  *torch.Tensor // scalar in nats: Super + Sub
	Super *torch.Tensor // mean over B of the cross-entropy to the super-class
	Sub   *torch.Tensor // mean over B of the cross-entropy to the sub-labels
}

// DeeperCluster is the hierarchical loss of 1905.01278, section 4.2, as facebookresearch/DeeperCluster d38ada1 computes it in
// src/trainer.py: the paper sums over super-classes, of which each process group trains one, so that a batch has a single one.
//
//	featuresBD  [B, D] float, of the trunk, before its last ReLU
//	subLabelsB  [B] int64, clusters within the super-class
//	super       the super-class of the batch, 0..S-1; with rotations 4 * super-cluster + quarter turns counter-clockwise
//
// Gradients go to the features and to all weights and biases. It panics if super is out of range, and with a *torch.Error if
// shapes differ.
func DeeperCluster(featuresBD, subLabelsB *torch.Tensor, super int, h DeeperHeads) DeeperTerms {
	if super < 0 || super >= h.SuperWeightSD.Dim(0) {
		panic(fmt.Sprintf("objective: super-class is %d, want 0 to %d", super, h.SuperWeightSD.Dim(0)-1))
	}
	hBD := featuresBD.Relu()
	superB := subLabelsB.FullLike(float64(super))
	t := DeeperTerms{
		Super: torch.CrossEntropy(torch.Linear(hBD, h.SuperWeightSD, h.SuperBiasS), superB),
		Sub:   torch.CrossEntropy(torch.Linear(hBD, h.SubWeightKD, h.SubBiasK), subLabelsB),
	}
	t.Loss = t.Super.Add(t.Sub)
	return t
}

// DeeperKMeansConfig says how DeeperCluster's k-means runs.
type DeeperKMeansConfig struct {
	Iterations int // updates; one assignment more ends it; the authors' 10

	// Donor draws, for an empty cluster, a place in the ascending list of the n clusters that the assignment left some members.
	Donor func(n int) int
}

// DeeperKMeans is the k-means of DeeperCluster, src/distributed_kmeans.py, for the features of one process: assignment and
// update alternate, and one assignment more ends it. After each of the assignments every empty cluster takes the centroid of
// another, moved apart by 1e-7, and members of it; this is also so after the last one, whose labels are the answer.
//
//	featuresND   [N, D] row-major, rows of length 1
//	centroidsKD  [K, D] where to start
//
// Float64 only: beside unit rows 1e-7 is below what float32 tells apart. The error is ctx's; it panics if sizes do not fit.
func DeeperKMeans(
	ctx context.Context, featuresND, centroidsKD []float64, d int, c DeeperKMeansConfig,
) (Clusters[float64], error) {
	n, k := rowsOf(featuresND, d), rowsOf(centroidsKD, d)
	if k < 1 || n < 1 || c.Iterations < 0 {
		panic(fmt.Sprintf("objective: %d rows, %d clusters, %d iterations, want 1, 1 and 0 or more", n, k, c.Iterations))
	}
	r := &lloyd[float64]{d: d, k: k, centroids: append([]float64(nil), centroidsKD...)}
	labels := make([]int32, n)
	for pass := range c.Iterations + 1 {
		if err := r.assign(ctx, pass, featuresND, labels, true); err != nil {
			return Clusters[float64]{}, err
		}
		if pass < c.Iterations {
			r.means()
		}
		r.refill(labels, c.Donor)
	}
	return Clusters[float64]{labels, r.centroids, r.objective}, nil
}

// refill gives every empty cluster a centroid and members of another one.
func (r *lloyd[T]) refill(labels []int32, donor func(n int) int) {
	var filled []int
	for k, count := range r.sums.Count {
		if count > 0 {
			filled = append(filled, k)
		}
	}
	counts := append([]int64(nil), r.sums.Count...)
	for k, count := range r.sums.Count {
		if count > 0 {
			continue
		}
		at := donor(len(filled))
		if at < 0 || at >= len(filled) {
			panic(fmt.Sprintf("objective: donor %d of %d clusters", at, len(filled)))
		}
		m := filled[at]
		for j := range r.d {
			from, to := &r.centroids[m*r.d+j], &r.centroids[k*r.d+j]
			step := T(1e-7) * T(j%2*2-1)
			*from, *to = *from-step, *from+step
		}
		counts[k] = counts[m] / 2
		counts[m] -= counts[k]
		moved := int64(0)
		for i := 0; i < len(labels) && moved < counts[m]; i++ {
			if labels[i] == int32(m) {
				labels[i] = int32(k)
				moved++
			}
		}
	}
}
