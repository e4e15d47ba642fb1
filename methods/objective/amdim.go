package objective

import (
	"fmt"
	"math"

	"vssl/torch"
)

// AMDIMView is what the encoder of AMDIM gives for one view of a batch.
type AMDIMView struct {
	R1BR   *torch.Tensor // [B, R, 1, 1] float, of the whole picture
	R5BRHW *torch.Tensor // [B, R, 5, 5] float
	R7BRHW *torch.Tensor // [B, R, 7, 7] float
	LocB   *torch.Tensor // [B] int64, 0..24 row by row: the place of R5 that predicts the other view's
}

// AMDIMTerms are the parts of the loss of AMDIM, scalars in nats.
type AMDIMTerms struct {
	Loss       *torch.Tensor // the sum of the others
	OneToFive  *torch.Tensor // half the sum of both directions, R1 to the other view's R5
	OneToSeven *torch.Tensor // likewise to R7
	FiveToFive *torch.Tensor // likewise from the chosen place of R5 to R5
	Penalty    *torch.Tensor // half the sum of the six penalties of the scores
}

// AMDIM is the loss of 1906.00910, Augmented Multiscale Deep InfoMax.
//
//	tclip  scores a become tclip*tanh(a/tclip), > 0; the authors' 20
//	reg    weight of the mean squared score, >= 0; the authors' 0.05
//
// A source predicts every place of its target in the other view: scores are products over R divided by sqrt(R), and each
// (sample, place) has its own score against those of all places of the other samples; the mean over both. Gradients of Loss
// go to all features of both views. It panics if tclip is not positive and for a batch below 2.
func AMDIM(first, second AMDIMView, tclip, reg float64) AMDIMTerms {
	if !(tclip > 0) {
		panic(fmt.Sprintf("objective: tclip is %g, want more than 0", tclip))
	}
	penalties := make([]*torch.Tensor, 0, 6)
	term := func(sourceBR, targetBRHW *torch.Tensor) *torch.Tensor {
		nce, penalty := amdimTerm(sourceBR, targetBRHW.Flatten(2, -1), tclip)
		penalties = append(penalties, penalty)
		return nce
	}
	half := func(a, b *torch.Tensor) *torch.Tensor { return a.Add(b).MulScalar(0.5) }
	one1, one2 := first.R1BR.Flatten(1, -1), second.R1BR.Flatten(1, -1)
	var t AMDIMTerms
	t.OneToFive = half(term(one1, second.R5BRHW), term(one2, first.R5BRHW))
	t.OneToSeven = half(term(one1, second.R7BRHW), term(one2, first.R7BRHW))
	t.FiveToFive = half(term(first.chosen(), second.R5BRHW), term(second.chosen(), first.R5BRHW))
	t.Penalty = torch.Stack(penalties, 0).Sum().MulScalar(reg / 2)
	t.Loss = t.OneToFive.Add(t.OneToSeven).Add(t.FiveToFive).Add(t.Penalty)
	return t
}

// chosen are the features [B, R] of R5 at the places LocB.
func (v AMDIMView) chosen() *torch.Tensor {
	b, r := v.R5BRHW.Dim(0), v.R5BRHW.Dim(1)
	return v.R5BRHW.Flatten(2, -1).Gather(2, v.LocB.Reshape(b, 1, 1).Expand(b, r, 1)).Squeeze(2)
}

// amdimTerm returns the contrastive term and the mean squared score.
func amdimTerm(sourceBR, targetBRP *torch.Tensor, tclip float64) (nce, penalty *torch.Tensor) {
	aPBB := torch.Einsum("ir,jrp->pij", sourceBR, targetBRP).DivScalar(math.Sqrt(float64(sourceBR.Dim(1))))
	squareSide(aPBB, 2)
	sPBB := aPBB.DivScalar(tclip).Tanh().MulScalar(tclip)
	othersB := sPBB.MaskDiagonal(math.Inf(-1)).LogSumExp(false, 0, 2)
	// -log(e^s / (e^s + R)) is softplus(log R - s)
	return othersB.Sub(sPBB.Diagonal()).Softplus().Mean(), aPBB.Square().Mean()
}
