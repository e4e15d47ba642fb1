package objective

import "vssl/torch"

// BankView is one view of a batch with the bank that keeps this view of the whole set.
type BankView struct {
	Features *torch.Tensor // [B, D] float, rows of norm 1
	Bank     *torch.Tensor // [N, D] float
	Z        float64       // constant of the scores of Features, > 0; < 0 to estimate it in this step
}

// Candidates are the bank rows that a batch is held against.
type Candidates struct {
	Indices *torch.Tensor // [B] int64, bank row of each sample, each once
	Rows    *torch.Tensor // [B, 1+K] int64, column 0 equals Indices
}

// CrossedConfig holds the numbers of Crossed. The authors' are 0.07 and 0.5; softmax is off in CRD and an option of CMC.
type CrossedConfig struct {
	Temperature float64 // no unit, > 0
	Momentum    float64 // 0..1, weight of the old row in the new one
	Softmax     bool    // cross-entropy over the candidates rather than NCE; the Z are then not used
}

// CrossedTerms is what Crossed answers for a batch.
type CrossedTerms struct {
	Loss             *torch.Tensor // scalar in nats
	ZFirst           *torch.Tensor // scalar without gradient, nil with softmax
	ZSecond          *torch.Tensor
	Bank1ND, Bank2ND *torch.Tensor // [N, D], each renewed with its own view
}

// Crossed holds each of two views against the other's bank: CMC (1906.05849, equations 2 to 4) for two views of an image,
// CRD (1910.10699, equation 17) for student and teacher.
//
// The scores of the first view are x1.row/T over rows of the second's bank, and the other way round. Loss is the sum of the two
// directions, each NCE or, with Softmax, the cross-entropy; mean over B. Gradients go to both features. It panics if the
// temperature is not positive or, without Softmax, a Z is 0.
func Crossed(first, second BankView, at Candidates, c CrossedConfig) CrossedTerms {
	checkTemperature(c.Temperature)
	s1BK := BankScores(first.Features, second.Bank, at.Rows).DivScalar(c.Temperature)
	s2BK := BankScores(second.Features, first.Bank, at.Rows).DivScalar(c.Temperature)
	terms := CrossedTerms{
		Bank1ND: UpdateRows(first.Bank, at.Indices, first.Features, c.Momentum),
		Bank2ND: UpdateRows(second.Bank, at.Indices, second.Features, c.Momentum),
	}
	if c.Softmax {
		terms.Loss = CandidateEntropy(s1BK).Add(CandidateEntropy(s2BK))
		return terms
	}
	n := first.Bank.Dim(0)
	logP1BK, z1 := LogProbabilities(s1BK, first.Z, n)
	logP2BK, z2 := LogProbabilities(s2BK, second.Z, n)
	terms.Loss, terms.ZFirst, terms.ZSecond = NCE(logP1BK, n).Add(NCE(logP2BK, n)), z1, z2
	return terms
}
