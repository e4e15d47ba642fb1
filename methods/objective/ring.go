package objective

import (
	"fmt"

	"vssl/torch"
)

// RingConfig chooses the negatives of Ring and Ball by how near they are to the sample.
type RingConfig struct {
	Temperature   float64 // no unit, > 0; the authors' 0.07
	Outer         float64 // the nearest share of the queue that can be negatives, 0..1; the authors' 0.1
	Inner         float64 // the nearest share of it that is too near, 0..1; the authors' 0.1
	DynamicInner  bool    // Inner is a share of the outer set, not of the queue; the authors' true
	NeighborViews bool    // those too near count as views of the sample
	MeanOfViews   bool    // views are averaged in the exponent, instead of summed in exponentials
	SelfNegative  bool    // the positive belongs to the negatives too; the authors' true
}

// Ring is the loss of 2010.02037 (Conditional Negative Sampling): negatives are the keys that are near, but not
// nearest.
//
//	xBD, yBD  [B, D] float, any length; rows are two views of one sample
//	queueKD   [K, D] float, rows of norm 1
//
// Of the keys by falling similarity, trunc(Outer*K) are near, and the first trunc(Inner*that) of them, or trunc(Inner*K), too
// near. The loss is logsumexp(negatives) - logsumexp(positives), in nats, the mean over B; gradients go to both views. Without
// SelfNegative it can be below 0. It panics if a sample has no negatives and for numbers outside their ranges.
func Ring(xBD, yBD, queueKD *torch.Tensor, c RingConfig) *torch.Tensor {
	posB1, sBK := c.similarities(xBD, yBD, queueKD)
	near, inner := c.counts(sBK.Dim(1))
	negatives := sBK.Slice(1, min(inner, near), near, 1)
	if c.SelfNegative {
		negatives = torch.Cat([]*torch.Tensor{posB1, negatives}, 1)
	}
	return c.loss(negatives, posB1, sBK.Narrow(1, 0, inner))
}

// Ball is Ring with all near keys as negatives. With NeighborViews and DynamicInner, the nearest share Inner of the negatives,
// among them the positive where it is one, are views too; without DynamicInner they are the nearest keys.
func Ball(xBD, yBD, queueKD *torch.Tensor, c RingConfig) *torch.Tensor {
	posB1, sBK := c.similarities(xBD, yBD, queueKD)
	near, inner := c.counts(sBK.Dim(1))
	negatives, views := sBK.Narrow(1, 0, near), sBK
	if c.SelfNegative {
		negatives = torch.Cat([]*torch.Tensor{posB1, negatives}, 1)
	}
	if c.DynamicInner {
		inner = int(c.Inner * float64(negatives.Dim(1)))
		views, _ = negatives.TopK(inner, 1, true)
	}
	return c.loss(negatives, posB1, views.Narrow(1, 0, inner))
}

// similarities are those with the other view and with the keys, these falling, all divided by the temperature.
func (c RingConfig) similarities(xBD, yBD, queueKD *torch.Tensor) (posB1, sBK *torch.Tensor) {
	checkTemperature(c.Temperature)
	if !(c.Outer >= 0 && c.Outer <= 1 && c.Inner >= 0 && c.Inner <= 1) {
		panic(fmt.Sprintf("objective: outer share is %g and inner share %g, want 0..1", c.Outer, c.Inner))
	}
	xBD, yBD = xBD.Normalize(1, tiny), yBD.Normalize(1, tiny)
	posB1 = xBD.Mul(yBD).SumDims(true, 1).DivScalar(c.Temperature)
	sBK, _ = xBD.MatMul(queueKD.Detach().T()).DivScalar(c.Temperature).Sort(1, true)
	return posB1, sBK
}

// counts are how many of k keys are near, and how many too near.
func (c RingConfig) counts(k int) (near, inner int) {
	near = int(c.Outer * float64(k))
	if c.DynamicInner {
		return near, int(c.Inner * float64(near))
	}
	return near, int(c.Inner * float64(k))
}

func (c RingConfig) loss(negatives, posB1, viewsBI *torch.Tensor) *torch.Tensor {
	if negatives.Dim(1) == 0 {
		panic(fmt.Sprintf("objective: no negatives with outer share %g and inner share %g, want at least 1", c.Outer, c.Inner))
	}
	positives := posB1
	if c.NeighborViews {
		positives = torch.Cat([]*torch.Tensor{posB1, viewsBI}, 1)
	}
	topB := positives.LogSumExp(false, 1)
	if c.MeanOfViews {
		topB = positives.MeanDims(false, 1)
	}
	return negatives.LogSumExp(false, 1).Sub(topB).Mean()
}
