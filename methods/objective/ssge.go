package objective

import (
	"fmt"

	"vssl/torch"
)

// SSGEScore is an estimated gradient of a log density.
type SSGEScore struct {
	Score *torch.Tensor // [Q, D], in the type of the samples, without gradient
	Width *torch.Tensor // scalar: of the kernel, in the unit of the samples
	Eigen int           // eigenfunctions that the estimate is made of
}

// SSGE is the spectral Stein gradient estimator (1806.02925): from samples of a distribution alone, it
// estimates the gradient of the logarithm of its density.
//
//	samplesMD  [M, D] float
//	xQD        [Q, D] float, where it is asked for; nil asks at the samples
//	share      0 < share < 1: eigenvalues are used, largest first, as long as their sum stays below this share of all
//
// The kernel is Gaussian. Its width is the floor(n²/2)-th largest of the n² distances between all n points (the samples, and x
// where given), those of a point to itself included. Everything is computed in float64: eigenvectors of float32 are too
// rough. It panics for a share outside its range, for fewer than two points, and if the width is 0 because more than half of
// the pairs coincide.
func SSGE(samplesMD, xQD *torch.Tensor, share float64) (s SSGEScore) {
	if !(share > 0 && share < 1) {
		panic(fmt.Sprintf("objective: share of the eigenvalues is %g, want more than 0 and less than 1", share))
	}
	torch.NoGrad(func() {
		aMD := samplesMD.Detach().To(torch.Float64)
		if xQD == nil {
			s = ssge(aMD, aMD, aMD, share)
		} else {
			qQD := xQD.Detach().To(torch.Float64)
			s = ssge(aMD, qQD, torch.Cat([]*torch.Tensor{aMD, qQD}, 0), share)
		}
		s.Score, s.Width = s.Score.To(samplesMD.DType()), s.Width.To(samplesMD.DType())
	})
	return s
}

// ssge estimates at x; the width of the kernel is that of the points.
func ssge(aMD, xQD, pointsPD *torch.Tensor, share float64) SSGEScore {
	width := medianDistance(pointsPD)
	m := float64(aMD.Dim(0))
	kMM := gaussianKernel(aMD, aMD, width)
	valuesM, vectorsMM := kMM.Eigh()
	valuesM, vectorsMM = valuesM.Flip(0), vectorsMM.Flip(1) // largest first
	n := valuesM.Cumsum(0).Div(valuesM.Sum()).LtScalar(share).Sum().Int()
	// both sums over the samples carry sqrt(M) / lambda
	vMJ := vectorsMM.Narrow(1, 0, n).Div(valuesM.Narrow(0, 0, n).Unsqueeze(0))
	psiQJ := gaussianKernel(xQD, aMD, width).MatMul(vMJ)
	// by sample m: the sum over i of K_im (a_i - a_m)
	pullMD := kMM.MatMul(aMD).Sub(aMD.Mul(kMM.SumDims(true, 1))).Div(width.Square()).DivScalar(m)
	betaJD := vMJ.T().MatMul(pullMD)
	return SSGEScore{Score: psiQJ.MatMul(betaJD).MulScalar(m), Width: width, Eigen: n}
}

// medianDistance is the width of SSGE's kernel, a scalar.
func medianDistance(pointsPD *torch.Tensor) *torch.Tensor {
	n := pointsPD.Dim(0)
	if n < 2 {
		panic(fmt.Sprintf("objective: %d points, want 2 or more", n))
	}
	// products would leave a point at some distance from itself
	distances := pointsPD.Cdist(pointsPD, 2).MaskDiagonal(0)
	largest, _ := distances.Reshape(n*n).TopK(n*n/2, 0, true)
	width := largest.Select(0, n*n/2-1)
	if !(width.Float() > 0) {
		panic(fmt.Sprintf("objective: the median distance of %d points is %g, want more than 0", n, width.Float()))
	}
	return width
}

func gaussianKernel(aMD, bND, width *torch.Tensor) *torch.Tensor {
	return aMD.Cdist(bND, 2).Div(width).Square().MulScalar(-0.5).Exp()
}

// MIGETerms is what MIGE computes for a batch.
type MIGETerms struct {
	Loss        *torch.Tensor // scalar; only its gradient means something
	EigenJoint  int           // eigenfunctions for [x, y]
	EigenSecond int           // for y
}

// MIGE is the gradient estimator of mutual information (2005.01123): the gradient of Loss is an estimate of the
// one of I(x; y) while the entropy of x stays as it is. Descending makes the information small; its negative makes it large.
//
//	xMD, yME  [M, D] and [M, E] float, pairs of samples
//	share     as in SSGE
//
// With sur(s) the mean over M of score(s).s, the score held constant, Loss is sur([x, y]) - sur(y). Gradients go to both. It
// panics as SSGE does.
func MIGE(xMD, yME *torch.Tensor, share float64) MIGETerms {
	joint, j := entropySurrogate(torch.Cat([]*torch.Tensor{xMD, yME}, 1), share)
	second, k := entropySurrogate(yME, share)
	return MIGETerms{Loss: joint.Sub(second), EigenJoint: j, EigenSecond: k}
}

// entropySurrogate has the gradient of the negative entropy of the samples.
func entropySurrogate(samplesMD *torch.Tensor, share float64) (surrogate *torch.Tensor, eigen int) {
	s := SSGE(samplesMD, nil, share)
	return s.Score.Mul(samplesMD).SumDims(false, 1).Mean(), s.Eigen
}
