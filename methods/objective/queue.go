package objective

import "vssl/torch"

// Contrast against a queue of keys of earlier batches. K keys in the queue.

// QueueLogits returns the scores of queries against their own key, column 0, and a queue.
//
//	qBD, kBD  [B, D] float, any length; rows i are two views of one sample
//	queueKD   [K, D] float, keys of norm 1
//	tau       temperature, no unit, > 0
//
// It returns [B, 1+K], cosines over tau. Gradients go to q alone. It panics if tau is not positive.
func QueueLogits(qBD, kBD, queueKD *torch.Tensor, tau float64) *torch.Tensor {
	checkTemperature(tau)
	qBD, kBD = qBD.Normalize(1, tiny), UnitRows(kBD)
	ownB1 := qBD.Mul(kBD).SumDims(true, 1)
	return torch.Cat([]*torch.Tensor{ownB1, qBD.MatMul(queueKD.Detach().T())}, 1).DivScalar(tau)
}

// QueueTerms is what InfoNCEQueue answers for a batch.
type QueueTerms struct {
	Loss   *torch.Tensor // scalar in nats, mean over B
	Logits *torch.Tensor // [B, 1+K], of the queue as it came
	Queue  *torch.Tensor // [K, D], with the batch's keys, of norm 1
	Ptr    *torch.Tensor // one int64, the place after them
}

// InfoNCEQueue is the loss of MoCo, equation 1 of 1911.05722, and what becomes of its queue.
//
// Arguments are those of QueueLogits; ptr is one int64, the place of the oldest key. Gradients go to q alone. A batch need not
// divide the queue: keys go round its end, and of more than K keys the last K stay.
func InfoNCEQueue(qBD, kBD, queueKD, ptr *torch.Tensor, tau float64) QueueTerms {
	logitsBK := QueueLogits(qBD, kBD, queueKD, tau)
	next, at := Enqueue(queueKD, UnitRows(kBD), ptr)
	return QueueTerms{Loss: CandidateEntropy(logitsBK), Logits: logitsBK, Queue: next, Ptr: at}
}

// UnMixBatch is what UnMix compares: [B, D] floats of any length, the queue [K, D] of norm 1.
type UnMixBatch struct {
	Q1, K2 *torch.Tensor // query of the first view, key of the second
	Q2, K1 *torch.Tensor // the other way round; both nil for one direction only
	Mixed  *torch.Tensor // query of the batch mixed with its own reverse
	Queue  *torch.Tensor
}

// UnMix is the loss of 2003.05438 on MoCo: a mixture of two images should be as near to either as it holds of it.
//
//	lam  share of the image itself in Mixed, the rest is of the image at the mirrored place of the batch
//	tau  temperature, no unit, > 0; the authors' 0.1
//
// It returns a scalar in nats: for each direction L(q, k) + lam L(mixed, k) + (1-lam) L(flipped mixed, k), L the mean over B of
// InfoNCE, summed over the directions. Gradients go to the queries alone.
func UnMix(b UnMixBatch, lam, tau float64) *torch.Tensor {
	part := func(qBD, kBD *torch.Tensor) *torch.Tensor {
		loss := func(qBD *torch.Tensor) *torch.Tensor { return CandidateEntropy(QueueLogits(qBD, kBD, b.Queue, tau)) }
		return loss(qBD).AddScaled(loss(b.Mixed), lam).AddScaled(loss(b.Mixed.Flip(0)), 1-lam)
	}
	total := part(b.Q1, b.K2)
	if b.Q2 != nil {
		total = total.Add(part(b.Q2, b.K1))
	}
	return total
}

// CLSABatch is what CLSA compares: floats of any length, the queue of norm 1.
type CLSABatch struct {
	Weak   *torch.Tensor // [W, B, D], queries of weakly augmented views
	Strong *torch.Tensor // [S, B, D], queries of strongly augmented views
	Keys   *torch.Tensor // [B, D]
	Queue  *torch.Tensor // [K, D]
}

// CLSAConfig holds the numbers of CLSA. The authors' are 0.2, 0.2 and 1.
type CLSAConfig struct {
	Temperature  float64 // of the contrast, no unit, > 0
	Distribution float64 // temperature of the distributions, no unit, > 0
	Alpha        float64 // weight of the divergence
}

// CLSA is the loss of 2104.07713: weak views have their key to find, strong ones have to answer with the distribution over
// all keys that weak ones have.
//
// The references are the B keys of the batch and the queue; the paper's equations have a sample's own key and the queue
// only. Loss is the sum over weak views of the cross-entropy, plus alpha times the sum over pairs of a weak and a strong view
// of the cross-entropy of their distributions; each the mean over B, in nats. Gradients go to both kinds of queries, but
// not through the weak ones' distributions. It panics if a temperature is not positive.
func CLSA(b CLSABatch, c CLSAConfig) *torch.Tensor {
	checkTemperature(c.Temperature)
	checkTemperature(c.Distribution)
	keysBD := UnitRows(b.Keys)
	refsRD := torch.Cat([]*torch.Tensor{keysBD, b.Queue.Detach()}, 0)
	weakWBR := b.Weak.Normalize(2, tiny).MatMul(refsRD.T())
	strongSBR := b.Strong.Normalize(2, tiny).MatMul(refsRD.T())
	ownB := torch.Arange(keysBD.Dim(0), keysBD.Device())
	total := weakWBR.Sum().ZerosLike()
	for w := range weakWBR.Dim(0) {
		weakBR := weakWBR.Select(0, w)
		total = total.Add(torch.CrossEntropy(weakBR.DivScalar(c.Temperature), ownB))
		pBR := weakBR.Detach().DivScalar(c.Distribution).Softmax(1)
		for s := range strongSBR.Dim(0) {
			total = total.AddScaled(torch.CrossEntropy(strongSBR.Select(0, s).DivScalar(c.Distribution), pBR), c.Alpha)
		}
	}
	return total
}
