package objective

import "vssl/torch"

// NPairConfig holds the numbers of NPair. The authors' are no normalisation and, for the weights, 0.
type NPairConfig struct {
	Normalize bool    // rows to length 1 for the scores
	L2        float64 // weight of the mean squared length of all 2N rows as they came
}

// NPair is the N-pair loss of Sohn, NIPS 2016, equation 6: one pair a class, the positives of other classes as negatives.
//
//	anchorsND, positivesND  [N, D] float; rows i of both are of class i
//
// It returns a scalar in nats, the mean over the N anchors of log(1 + sum over j != i of exp(s_ij - s_ii)) plus the weighted
// squared lengths; from anchors to positives only. Gradients go to both.
func NPair(anchorsND, positivesND *torch.Tensor, c NPairConfig) *torch.Tensor {
	aND, pND := anchorsND, positivesND
	if c.Normalize {
		aND, pND = aND.Normalize(1, tiny), pND.Normalize(1, tiny)
	}
	loss := torch.CrossEntropy(aND.MatMul(pND.T()), torch.Arange(aND.Dim(0), aND.Device()))
	if c.L2 == 0 {
		return loss
	}
	squares := anchorsND.Square().Sum().Add(positivesND.Square().Sum())
	return loss.AddScaled(squares, c.L2/float64(2*aND.Dim(0)))
}

// NegativeSampling is the loss of skip-gram with negative sampling, equation 4 of Mikolov et al., NIPS 2013, negated.
//
//	centerBD, positiveBD  [B, D] float, any length
//	negativesBKD          [B, K, D] float, any length
//
// It returns a scalar in nats, mean over B, sum over the K negatives; nothing is normalised. Gradients go to all three.
func NegativeSampling(centerBD, positiveBD, negativesBKD *torch.Tensor) *torch.Tensor {
	sB := centerBD.Mul(positiveBD).SumDims(false, 1)
	sBK := negativesBKD.Bmm(centerBD.Unsqueeze(2)).Squeeze(2)
	lossB := sB.LogSigmoid().Add(sBK.Neg().LogSigmoid().SumDims(false, 1))
	return lossB.Mean().Neg()
}
