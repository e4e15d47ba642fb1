package objective

import (
	"fmt"
	"math"

	"vssl/torch"
)

// tiny keeps the length of a zero vector from dividing by zero, as PyTorch's normalize does.
const tiny = 1e-12

// ContrastTerms is what NTXentTerms computes for a batch.
type ContrastTerms struct {
	Loss     *torch.Tensor // scalar in nats, mean over the 2B rows
	Accuracy *torch.Tensor // scalar 0..1: share of the 2B rows whose nearest other row is their other view; without gradient
}

// NTXentTerms is the loss of SimCLR, equation 1 of 2002.05709.
//
//	z1BD, z2BD  [B, D] float, any length; rows i are two views of one sample
//	tau         temperature, no unit, > 0
//
// The 2B rows are normalised; each has its other view as the positive and the 2B - 2 rows of other samples as
// negatives. Gradients of Loss go to both inputs. It panics if tau is not positive, and with a *torch.Error if the shapes
// differ.
func NTXentTerms(z1BD, z2BD *torch.Tensor, tau float64) ContrastTerms {
	checkTemperature(tau)
	zND := torch.Cat([]*torch.Tensor{z1BD, z2BD}, 0).Normalize(1, tiny)
	sNN := zND.MatMul(zND.T()).DivScalar(tau)
	sNN = sNN.MaskDiagonal(math.Inf(-1)) // a view is not its own negative
	b := z1BD.Dim(0)
	partnerN := torch.Arange(2*b, z1BD.Device()).Roll([]int{b}, []int{0})
	return ContrastTerms{Loss: torch.CrossEntropy(sNN, partnerN), Accuracy: hits(sNN, partnerN)}
}

// NTXent is the loss of NTXentTerms alone.
func NTXent(z1BD, z2BD *torch.Tensor, tau float64) *torch.Tensor {
	return NTXentTerms(z1BD, z2BD, tau).Loss
}

// hits is the share of rows of s [N, K] whose largest score is at their place of atN, 0..1, without gradient.
func hits(sNK, atN *torch.Tensor) *torch.Tensor {
	return sNK.Detach().ArgMax(1).Eq(atN).To(torch.Float32).Mean()
}

// CVRLTerms is what CVRL computes for a batch.
type CVRLTerms struct {
	Loss     *torch.Tensor // scalar in nats: sum of two directions, each the mean over B
	Accuracy *torch.Tensor // scalar 0..1: share of first clips whose nearest second clip is their own
	Entropy  *torch.Tensor // scalar in nats: of the softmax over second clips, mean over B
}

// CVRL is the loss of 2008.03800, equation 1, as its authors compute it: the sum over the two directions, not the mean
// over all rows, and so twice NTXent where rows are normalised.
//
//	z1BD, z2BD  [B, D] float; rows i are two clips of one video
//	tau         temperature, no unit, > 0
//	normalize   whether rows are brought to length 1 first; the authors' default is true
//
// Gradients of Loss go to both inputs; Accuracy and Entropy have none. It panics as NTXent does.
func CVRL(z1BD, z2BD *torch.Tensor, tau float64, normalize bool) CVRLTerms {
	checkTemperature(tau)
	if normalize {
		const eps = 1e-6 // the authors keep the squared length at 1e-12 or more
		z1BD, z2BD = z1BD.Normalize(1, eps), z2BD.Normalize(1, eps)
	}
	s12BB := z1BD.MatMul(z2BD.T()).DivScalar(tau)
	s11BB := z1BD.MatMul(z1BD.T()).DivScalar(tau).MaskDiagonal(math.Inf(-1))
	s22BB := z2BD.MatMul(z2BD.T()).DivScalar(tau).MaskDiagonal(math.Inf(-1))
	ownB := torch.Arange(z1BD.Dim(0), z1BD.Device())
	first := torch.CrossEntropy(torch.Cat([]*torch.Tensor{s12BB, s11BB}, 1), ownB)
	second := torch.CrossEntropy(torch.Cat([]*torch.Tensor{s12BB.T(), s22BB}, 1), ownB)
	terms := CVRLTerms{Loss: first.Add(second)}
	torch.NoGrad(func() {
		terms.Accuracy = hits(s12BB, ownB)
		pBB := s12BB.Softmax(1)
		const shift = 1e-8 // the authors'; it keeps 0 log 0 finite
		terms.Entropy = pBB.Mul(pBB.AddScalar(shift).Log()).SumDims(false, 1).Mean().Neg()
	})
	return terms
}

// checkTemperature panics for a temperature that would turn the loss over or make it NaN.
func checkTemperature(tau float64) {
	if !(tau > 0) {
		panic(fmt.Sprintf("objective: temperature is %g, want more than 0", tau))
	}
}
