package objective

import (
	"fmt"

	"vssl/torch"
)

// DIMMode is how Deep InfoMax estimates mutual information.
type DIMMode string

// The estimators of Deep InfoMax.
const (
	DIMDivergence DIMMode = "fd"  // an f-divergence, by DIMConfig.Measure
	DIMNCE        DIMMode = "nce" // noise-contrastive
	DIMDV         DIMMode = "dv"  // Donsker-Varadhan
)

// DIMMeasure is the divergence of DIMDivergence; the two differ by a constant.
type DIMMeasure string

// The divergences of Deep InfoMax.
const (
	DIMJSD DIMMeasure = "JSD" // Jensen-Shannon, shifted by log 2 to start at 0
	DIMGAN DIMMeasure = "GAN"
)

// DIMConfig says how DIM measures.
type DIMConfig struct {
	Mode       DIMMode
	Measure    DIMMeasure // for DIMDivergence alone
	Scale      float64    // of the estimate, no unit; the authors' 1
	ActPenalty float64    // of the squared length of the global features, >= 0; the authors' 0
}

// DIM is the loss of Deep InfoMax (1808.06670, equations 4 and 5) between local and global features of pictures; with P = Q =
// 1 it is the one between whole pictures.
//
//	lNUP  [N, U, P] float, U units at P places
//	mNUQ  [N, U, Q] float, usually at one place
//
// Scores are u = m_i . l_j for every pair of pictures and places. fd and dv take the mean over true pairs (i = j) and all
// places against the mean over the others. nce takes the mean over (i, p, q), each with its own positive against all places
// of all pictures, where the places of the picture itself count as -10, as the authors' code has it. The loss is Scale times
// the negative estimate plus ActPenalty times the squared length of m, mean over N and Q; a scalar in nats with gradients to
// both. The authors' code of dv masks wrong axes; this is the paper's. It panics for unknown modes and for N below 2.
func DIM(lNUP, mNUQ *torch.Tensor, c DIMConfig) *torch.Tensor {
	uPQNN := torch.Einsum("iuq,jup->pqij", mNUQ, lNUP)
	var loss *torch.Tensor
	switch c.Mode {
	case DIMDivergence:
		loss = dimDivergence(uPQNN, c.Measure)
	case DIMNCE:
		loss = dimNCE(uPQNN)
	case DIMDV:
		loss = offDiagonalLogMeanExp(uPQNN).Sub(uPQNN.Diagonal().Mean())
	default:
		panic(fmt.Sprintf("objective: mode is %q, want fd, nce or dv", c.Mode))
	}
	loss = loss.MulScalar(c.Scale)
	if c.ActPenalty > 0 {
		loss = loss.AddScaled(mNUQ.Square().SumDims(false, 1).Mean(), c.ActPenalty)
	}
	return loss
}

// dimDivergence is the mean expectation under the product less the one under the joint distribution.
func dimDivergence(uPQNN *torch.Tensor, measure DIMMeasure) *torch.Tensor {
	const log2 = 0.6931471805599453
	var shift float64 // of either expectation, with opposite signs
	switch measure {
	case DIMJSD:
		shift = log2
	case DIMGAN:
	default:
		panic(fmt.Sprintf("objective: measure is %q, want JSD or GAN", measure))
	}
	joint := uPQNN.Diagonal().Neg().Softplus().Mean() // softplus(-u) + u is softplus(u)
	return offDiagonalMean(uPQNN.Softplus()).Add(joint).SubScalar(2 * shift)
}

// dimNCE uses that -log(e^u / (e^u + R)) is softplus(log R - u).
func dimNCE(uPQNN *torch.Tensor) *torch.Tensor {
	squareSide(uPQNN, 2)
	const own = -10 // the authors' score for what is not a negative
	restQN := uPQNN.MaskDiagonal(own).LogSumExp(false, 0, 3)
	return restQN.Sub(uPQNN.Diagonal()).Softplus().Mean()
}
