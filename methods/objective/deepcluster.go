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
// It returns [N, d] of the features' type, without a gradient; the sign of each column is not defined. Rows pass in blocks, which
// are computed with in float64: beside features and result it holds a few times D*D numbers. It panics if d does not fit; the
// error says that a component that is kept has no variance, by which it would be divided.
func Whiten(featuresND *torch.Tensor, d int) (outND *torch.Tensor, err error) {
	n, all := featuresND.Dim(0), featuresND.Dim(1)
	if d < 1 || d > all || d >= n {
		panic(fmt.Sprintf("objective: %d components of %d features of dimension %d, want 1 or more, no more than the dimension "+
			"and fewer than features", d, n, all))
	}
	torch.NoGrad(func() {
		meanD, covarianceDD := moments(featuresND)
		valuesD, vectorsDD := covarianceDD.Eigh() // ascending
		keptD := valuesD.Narrow(0, all-d, d).Flip(0)
		least, most := keptD.Select(0, d-1).Float(), keptD.Select(0, 0).Float()
		if !(least > most*float64(all)*1e-15) {
			err = fmt.Errorf("component %d of the features has variance %g beside the first one's %g, want fewer components",
				d, least, most)
			return
		}
		axesDd := vectorsDD.Narrow(1, all-d, d).Flip(1).Div(keptD.Sqrt())
		outND = torch.Empty([]int{n, d}, featuresND.DType(), featuresND.Device())
		eachBlock(featuresND, func(at int, xBD *torch.Tensor) {
			outND.Narrow(0, at, xBD.Dim(0)).Copy_(xBD.Sub(meanD).MatMul(axesDd).Normalize(1, tiny))
		})
	})
	return outND, err
}

// moments are the mean [D] and the covariance [D, D] of rows, in float64.
func moments(featuresND *torch.Tensor) (meanD, covarianceDD *torch.Tensor) {
	n, d := featuresND.Dim(0), featuresND.Dim(1)
	meanD = torch.Zeros([]int{d}, torch.Float64, featuresND.Device())
	covarianceDD = torch.Zeros([]int{d, d}, torch.Float64, featuresND.Device())
	eachBlock(featuresND, func(_ int, xBD *torch.Tensor) { meanD.Add_(xBD.SumDims(false, 0), 1/float64(n)) })
	eachBlock(featuresND, func(_ int, xBD *torch.Tensor) {
		xBD = xBD.Sub(meanD)
		covarianceDD.Add_(xBD.T().MatMul(xBD), 1/float64(n))
	})
	return meanD, covarianceDD
}

// eachBlock hands rows to f in float64, so many at a time that they are about as many numbers as a block of k-means; at is the
// place of the first. Each block has a scope of its own.
func eachBlock(featuresND *torch.Tensor, f func(at int, xBD *torch.Tensor)) {
	n, block := featuresND.Dim(0), max(1, blockNumbers/featuresND.Dim(1))
	for at := 0; at < n; at += block {
		torch.In(func(*torch.Scope) { f(at, featuresND.Narrow(0, at, min(block, n-at)).To(torch.Float64)) })
	}
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
