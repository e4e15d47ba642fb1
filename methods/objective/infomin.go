package objective

import (
	"math"

	"vssl/torch"
)

// ViewTerms is what InfoMin answers for S pairs of views.
type ViewTerms struct {
	Loss   *torch.Tensor // scalar in nats, mean of Losses
	Losses *torch.Tensor // [S] in nats, mean over B
	Mutual *torch.Tensor // [S] in nats, lower bound of the information that the views share; at most log K
	Best   *torch.Tensor // one int64, the pair that shares most
}

// InfoMin estimates the information that pairs of views share, 2005.10243: I = log K - InfoNCE.
//
//	scoresSBK  [S, B, K] float: for S pairs of views the logits of K candidates, the positive in column 0
//
// Gradients of the loss go to the scores; Mutual and Best have none.
func InfoMin(scoresSBK *torch.Tensor) ViewTerms {
	k := scoresSBK.Dim(2)
	lossesS := scoresSBK.LogSoftmax(2).Select(2, 0).MeanDims(false, 1).Neg()
	mutualS := lossesS.Detach().RSubScalar(math.Log(float64(k)))
	return ViewTerms{Loss: lossesS.Mean(), Losses: lossesS, Mutual: mutualS, Best: mutualS.ArgMax(0)}
}
