package objective

import "vssl/torch"

// MutualBatch is what the V branches of a network answered for a batch.
type MutualBatch struct {
	Embeddings *torch.Tensor // [V, B, D] float, rows of norm 1
	Logits     *torch.Tensor // [V, B, C] float
	Labels     *torch.Tensor // [B] int64, class of each sample
	Banks      *torch.Tensor // [V, N, D] float, a bank a branch
}

// MutualConfig holds the numbers of Mutual. The authors' are 0.1, 0.5, 3, 1, 1 and 0.025.
type MutualConfig struct {
	Temperature        float64 // of the contrast, no unit, > 0
	Momentum           float64 // 0..1, weight of the old row in the new one
	DistillTemperature float64 // of the ensemble, no unit, > 0
	Gamma, Alpha, Beta float64 // weights of classes, ensemble and contrast
}

// MutualTerms is what Mutual answers for a batch; scalars in nats.
type MutualTerms struct {
	Loss     *torch.Tensor // gamma*Class + alpha*Ensemble + beta*Contrast
	Class    *torch.Tensor // cross-entropy, sum over branches of the mean over B
	Ensemble *torch.Tensor // divergence of the last branch from the ensemble, times the squared temperature, mean over B
	Contrast *torch.Tensor // NCE, sum over ordered pairs of branches of the mean over B
	Banks    *torch.Tensor // [V, N, D], each renewed with its branch
}

// Mutual is multi-view contrastive learning for online distillation, 2006.04093: each branch is held against the bank of
// every other, Z estimated afresh for every pair, and the ensemble of the branches teaches the last one.
//
// Gradients go to embeddings and logits; none through the ensemble or Z. With a single branch Contrast is 0. It panics if a
// temperature is not positive.
func Mutual(b MutualBatch, at Candidates, c MutualConfig) MutualTerms {
	checkTemperature(c.Temperature)
	checkTemperature(c.DistillTemperature)
	v := b.Logits.Dim(0)
	class := b.Logits.Sum().ZerosLike()
	banks := make([]*torch.Tensor, v)
	for i := range v {
		class = class.Add(torch.CrossEntropy(b.Logits.Select(0, i), b.Labels))
		banks[i] = UpdateRows(b.Banks.Select(0, i), at.Indices, b.Embeddings.Select(0, i), c.Momentum)
	}
	terms := MutualTerms{
		Class: class, Contrast: b.contrast(at, c.Temperature), Banks: torch.Stack(banks, 0),
		Ensemble: ensemble(b.Logits, c.DistillTemperature),
	}
	terms.Loss = class.MulScalar(c.Gamma).AddScaled(terms.Ensemble, c.Alpha).AddScaled(terms.Contrast, c.Beta)
	return terms
}

func (b MutualBatch) contrast(at Candidates, tau float64) *torch.Tensor {
	v, n := b.Banks.Dim(0), b.Banks.Dim(1)
	total := b.Embeddings.Detach().ZerosLike().Mul(b.Embeddings).Sum() // 0, and a gradient of 0 where there is one branch
	for i := range v {
		for j := range v {
			if i == j {
				continue
			}
			sBK := BankScores(b.Embeddings.Select(0, j), b.Banks.Select(0, i), at.Rows).DivScalar(tau)
			logPBK, _ := LogProbabilities(sBK, -1, n)
			total = total.Add(NCE(logPBK, n))
		}
	}
	return total
}

// ensemble is T^2 KL(q, p), q of the mean logits of all branches without gradient, p of the last branch; mean over B.
func ensemble(logitsVBC *torch.Tensor, tau float64) *torch.Tensor {
	qBC := logitsVBC.Detach().MeanDims(false, 0).DivScalar(tau).Softmax(1)
	logPBC := logitsVBC.Select(0, -1).DivScalar(tau).LogSoftmax(1)
	return torch.KLDiv(logPBC, qBC, torch.ReduceSum).MulScalar(tau * tau / float64(qBC.Dim(0)))
}
