package objective

import (
	"fmt"

	"vssl/torch"
)

// SCANTerms is the clustering loss of SCAN and its two parts.
type SCANTerms struct {
	Loss        *torch.Tensor // scalar in nats: Consistency - weight * Entropy
	Consistency *torch.Tensor // scalar in nats, 0 or more, mean over the batch
	Entropy     *torch.Tensor // scalar in nats, 0 to log K: of the mean assignment of the anchors
}

// SCAN is equation 2 of 2005.12320 for one head; with several heads the authors add the losses.
//
//	anchorsBK, neighborsBK  [B, K] float: logits of samples and of one mined neighbour each
//	entropyWeight           no unit; the authors' 5 for their data sets, 2 in their class
//
// Consistency is the mean of -log of the dot product s of the two softmaxes. As in the binary cross-entropy that the authors
// call, the logarithm is at least -100 and its slope 1/s at most 1e12. The mean assignment is at least 1e-8 in each cluster.
// Gradients go to both inputs. It panics with a *torch.Error if the shapes differ.
func SCAN(anchorsBK, neighborsBK *torch.Tensor, entropyWeight float64) SCANTerms {
	pBK, qBK := anchorsBK.Softmax(1), neighborsBK.Softmax(1)
	meanK := pBK.MeanDims(false, 0).ClampMin(1e-8)
	terms := SCANTerms{
		Consistency: cappedLog(pBK.Mul(qBK).SumDims(false, 1)).Mean().Neg(),
		Entropy:     negativeEntropy(meanK).Neg(),
	}
	terms.Loss = terms.Consistency.AddScaled(terms.Entropy, -entropyWeight)
	return terms
}

// cappedLog is max(log s, -100) with the gradient 1/max(s, 1e-12).
func cappedLog(sB *torch.Tensor) *torch.Tensor {
	constant := sB.Detach()
	slope := constant.ClampMin(1e-12).Reciprocal()
	value := constant.Log().ClampMin(-100)
	return sB.Sub(constant).Mul(slope).Add(value)
}

// SelfLabelTerms is the loss of SCAN's last stage and what it was trained on.
type SelfLabelTerms struct {
	Loss     *torch.Tensor // scalar in nats, weighted mean over the confident samples
	MaskB    *torch.Tensor // [B] bool: the confident samples
	TargetsB *torch.Tensor // [B] int64: the likeliest class of each weak view
}

// SCANSelfLabel is the self-labelling of 2005.12320, section 2.3: a cross-entropy of strong views against the classes of
// their weak views, where these are confident.
//
//	weakBK, strongBK  [B, K] float: logits
//	threshold         a sample counts if its largest probability is more than this
//	balance           whether class c weighs n/n_c, for n_c of n counted samples; else all weigh 1
//
// The loss is divided by the sum of the weights. Only strongBK gets a gradient. It panics if no sample is confident, as the
// authors' code stops there, and with a *torch.Error if the shapes differ.
func SCANSelfLabel(weakBK, strongBK *torch.Tensor, threshold float64, balance bool) SelfLabelTerms {
	confidenceB, targetsB := weakBK.Detach().Softmax(1).MaxDim(1, false)
	maskB := confidenceB.GtScalar(threshold)
	targetsN := targetsB.MaskedSelect(maskB)
	n := targetsN.Dim(0)
	if n == 0 {
		panic(fmt.Sprintf("objective: the largest confidence is %g, want a sample above the threshold %g",
			confidenceB.Max().Float(), threshold))
	}
	strongNK := strongBK.IndexSelect(0, maskB.Nonzero().Select(1, 0))
	if !balance {
		return SelfLabelTerms{torch.CrossEntropy(strongNK, targetsN), maskB, targetsB}
	}
	countsK := targetsN.Bincount(strongBK.Dim(1)).To(strongBK.DType())
	weightsK := countsK.Reciprocal().MulScalar(float64(n)).MaskedFill(countsK.EqScalar(0), 1)
	return SelfLabelTerms{torch.CrossEntropyWeighted(strongNK, targetsN, weightsK), maskB, targetsB}
}
