package objective

import (
	"fmt"
	"math"

	"vssl/torch"
)

// Debiased is the debiased contrastive loss of 2007.00224, equation 8: among the rows of other images some show the class of the
// anchor, and what they add to the negatives is estimated from the positive and taken off.
//
//	x1BD, x2BD  [B, D] float, rows of norm 1; rows i are two views of one image
//	tau         temperature, no unit, > 0
//	prior       share of the anchor's class, 0 <= prior < 1
//
// It returns a scalar in nats, the mean over the 2B rows, with gradients to both. The estimate is not let below
// (2B-2) exp(-1/tau), its smallest possible value, and has no gradient there. It panics for a tau or prior out of range.
func Debiased(x1BD, x2BD *torch.Tensor, tau, prior float64) *torch.Tensor {
	checkTemperature(tau)
	if !(prior >= 0 && prior < 1) {
		panic(fmt.Sprintf("objective: class prior is %g, want 0 or more and less than 1", prior))
	}
	b := x1BD.Dim(0)
	m := float64(2*b - 2) // rows of other images
	zND := torch.Cat([]*torch.Tensor{x1BD, x2BD}, 0)
	imageN := torch.Arange(2*b, zND.Device()).RemainderScalar(float64(b))
	sameNN := imageN.Unsqueeze(1).Eq(imageN)
	sNN := zND.MatMul(zND.T()).DivScalar(tau)
	negN := sNN.MaskedFill(sameNN, math.Inf(-1)).Exp().SumDims(false, 1)
	sB := x1BD.Mul(x2BD).SumDims(false, 1).DivScalar(tau)
	sN := torch.Cat([]*torch.Tensor{sB, sB}, 0)
	posN := sN.Exp()
	estimateN := negN.AddScaled(posN, -prior*m).DivScalar(1 - prior).ClampMin(m * math.Exp(-1/tau))
	return posN.Add(estimateN).Log().Sub(sN).Mean()
}
