package objective

import (
	"fmt"

	"vssl/torch"
)

// CPCImageConfig has the constants of CPCImage.
type CPCImageConfig struct {
	Skip int     // grid rows between a context and its first target, >= 0; the authors' 1, as patches overlap
	Eps  float64 // added to the probability before the logarithm; the authors' 1e-11
}

// CPCImage is InfoNCE over the patch grid of an image, from each row to the rows below, as Greedy InfoMax (1905.11786)
// computes CPC for images.
//
//	zBCRW, cBCRW  [B, C, R, W] encodings and contexts of the patches
//	wKCC          [K, C, C] a predictor a step; it acts on the target, as in the authors' code
//	negatives     K tensors [R-k-Skip, W, B, N] int64, k = 1..K: places in the targets of step k, flattened by row, column, image
//
// Step k pairs the context at row r with W_k z at row r+k+Skip of the same column, r = 0..R-k-Skip-1. The loss is the mean
// over steps of the mean over rows, columns and images, in nats; gradients go to z, c and w. It panics unless every
// step leaves a row and has its negatives.
func CPCImage(zBCRW, cBCRW, wKCC *torch.Tensor, negatives []*torch.Tensor, cfg CPCImageConfig) *torch.Tensor {
	steps, rows := wKCC.Dim(0), zBCRW.Dim(2)
	if len(negatives) != steps || rows <= steps+cfg.Skip {
		panic(fmt.Sprintf("objective: %d predictors, %d tables of negatives and %d grid rows, want as many tables as predictors"+
			" and more than %d rows", steps, len(negatives), rows, steps+cfg.Skip))
	}
	losses := make([]*torch.Tensor, steps)
	for k := range steps {
		left := rows - (k + 1) - cfg.Skip
		targetMC := cells(zBCRW.Narrow(2, rows-left, left)).MatMul(wKCC.Select(0, k).T())
		contextMC := cells(cBCRW.Narrow(2, 0, left))
		n := negatives[k].Dim(3)
		positiveM1 := contextMC.Mul(targetMC).SumDims(true, 1)
		negativeMN := dotsAt(contextMC, targetMC, negatives[k].Reshape(-1, n))
		p := torch.Cat([]*torch.Tensor{positiveM1, negativeMN}, 1).Softmax(1).Select(1, 0)
		losses[k] = p.AddScalar(cfg.Eps).Log().Mean().Neg()
	}
	return torch.Stack(losses, 0).Mean()
}

// cells flattens [B, C, R, W] to one row of features a cell, by row, column and image: [R*W*B, C].
func cells(x *torch.Tensor) *torch.Tensor { return x.Permute(2, 3, 0, 1).Reshape(-1, x.Dim(1)) }
