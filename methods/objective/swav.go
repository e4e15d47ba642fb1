package objective

import (
	"fmt"

	"vssl/torch"
)

// SwAVConfig is what SwAV's loss asks for; the values in brackets are the authors'.
type SwAVConfig struct {
	Temperature float64 // of the predictions, no unit, > 0 (0.1)
	Epsilon     float64 // of the codes, see [SinkhornCodes] (0.05)
	Iterations  int     // of the codes (3)
	Crops       int     // views of each sample, the assigning ones included, >= 2 (8: 2 global and 6 local)
	Assign      []int   // the crops whose codes the others predict (0, 1: the global ones)
}

// SwAVTerms is what SwAV computes for a batch.
type SwAVTerms struct {
	Loss  *torch.Tensor // scalar in nats
	Codes *torch.Tensor // [A, B, K], of the assigning crops, without a gradient
	Queue *torch.Tensor // [A, L, D] after the step; nil without a queue
}

// SwAV is swapped prediction, equation 2 of 2006.09882 with several crops: from each crop the codes of another.
//
//	zND           [N, D] float, N = Crops*B, any length; all samples of crop 0, then of crop 1, and so on
//	prototypesKD  [K, D] float, unit rows
//	queueALD      [A, L, D] float, unit rows, newest first, one for each assigning crop, L >= B; or nil
//
// The codes of an assigning crop are [SinkhornCodes] of its scores, constant; the loss is the mean over the assigning crops
// of the mean over all other crops of the cross-entropy, itself the mean over the samples. With a queue, the scores of its
// rows with the present prototypes stand before the batch's while codes are made; as with the authors, not before the last
// row of a queue has been filled (all zero means empty). Terms.Queue has the batch put in front.
//
// The gradient of z passes through its normalisation. That of the prototypes does not pass through theirs: the authors
// bring the rows to length 1 in place before a step. It panics where counts do not fit.
func SwAV(zND, prototypesKD, queueALD *torch.Tensor, c SwAVConfig) SwAVTerms {
	checkTemperature(c.Temperature)
	b := c.check(zND, queueALD)
	zND = zND.Normalize(1, tiny)
	scoresNK := zND.MatMul(prototypesKD.T())
	logNK := scoresNK.DivScalar(c.Temperature).LogSoftmax(1)

	terms := SwAVTerms{Codes: c.codes(scoresNK.Detach(), prototypesKD.Detach(), queueALD, b)}
	for a, crop := range c.Assign {
		codesBK := terms.Codes.Select(0, a)
		for v := range c.Crops {
			if v == crop {
				continue
			}
			loss := codesBK.Mul(logNK.Narrow(0, v*b, b)).Sum().DivScalar(-float64(b * (c.Crops - 1) * len(c.Assign)))
			if terms.Loss == nil {
				terms.Loss = loss
				continue
			}
			terms.Loss = terms.Loss.Add(loss)
		}
	}
	if queueALD != nil {
		terms.Queue = c.enqueue(zND.Detach(), queueALD, b)
	}
	return terms
}

// codes are those of the assigning crops, [A, B, K].
func (c SwAVConfig) codes(scoresNK, prototypesKD, queueALD *torch.Tensor, b int) *torch.Tensor {
	var codes []*torch.Tensor
	full := false
	for a, crop := range c.Assign {
		scores := scoresNK.Narrow(0, crop*b, b)
		if queueALD != nil {
			queueLD := queueALD.Select(0, a)
			// once one queue is full the later ones count as full, as with the authors
			if full = full || queueLD.Select(0, -1).Any().True(); full {
				scores = torch.Cat([]*torch.Tensor{queueLD.MatMul(prototypesKD.T()), scores}, 0)
			}
		}
		codes = append(codes, SinkhornCodes(scores, c.Epsilon, c.Iterations).Narrow(0, scores.Dim(0)-b, b))
	}
	return torch.Stack(codes, 0)
}

// enqueue puts the unit rows of the assigning crops in front, and the oldest fall out.
func (c SwAVConfig) enqueue(zND, queueALD *torch.Tensor, b int) *torch.Tensor {
	var queues []*torch.Tensor
	for a, crop := range c.Assign {
		kept := queueALD.Select(0, a).Narrow(0, 0, queueALD.Dim(1)-b)
		queues = append(queues, torch.Cat([]*torch.Tensor{zND.Narrow(0, crop*b, b), kept}, 0))
	}
	return torch.Stack(queues, 0)
}

// check returns the batch B, or panics.
func (c SwAVConfig) check(zND, queueALD *torch.Tensor) (b int) {
	n := zND.Dim(0)
	if c.Crops < 2 || n == 0 || n%c.Crops != 0 {
		panic(fmt.Sprintf("objective: %d rows of %d crops, want 2 crops or more and a row of each for every sample", n, c.Crops))
	}
	b = n / c.Crops
	if len(c.Assign) == 0 {
		panic("objective: no crop assigns, want one or more")
	}
	for _, crop := range c.Assign {
		if crop < 0 || crop >= c.Crops {
			panic(fmt.Sprintf("objective: assigning crop %d of %d crops, want 0 to %d", crop, c.Crops, c.Crops-1))
		}
	}
	if queueALD == nil {
		return b
	}
	if a, l := queueALD.Dim(0), queueALD.Dim(1); a != len(c.Assign) || l < b {
		panic(fmt.Sprintf("objective: %d queues of %d rows, want %d (one for each assigning crop) of %d (the batch) or more",
			a, l, len(c.Assign), b))
	}
	return b
}
