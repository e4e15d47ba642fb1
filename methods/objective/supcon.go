package objective

import (
	"fmt"
	"math"

	"vssl/torch"
)

// SupConConfig holds the numbers of SupCon. The authors' are 0.07, 0.07 and every view.
type SupConConfig struct {
	Temperature     float64 // no unit, > 0
	BaseTemperature float64 // no unit, > 0
	FirstViewOnly   bool    // anchors are the first views, candidates all
}

// SupCon is the supervised contrastive loss of 2004.11362, equation 2.
//
//	xBVD     [B, V, D] float, V views of each sample, rows of norm 1
//	labelsB  [B] int64; 0..B-1 where nothing is known
//
// Anchors are all BV features, or the first views; the positives of one are the other features of its label, its own other
// views too, and its candidates everything but itself. It returns a scalar in nats, the mean over all anchors of the mean over
// positives; an anchor without positives counts as 0. The authors multiply by T/BaseTemperature, which the paper does not have.
// Gradients go to x. It panics if there are fewer than two features or a temperature is not positive.
func SupCon(xBVD, labelsB *torch.Tensor, c SupConConfig) *torch.Tensor {
	checkTemperature(c.Temperature)
	checkTemperature(c.BaseTemperature)
	b, v := xBVD.Dim(0), xBVD.Dim(1)
	if b*v < 2 {
		panic(fmt.Sprintf("objective: %d samples of %d views, want 2 features or more", b, v))
	}
	anchors := b * v // A; rows are in the order of views, so the first B are the first views
	if c.FirstViewOnly {
		anchors = b
	}
	zND := xBVD.Transpose(0, 1).Reshape(b*v, -1)
	labelsN := labelsB.Repeat(v)
	sAN := zND.Narrow(0, 0, anchors).MatMul(zND.T()).DivScalar(c.Temperature).MaskDiagonal(math.Inf(-1))
	selfAN := torch.Eye(b*v, torch.Bool, xBVD.Device()).Narrow(0, 0, anchors)
	positiveAN := labelsN.Narrow(0, 0, anchors).Unsqueeze(1).Eq(labelsN).LogicalAnd(selfAN.LogicalNot())
	logPAN := sAN.Sub(sAN.LogSumExp(true, 1)).MaskedFill(positiveAN.LogicalNot(), 0)
	countA := positiveAN.To(xBVD.DType()).SumDims(false, 1).ClampMin(1)
	return logPAN.SumDims(false, 1).Div(countA).Mean().MulScalar(-c.Temperature / c.BaseTemperature)
}
