package objective

import (
	"context"
	"fmt"

	"vssl/torch"
)

// Whiten prepares features for clustering as DeepCluster 2d1927e does, clustering.py, preprocess_features: principal components, each
// divided by its deviation, then rows of length 1. The authors leave the components to faiss; here they are exact.
//
//	featuresND  [N, D] float, any length
//	d           components to keep, no more than N - 1 and D; the authors' 256
//
// It returns [N, d], without a gradient; the sign of each column is not defined. It panics if d does not fit, or if a component that is
// kept has no variance, by which it would be divided.
func Whiten(featuresND *torch.Tensor, d int) (outND *torch.Tensor) {
	n, all := featuresND.Dim(0), featuresND.Dim(1)
	if d < 1 || d > all || d >= n {
		panic(fmt.Sprintf("objective: %d components of %d features of dimension %d, want 1 to the dimension and fewer than features", d, n, all))
	}
	torch.NoGrad(func() {
		xND := featuresND.Sub(featuresND.MeanDims(true, 0))
		covarianceDD := xND.T().MatMul(xND).DivScalar(float64(n))
		valuesD, vectorsDD := covarianceDD.Eigh() // ascending
		keptD := valuesD.Narrow(0, all-d, d).Flip(0)
		least, most := keptD.Select(0, d-1).Float(), keptD.Select(0, 0).Float()
		if !(least > most*float64(all)*1e-15) {
			panic(fmt.Sprintf("objective: component %d of %d has variance %g beside the first one's %g, want fewer components", d, d, least, most))
		}
		axesDd := vectorsDD.Narrow(1, all-d, d).Flip(1)
		outND = xND.MatMul(axesDd).Div(keptD.Sqrt()).Normalize(1, tiny)
	})
	return outND
}

// ClusterFitTerms is what ClusterFit computes for a set.
type ClusterFitTerms struct {
	Loss     *torch.Tensor // scalar in nats, the mean over N
	Clusters Clusters[float64]
}

// ClusterFit is the loss of the second network of Yan et al., CVPR 2020 (1912.03330), section 3: cross-entropy to the clusters that
// Euclidean k-means finds in the features of the first.
//
//	featuresND   [N, D] row-major, of the first network, without a gradient
//	centroidsKD  [K, D] where k-means starts
//	logitsNK     [N, K] float, of the second network
//
// The gradient goes to the logits. Errors and panics are those of [KMeans].
func ClusterFit(ctx context.Context, featuresND, centroidsKD []float64, d int, logitsNK *torch.Tensor, iterations int) (ClusterFitTerms, error) {
	clusters, err := KMeans(ctx, featuresND, centroidsKD, d, KMeansConfig{Iterations: iterations})
	if err != nil {
		return ClusterFitTerms{}, err
	}
	labels := make([]int64, len(clusters.Labels))
	for i, k := range clusters.Labels {
		labels[i] = int64(k)
	}
	labelsN := torch.FromInt64(labels, len(labels)).ToDevice(logitsNK.Device())
	return ClusterFitTerms{torch.CrossEntropy(logitsNK, labelsN), clusters}, nil
}
