package objective

import (
	"fmt"

	"vssl/torch"
)

// CorrFlowConfig has the constants of CorrFlow.
type CorrFlowConfig struct {
	Radius     int // of the window in positions of the feature map, >= 0; the authors' 6
	Bins       int // C colours; the authors' 16
	Downsample int // pixels of the colour map for each position, >= 1; the authors' 4
}

// colourShift is what CorrFlow's authors add to a probability before its logarithm.
const colourShift = 1e-8

// CorrFlow is self-supervised dense tracking by colour (1905.00875): every position of a target frame copies its colour from a
// window of a reference frame, by softmax over products of features.
//
//	refBFHW, tarBFHW  [B, F, H, W] features of both frames
//	colour            of the reference, s = Downsample: int64 bins [B, 1, sH, sW], or probabilities [B, C, sH, sW] of floats
//	targetBSS         [B, sH, sW] int64 bins of the target frame
//
// Bins are resized as numbers, cut to whole ones and only then made one-hot, as in the authors' code. A product that is exactly
// 0, as all outside the frame are, counts as -1e10 in the softmax; colours outside are those of the edge. It returns the mean
// over B and pixels of -log(p + 1e-8), p the prediction resized to sH by sW at the target's bin, and the prediction
// [B, C, H, W]. Gradients go to the features and to probabilities. It panics for a radius below 0, bins or downsample below 1.
func CorrFlow(refBFHW, tarBFHW, colour, targetBSS *torch.Tensor, cfg CorrFlowConfig) (loss, predBCHW *torch.Tensor) {
	predBCHW = copyColours(refBFHW, tarBFHW, colour, cfg)
	return colourEntropy(enlarged(predBCHW, cfg), targetBSS), predBCHW
}

// copyColours predicts the target's colours [B, C, H, W].
func copyColours(refBFHW, tarBFHW, colour *torch.Tensor, cfg CorrFlowConfig) *torch.Tensor {
	if cfg.Radius < 0 || cfg.Bins < 1 || cfg.Downsample < 1 {
		panic(fmt.Sprintf("objective: radius %d, %d bins and downsample %d, want at least 0, 1 and 1",
			cfg.Radius, cfg.Bins, cfg.Downsample))
	}
	r := cfg.Radius
	dotsBDHW := windowDots(tarBFHW, refBFHW, r, 1)
	weightBDHW := dotsBDHW.MaskedFill(dotsBDHW.Detach().EqScalar(0), -1e10).Softmax(1)
	colourBCHW := smallColours(colour, refBFHW, cfg.Bins)
	return windowSum(weightBDHW, colourBCHW.PadMode([]int{r, r, r, r}, "replicate"), r)
}

// smallColours brings bins or probabilities to the size of the features, as probabilities of their type.
func smallColours(colour, feature *torch.Tensor, bins int) *torch.Tensor {
	h, w := feature.Dim(2), feature.Dim(3)
	if colour.DType() != torch.Int64 {
		return resized(colour, h, w)
	}
	smallBHW := resized(colour.To(feature.DType()), h, w).To(torch.Int64).Squeeze(1)
	return smallBHW.OneHot(bins).Permute(0, 3, 1, 2).To(feature.DType())
}

func enlarged(predBCHW *torch.Tensor, cfg CorrFlowConfig) *torch.Tensor {
	return resized(predBCHW, predBCHW.Dim(2)*cfg.Downsample, predBCHW.Dim(3)*cfg.Downsample)
}

// colourEntropy is the mean over pixels of -log(p + shift) at the target's bin, for probabilities [B, C, h, w].
func colourEntropy(pBCSS, targetBSS *torch.Tensor) *torch.Tensor {
	return pBCSS.Gather(1, targetBSS.Unsqueeze(1)).AddScalar(colourShift).Log().Mean().Neg()
}

// CorrFlowCycleConfig adds what a cycle of three frames needs.
type CorrFlowCycleConfig struct {
	CorrFlowConfig
	Truth      bool    // the second step starts from the true colours of frame 1; else from those predicted, scheduled by the method
	LongWeight float64 // of the loss on cycles; the authors' 0.1
}

// CorrFlowCycleTerms is what CorrFlowCycle computes.
type CorrFlowCycleTerms struct {
	Loss       *torch.Tensor // scalar in nats: Similarity + LongWeight * Long
	Similarity *torch.Tensor // scalar, steps 0 to 1 and 1 to 2
	Long       *torch.Tensor // scalar, round trips 0-1-0 and 0-1-2-1-0
}

// CorrFlowCycle is the loss of CorrFlow over three frames with its cycles through time (1905.00875, section 3.3). Every step is
// CorrFlow's copy, enlarged, and feeds the next one with probabilities.
//
//	feature3BFHW  [3, B, F, H, W] features of the frames
//	bins3B1SS     [3, B, 1, sH, sW] int64 colours of the frames
//
// Round trips begin at the true colours of frame 0 and are judged there. Each cross-entropy is the mean over B and pixels;
// gradients go to the features through every step. It panics as CorrFlow does.
func CorrFlowCycle(feature3BFHW, bins3B1SS *torch.Tensor, cfg CorrFlowCycleConfig) CorrFlowCycleTerms {
	bins := func(frame int) *torch.Tensor { return bins3B1SS.Select(0, frame) }
	step := func(from int, colour *torch.Tensor, to int) *torch.Tensor {
		pred := copyColours(feature3BFHW.Select(0, from), feature3BFHW.Select(0, to), colour, cfg.CorrFlowConfig)
		return enlarged(pred, cfg.CorrFlowConfig)
	}
	judge := func(p *torch.Tensor, frame int) *torch.Tensor { return colourEntropy(p, bins(frame).Squeeze(1)) }

	first := step(0, bins(0), 1)
	predicted := step(1, first, 2)
	second := predicted
	if cfg.Truth {
		second = step(1, bins(1), 2)
	}
	similarity := judge(first, 1).Add(judge(second, 2))
	short := step(1, first, 0)
	long := step(1, step(2, predicted, 1), 0)
	cycles := judge(short, 0).Add(judge(long, 0))
	return CorrFlowCycleTerms{Loss: similarity.AddScaled(cycles, cfg.LongWeight), Similarity: similarity, Long: cycles}
}
