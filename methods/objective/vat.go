package objective

import (
	"fmt"

	"vssl/torch"
)

// VATConfig says how virtual adversarial training looks for the worst direction.
type VATConfig struct {
	Xi         float64 // length of the trial step, in the unit of the input, > 0; small ones shorten the perturbation, see trialUnit
	Eps        float64 // length of the perturbation, in the unit of the input, > 0
	Iterations int     // of the power method, >= 0; the papers' 1
	// FromPerturbed turns the divergence over: KL(perturbed || clean), with the trial step as S4L takes it (1905.03670),
	// instead of KL(clean || perturbed) as in the paper.
	FromPerturbed bool
}

// VAT is the loss of virtual adversarial training (1704.03976, equation 5): how much a small step in the worst
// direction changes the classes that a network gives.
//
//	network  takes [B, ...] to logits [B, C]; it is called Iterations + 2 times
//	xB       [B, ...] float, inputs
//	noiseB   of the shape of x, standard normal: the first direction, any length
//
// The clean answer and the perturbation are held constant, so gradients go to the network's parameters through its last
// answer alone. It returns a scalar in nats, the mean over B, and panics for a configuration outside its range.
func VAT(network func(*torch.Tensor) *torch.Tensor, xB, noiseB *torch.Tensor, c VATConfig) *torch.Tensor {
	if !(c.Xi > 0) || !(c.Eps > 0) || c.Iterations < 0 {
		panic(fmt.Sprintf("objective: %+v, want Xi and Eps more than 0 and Iterations at least 0", c))
	}
	xB = xB.Detach()
	var cleanBC *torch.Tensor
	torch.NoGrad(func() { cleanBC = network(xB).LogSoftmax(1) })
	divergence := func(stepB *torch.Tensor) *torch.Tensor {
		movedBC := network(xB.Add(stepB)).LogSoftmax(1)
		if c.FromPerturbed {
			return meanKL(movedBC, cleanBC)
		}
		return meanKL(cleanBC, movedBC)
	}
	vB := noiseB.Detach()
	for range c.Iterations {
		vB = c.steeper(divergence, vB)
	}
	return divergence(c.lastUnit(vB).MulScalar(c.Eps))
}

// steeper is one iteration of the power method: the gradient of the divergence at a step of length Xi along v.
func (c VATConfig) steeper(divergence func(*torch.Tensor) *torch.Tensor, vB *torch.Tensor) (next *torch.Tensor) {
	torch.EnableGrad(func() {
		trialB := c.trialUnit(vB).MulScalar(c.Xi).RequireGrad(true)
		next = torch.Grad([]*torch.Tensor{divergence(trialB)}, []*torch.Tensor{trialB}, false)[0]
	})
	if !c.FromPerturbed {
		next = next.MulScalar(c.Xi) // with respect to the unit vector, which the guard of trialUnit is made for
	}
	return next
}

// trialUnit brings each v to length 1, with the authors' guards against a length of 0: the paper's code shortens gradients
// that are not much longer than 1e-8, and so wants an Xi of 1 to 10.
func (c VATConfig) trialUnit(vB *torch.Tensor) *torch.Tensor {
	if c.FromPerturbed {
		const least = 1e-6
		return vB.Div(lengths(vB).ClampMin(least))
	}
	const shift = 1e-8
	return vB.Div(lengths(vB).AddScalar(shift))
}

// lastUnit does so for the perturbation itself. S4L's Xi of 1e-6 leaves gradients so short that the guard of the trial, which
// its code has here too, would swallow them, so they are scaled by their largest element first.
func (c VATConfig) lastUnit(vB *torch.Tensor) *torch.Tensor {
	if !c.FromPerturbed {
		return c.trialUnit(vB)
	}
	const least = 1e-30
	largestB1 := vB.Abs().Flatten(1, -1).AmaxDims(true, 1).ClampMin(least)
	scaledB := vB.Div(perSample(largestB1, vB))
	return scaledB.Div(lengths(scaledB).ClampMin(tiny))
}

// lengths are the Euclidean lengths of the samples, shaped to divide v by.
func lengths(vB *torch.Tensor) *torch.Tensor {
	return perSample(vB.Flatten(1, -1).NormDims(2, true, 1), vB)
}

// perSample gives numbers [B, 1] as many dimensions as v has.
func perSample(numbersB1, vB *torch.Tensor) *torch.Tensor {
	shape := vB.Shape()
	for i := range shape[1:] {
		shape[i+1] = 1
	}
	return numbersB1.Reshape(shape...)
}

// meanKL is the divergence of the second from the first distribution of each row, given as logarithms [B, C], mean over B.
func meanKL(logPBC, logQBC *torch.Tensor) *torch.Tensor {
	return logPBC.Exp().Mul(logPBC.Sub(logQBC)).SumDims(false, 1).Mean()
}
