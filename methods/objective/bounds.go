package objective

import (
	"fmt"
	"math"

	"vssl/torch"
)

// Estimates of the mutual information of x and y from the scores f of a critic, fNN [N, N] float: row x_i, column y_j, true
// pairs on the diagonal. Each is a scalar in nats that is to be made large; a loss is its negative. Pairs off the diagonal
// stand for the product of the marginals, so all but InfoNCE want N >= 2 and panic otherwise. The forms are those of
// 1910.06222 (Understanding the Limitations of Variational Mutual Information Estimators) and its code.

// BoundInfoNCE is log N plus the mean over rows of log softmax(f) at the true pair (1807.03748, at most log N).
func BoundInfoNCE(fNN *torch.Tensor) *torch.Tensor {
	n := squareSide(fNN, 1)
	return fNN.Diagonal().Sub(fNN.LogSumExp(false, 1)).Mean().AddScalar(math.Log(float64(n)))
}

// BoundNWJ is mean f + 1 - 1/e times the mean of e^f off the diagonal (Nguyen, Wainwright and Jordan, 0809.0853).
func BoundNWJ(fNN *torch.Tensor) *torch.Tensor { return tuba(fNN.SubScalar(1)) }

// BoundTUBA is the bound with a baseline per x (1905.06922): NWJ is the one with a baseline of e.
//
//	logBaselineN  [N] float, the logarithm of the baseline of x_i
//
// Gradients go to both.
func BoundTUBA(fNN, logBaselineN *torch.Tensor) *torch.Tensor {
	return tuba(fNN.Sub(logBaselineN.Unsqueeze(1)))
}

func tuba(gNN *torch.Tensor) *torch.Tensor {
	return gNN.Diagonal().Mean().Sub(offDiagonalLogMeanExp(gNN).Exp()).AddScalar(1)
}

// BoundDV is mean f less the logarithm of the mean of e^f off the diagonal (Donsker and Varadhan).
func BoundDV(fNN *torch.Tensor) *torch.Tensor {
	return fNN.Diagonal().Mean().Sub(offDiagonalLogMeanExp(fNN))
}

// BoundFGAN is the GAN's bound of the Jensen-Shannon divergence (1606.00709), not of the mutual information: the mean of
// -softplus(-f) on the diagonal less the mean of softplus(f) off it.
func BoundFGAN(fNN *torch.Tensor) *torch.Tensor {
	squareSide(fNN, 2)
	return offDiagonalMean(fNN.Softplus()).Add(fNN.Diagonal().Neg().Softplus().Mean()).Neg()
}

// BoundJS has the value of NWJ and the gradient of FGAN, which is steadier.
func BoundJS(fNN *torch.Tensor) *torch.Tensor {
	return valueWithGradientOf(BoundNWJ(fNN), BoundFGAN(fNN))
}

// BoundSMILE has the value of DV with the scores off the diagonal cut to -clip..clip, and the gradient of FGAN (1910.06222).
// clip is in nats, > 0; +Inf leaves them. It panics for others.
func BoundSMILE(fNN *torch.Tensor, clip float64) *torch.Tensor {
	if !(clip > 0) {
		panic(fmt.Sprintf("objective: clip is %g, want more than 0", clip))
	}
	value := fNN.Diagonal().Mean().Sub(offDiagonalLogMeanExp(fNN.Clamp(-clip, clip)))
	return valueWithGradientOf(value, BoundFGAN(fNN))
}

// BoundMINE has the value of DV and a gradient whose normaliser is a moving average, so that small batches bias it less
// (1801.04062, section 3.2). That average is state: buffer is the one of before the step (1 at first), and next the one to
// hand in at the next step, a scalar without gradient: momentum*buffer + (1-momentum) * mean of e^f off the diagonal, at
// least 1e-4. (The authors' code hands on the last mean alone.) It panics for a momentum outside 0..1.
func BoundMINE(fNN *torch.Tensor, buffer, momentum float64) (bound, next *torch.Tensor) {
	if !(momentum >= 0 && momentum <= 1) {
		panic(fmt.Sprintf("objective: momentum is %g, want 0..1", momentum))
	}
	const least = 1e-4 // the authors'
	meanExp := offDiagonalLogMeanExp(fNN).Exp()
	next = meanExp.Detach().MulScalar(1 - momentum).AddScalar(buffer * momentum).ClampMin(least)
	return valueWithGradientOf(BoundDV(fNN), fNN.Diagonal().Mean().Sub(meanExp.Div(next))), next
}

// offDiagonalLogMeanExp is the logarithm of the mean of e^f over the pairs off the diagonal of the last two dimensions and
// over all others, a scalar.
func offDiagonalLogMeanExp(f *torch.Tensor) *torch.Tensor {
	n := squareSide(f, 2)
	others := float64(f.Numel()) * float64(n-1) / float64(n)
	all := make([]int, f.Rank())
	for i := range all {
		all[i] = i
	}
	return f.MaskDiagonal(math.Inf(-1)).LogSumExp(false, all...).SubScalar(math.Log(others))
}

// offDiagonalMean is the plain mean over the same elements.
func offDiagonalMean(f *torch.Tensor) *torch.Tensor {
	n := squareSide(f, 2)
	others := float64(f.Numel()) * float64(n-1) / float64(n)
	return f.MaskDiagonal(0).Sum().DivScalar(others)
}

// squareSide is the size of the last two dimensions; it panics unless they are alike and at least least.
func squareSide(f *torch.Tensor, least int) int {
	s := f.Shape()
	if len(s) < 2 || s[len(s)-1] != s[len(s)-2] || s[len(s)-1] < least {
		panic(fmt.Sprintf("objective: scores of shape %v, want a square of at least %d x %d", s, least, least))
	}
	return s[len(s)-1]
}
