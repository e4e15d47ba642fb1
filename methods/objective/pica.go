package objective

import (
	"math"

	"vssl/torch"
)

// PICATerms is the loss of partition confidence maximisation and its two parts.
type PICATerms struct {
	Loss    *torch.Tensor // scalar in nats: PUI + lambda * Balance
	PUI     *torch.Tensor // scalar in nats: partition uncertainty index, mean over the K clusters
	Balance *torch.Tensor // scalar in nats, 0 or more: log K less the entropy of the cluster sizes
}

// PICA is the objective of CVPR 2020, "Deep Semantic Clustering by Partition Confidence Maximisation" (Huang, Gong, Zhu),
// equations 6 to 9, as its authors' code computes it.
//
//	xNK, yNK  [N, K] float: probabilities of the samples and of their perturbed copies
//	lambda    weight of the balance, no unit; the authors' 2
//
// A cluster is its column of assignments. The cosines of the columns of x with those of y, without temperature, are the
// logits of a cross-entropy that wants each column to be nearest to its own. The balance sees x alone. An empty cluster has
// cosines 0 and adds nothing to the entropy. Gradients go to both inputs. It panics with a *torch.Error if the shapes differ.
func PICA(xNK, yNK *torch.Tensor, lambda float64) PICATerms {
	k := xNK.Dim(1)
	cosinesKK := xNK.Normalize(0, tiny).T().MatMul(yNK.Normalize(0, tiny))
	sizesK := xNK.SumDims(false, 0)
	sizesK = sizesK.Div(sizesK.Sum())
	terms := PICATerms{
		PUI:     ownPlace(cosinesKK),
		Balance: negativeEntropy(sizesK).AddScalar(math.Log(float64(k))),
	}
	terms.Loss = terms.PUI.AddScaled(terms.Balance, lambda)
	return terms
}

// negativeEntropy is sum p log p with 0 log 0 = 0, and a finite gradient there.
func negativeEntropy(pK *torch.Tensor) *torch.Tensor {
	const floor = 1e-30 // a float32 can hold it
	return pK.Mul(pK.ClampMin(floor).Log()).Sum()
}
