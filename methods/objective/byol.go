package objective

import (
	"fmt"
	"math"

	"vssl/torch"
)

// BYOL is the loss of 2006.07733, equation 2, in both directions.
//
//	p1BD, p2BD  [B, D] float, any length: the online network's predictions of views 1 and 2
//	z1BD, z2BD  [B, D] float, any length: the target network's projections
//
// It returns a scalar without unit, 0..8: the mean over B of the squared distance of p1 to z2 plus that of p2 to z1, rows at
// length 1; the directions are summed. Gradients go to the predictions alone.
func BYOL(p1BD, p2BD, z1BD, z2BD *torch.Tensor) *torch.Tensor {
	cosineB := func(pBD, zBD *torch.Tensor) *torch.Tensor {
		return pBD.Normalize(1, tiny).Mul(UnitRows(zBD)).SumDims(false, 1)
	}
	return cosineB(p1BD, z2BD).Add(cosineB(p2BD, z1BD)).Mean().MulScalar(-2).AddScalar(4)
}

// CosineTau is the share that a target keeps of itself at a step of a run: CosineShare at step of steps. It panics if steps is not
// positive.
func CosineTau(base, final float64, step, steps int) float64 {
	if steps <= 0 {
		panic(fmt.Sprintf("objective: a run of %d steps, want some", steps))
	}
	return CosineShare(base, final, float64(step)/float64(steps))
}

// CosineShare goes from base to final along half a cosine while progress, the share of the run that is done, goes from 0 to 1;
// 2006.07733, section 3.2.
func CosineShare(base, final, progress float64) float64 {
	return final - (final-base)*(math.Cos(math.Pi*progress)+1)/2
}

// WriteAverage moves a target in place: target = tau*target + (1-tau)*online, no gradient recorded. The shapes are equal.
func WriteAverage(target, online *torch.Tensor, tau float64) {
	torch.NoGrad(func() { target.Lerp_(online.Detach(), 1-tau) })
}
