package objective

import (
	"fmt"

	"vssl/torch"
)

// Whiten prepares features for clustering as DeepCluster 2d1927e does, clustering.py, preprocess_features: principal
// components, each divided by its deviation, then rows of length 1. The authors leave the components to faiss; here they are
// exact.
//
//	featuresND  [N, D] float, any length
//	d           components to keep, no more than N - 1 and D; the authors' 256
//
// It returns [N, d], without a gradient; the sign of each column is not defined. It panics if d does not fit, or if a component
// that is kept has no variance, by which it would be divided.
func Whiten(featuresND *torch.Tensor, d int) (outND *torch.Tensor) {
	n, all := featuresND.Dim(0), featuresND.Dim(1)
	if d < 1 || d > all || d >= n {
		panic(fmt.Sprintf("objective: %d components of %d features of dimension %d, want 1 or more, no more than the dimension "+
			"and fewer than features", d, n, all))
	}
	torch.NoGrad(func() {
		xND := featuresND.Sub(featuresND.MeanDims(true, 0))
		covarianceDD := xND.T().MatMul(xND).DivScalar(float64(n))
		valuesD, vectorsDD := covarianceDD.Eigh() // ascending
		keptD := valuesD.Narrow(0, all-d, d).Flip(0)
		least, most := keptD.Select(0, d-1).Float(), keptD.Select(0, 0).Float()
		if !(least > most*float64(all)*1e-15) {
			panic(fmt.Sprintf("objective: component %d has variance %g beside the first one's %g, want fewer components", d, least, most))
		}
		axesDd := vectorsDD.Narrow(1, all-d, d).Flip(1)
		outND = xND.MatMul(axesDd).Div(keptD.Sqrt()).Normalize(1, tiny)
	})
	return outND
}

// ClusterFit is the loss of the second network of Yan et al., CVPR 2020 (1912.03330), section 3: cross-entropy to the clusters
// that Euclidean [KMeans] finds in the features of the first.
//
//	labels    [N] clusters, 0..K-1
//	logitsNK  [N, K] float, of the second network
//
// It returns a scalar in nats, the mean over N; the gradient goes to the logits.
func ClusterFit(labels []int32, logitsNK *torch.Tensor) *torch.Tensor {
	wide := make([]int64, len(labels))
	for i, k := range labels {
		wide[i] = int64(k)
	}
	return torch.CrossEntropy(logitsNK, torch.FromInt64(wide, len(wide)).ToDevice(logitsNK.Device()))
}
