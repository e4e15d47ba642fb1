package objective

import "vssl/torch"

// EntropyMinimisation is the loss of Grandvalet and Bengio (NeurIPS 2004): the entropy of softmax(logits) for pictures
// without labels, logits [B, C] float. It returns a scalar in nats, the mean over B.
func EntropyMinimisation(logitsBC *torch.Tensor) *torch.Tensor {
	logPBC := logitsBC.LogSoftmax(1)
	return logPBC.Exp().Mul(logPBC).SumDims(false, 1).Mean().Neg()
}

// PseudoLabels is what PseudoLabel computes for a batch.
type PseudoLabels struct {
	Loss   *torch.Tensor // scalar in nats
	LabelB *torch.Tensor // [B] int64, the teacher's class
	MaskB  *torch.Tensor // [B] in the type of the logits, 1 where the teacher is sure enough, else 0
}

// PseudoLabel is the loss of Lee (ICML 2013 workshop): the class that a teacher finds likeliest serves as the label where its
// probability is threshold or more.
//
//	logitsBC, teacherBC  [B, C] float; the two may be one tensor
//	threshold            probability; 0 takes every sample
//
// The loss is the sum of the cross-entropies of those samples divided by B, not by their count. Gradients go to logits only.
func PseudoLabel(logitsBC, teacherBC *torch.Tensor, threshold float64) PseudoLabels {
	var r PseudoLabels
	torch.NoGrad(func() {
		sureB, labelB := teacherBC.Detach().Softmax(1).MaxDim(1, false)
		r.LabelB, r.MaskB = labelB, sureB.GeScalar(threshold).To(logitsBC.DType())
	})
	r.Loss = torch.CrossEntropyReduce(logitsBC, r.LabelB, torch.ReduceNone).Mul(r.MaskB).Mean()
	return r
}
