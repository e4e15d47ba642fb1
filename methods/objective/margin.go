package objective

import "vssl/torch"

// NegativeMarginCosine is the cosine softmax of 2003.12060, whose margin is below 0: it keeps classes from
// drawing together so closely that new ones no longer find room.
//
//	xBD      [B, D] float, any length
//	wCD      [C, D] float, any length, a row a class
//	labelsB  [B] int64
//	margin   subtracted from the cosine of the label's class; no unit, the authors' -0.02 and thereabouts
//	scale    of the logits, no unit; the authors' 30
//
// It returns the cross-entropy in nats, the mean over B, with gradients to x and w, and the logits [B, C].
func NegativeMarginCosine(xBD, wCD, labelsB *torch.Tensor, margin, scale float64) (loss, logitsBC *torch.Tensor) {
	return marginSoftmax(xBD.Normalize(1, tiny).MatMul(wCD.Normalize(1, tiny).T()), labelsB, margin, scale)
}

// NegativeMarginSoftmax is NegativeMarginCosine on products instead of cosines, each less the smallest of its row, through
// which the gradient runs too; the authors' scale is 5.
func NegativeMarginSoftmax(xBD, wCD, labelsB *torch.Tensor, margin, scale float64) (loss, logitsBC *torch.Tensor) {
	zBC := xBD.MatMul(wCD.T())
	leastB1, _ := zBC.MinDim(1, true)
	return marginSoftmax(zBC.Sub(leastB1), labelsB, margin, scale)
}

func marginSoftmax(zBC, labelsB *torch.Tensor, margin, scale float64) (loss, logitsBC *torch.Tensor) {
	labelBC := labelsB.OneHot(zBC.Dim(1)).To(zBC.DType())
	logitsBC = zBC.AddScaled(labelBC, -margin).MulScalar(scale)
	return torch.CrossEntropy(logitsBC, labelsB), logitsBC
}
