package objective

import (
	"fmt"
	"math"

	"vssl/torch"
)

// SinkhornCodes turns the scores of a batch into soft assignments that use all prototypes alike: section 3.1 of SwAV,
// 2006.09882, as its authors compute it.
//
//	scoresBK    [B, K] float, cosines of samples with prototypes
//	epsilon     the entropy's weight, no unit, > 0; the smaller, the harder the codes
//	iterations  >= 0; the authors' 3
//
// Starting from exp(scores/epsilon), each iteration brings the columns to one sum and then the rows to one sum. It returns
// the codes [B, K] without a gradient: rows sum to 1 (after at least one iteration), columns near B/K. It computes with
// logarithms, so a small epsilon neither overflows nor leaves a row of zeros. It panics unless epsilon is positive, and
// with a *torch.Error unless the scores are a matrix.
func SinkhornCodes(scoresBK *torch.Tensor, epsilon float64, iterations int) (codesBK *torch.Tensor) {
	if !(epsilon > 0) {
		panic(fmt.Sprintf("objective: epsilon is %g, want more than 0", epsilon))
	}
	torch.NoGrad(func() {
		b, k := float64(scoresBK.Dim(0)), float64(scoresBK.Dim(1))
		logBK := scoresBK.DivScalar(epsilon)
		logBK = logBK.Sub(logBK.LogSumExp(true, 0, 1))
		for range iterations {
			logBK = logBK.Sub(logBK.LogSumExp(true, 0)).SubScalar(math.Log(k))
			logBK = logBK.Sub(logBK.LogSumExp(true, 1)).SubScalar(math.Log(b))
		}
		codesBK = logBK.AddScalar(math.Log(b)).Exp()
	})
	return codesBK
}
