package objective

import (
	"fmt"

	"vssl/torch"
)

// MASTConfig has the constants of MAST.
type MASTConfig struct {
	Radius       int     // of the window that is copied from, in positions; the authors' 6
	MemoryRadius int     // of the coarse search in long references, in steps of its dilation; the authors' 12
	RefIndex     []int   // frame numbers of the references
	Current      int     // frame number of the target
	LongGap      int     // frames; a reference further away is searched coarsely first; the authors' 15
	MaxDilation  int     // of the coarse search, in positions; the authors' 4
	Downsample   int     // pixels for each position; the authors' 4
	Scale        float64 // of colours before the loss; the authors' 20
}

// dilation is the spacing of the coarse search in reference i, 0 for a short one, which is not searched.
func (c MASTConfig) dilation(i int) int {
	gap := c.Current - c.RefIndex[i]
	if gap <= c.LongGap {
		return 0
	}
	return min(c.MaxDilation, gap/c.LongGap+1)
}

// MAST is self-supervised tracking with a memory (2002.07793): every position of the target copies its colour from windows of
// several reference frames, by one softmax over products of features.
//
//	refsNBFHW    [N, B, F, H, W] and tarBFHW [B, F, H, W] features
//	coloursNBCSS [N, B, C, sH, sW] and colourBCSS [B, C, sH, sW] colours, s = Downsample; every s-th pixel stands for its position
//
// The window in a long reference is moved by an offset, the expectation of a softmax over a coarse search, and sampled
// bilinearly; every long reference has its own, while the authors' code samples all colours with the offsets of the last. What
// lies outside a frame counts as features and colours of 0 and takes part in the softmax. It returns the mean over elements of
// the smooth L1 distance (beta 1) between the prediction, resized to sH by sW, and the target's colours, both times Scale, and
// the prediction [B, C, H, W]. Gradients go to features and colours, through the offsets too. It panics unless RefIndex has N
// numbers, and for a long reference of fewer than 2 rows or columns.
func MAST(refsNBFHW, tarBFHW, coloursNBCSS, colourBCSS *torch.Tensor, cfg MASTConfig) (loss, predBCHW *torch.Tensor) {
	n := refsNBFHW.Dim(0)
	if len(cfg.RefIndex) != n || cfg.LongGap < 1 || cfg.Downsample < 1 {
		panic(fmt.Sprintf("objective: %d references with %d numbers, gap %d and downsample %d, want a number each and at least 1",
			n, len(cfg.RefIndex), cfg.LongGap, cfg.Downsample))
	}
	r := cfg.Radius
	window := (2*r + 1) * (2*r + 1)
	dots := make([]*torch.Tensor, n)
	copies := make([]func(weightBDHW *torch.Tensor) *torch.Tensor, n)
	for i := range n {
		refBFHW := refsNBFHW.Select(0, i)
		colourBCHW := everyPixel(coloursNBCSS.Select(0, i), cfg.Downsample)
		if e := cfg.dilation(i); e > 0 {
			gridBPD2 := movedWindow(coarseOffset(refBFHW, tarBFHW, cfg.MemoryRadius, e), r)
			dots[i] = dotsInGrid(tarBFHW, refBFHW, gridBPD2)
			copies[i] = func(w *torch.Tensor) *torch.Tensor { return sumInGrid(w, colourBCHW, gridBPD2) }
			continue
		}
		dots[i] = windowDots(tarBFHW, refBFHW, r, 1)
		copies[i] = func(w *torch.Tensor) *torch.Tensor { return windowSum(w, colourBCHW.Pad([]int{r, r, r, r}, 0), r) }
	}
	weight := torch.Cat(dots, 1).Softmax(1)
	for i := range n {
		part := copies[i](weight.Narrow(1, i*window, window))
		if predBCHW == nil {
			predBCHW = part
			continue
		}
		predBCHW = predBCHW.Add(part)
	}
	largeBCSS := resized(predBCHW, colourBCSS.Dim(2), colourBCSS.Dim(3))
	loss = torch.SmoothL1(largeBCSS.MulScalar(cfg.Scale), colourBCSS.MulScalar(cfg.Scale), 1, torch.ReduceMean)
	return loss, predBCHW
}

// everyPixel takes every s-th pixel of both dimensions, from the first on.
func everyPixel(x *torch.Tensor, s int) *torch.Tensor {
	return x.Slice(2, 0, x.Dim(2), s).Slice(3, 0, x.Dim(3), s)
}

// coarseOffset is the displacement [B, 2, H, W], (x, y) in positions, that a softmax over a search with spacing e expects.
func coarseOffset(refBFHW, tarBFHW *torch.Tensor, r, e int) *torch.Tensor {
	weightBDHW := windowDots(tarBFHW, refBFHW, r, e).Softmax(1)
	var steps []float64
	eachShift(r, func(dy, dx int) { steps = append(steps, float64(dx*e), float64(dy*e)) })
	stepD2 := torch.FromFloat64(steps, len(steps)/2, 2).To(refBFHW.DType()).ToDevice(refBFHW.Device())
	return torch.Einsum("bdyx,dk->bkyx", weightBDHW, stepD2)
}

// movedWindow is where the windows of radius r of all positions lie after their offsets: [B, H*W, (2r+1)^2, 2], -1..1.
func movedWindow(offsetB2HW *torch.Tensor, r int) *torch.Tensor {
	h, w := offsetB2HW.Dim(2), offsetB2HW.Dim(3)
	if h < 2 || w < 2 {
		panic(fmt.Sprintf("objective: a long reference of %d by %d, want at least 2 by 2, as corners are aligned", h, w))
	}
	var own, steps []float64
	for y := range h {
		for x := range w {
			own = append(own, float64(x), float64(y))
		}
	}
	eachShift(r, func(dy, dx int) { steps = append(steps, float64(dx), float64(dy)) })
	like := func(values []float64, shape ...int) *torch.Tensor {
		return torch.FromFloat64(values, shape...).To(offsetB2HW.DType()).ToDevice(offsetB2HW.Device())
	}
	centreBP12 := offsetB2HW.Flatten(2, 3).Transpose(1, 2).Add(like(own, h*w, 2)).Unsqueeze(2)
	placeBPD2 := centreBP12.Add(like(steps, len(steps)/2, 2))
	unit := like([]float64{2 / float64(w-1), 2 / float64(h-1)}, 2)
	return placeBPD2.Mul(unit).SubScalar(1)
}

// dotsInGrid is the product of tar at each position with ref sampled at the position's grid, [B, D, H, W]. Sampling is linear in
// the features, so it is the products with all of ref that are sampled: (H*W)^2 numbers in place of F*D*H*W.
func dotsInGrid(tarBFHW, refBFHW, gridBPD2 *torch.Tensor) *torch.Tensor {
	b, h, w := tarBFHW.Dim(0), tarBFHW.Dim(2), tarBFHW.Dim(3)
	d := gridBPD2.Dim(2)
	allBPP := tarBFHW.Flatten(2, 3).Transpose(1, 2).MatMul(refBFHW.Flatten(2, 3))
	sampled := sampleZeros(allBPP.Reshape(b*h*w, 1, h, w), gridBPD2.Reshape(b*h*w, 1, d, 2))
	return sampled.Reshape(b, h, w, d).Permute(0, 3, 1, 2)
}

// sumInGrid is the sum over D of weights [B, D, H, W] times values [B, C, H, W] sampled at each position's grid.
func sumInGrid(weightBDHW, valueBCHW, gridBPD2 *torch.Tensor) *torch.Tensor {
	b, c, h, w := valueBCHW.Dim(0), valueBCHW.Dim(1), valueBCHW.Dim(2), valueBCHW.Dim(3)
	sampledBCPD := sampleZeros(valueBCHW, gridBPD2)
	return torch.Einsum("bcpd,bdp->bcp", sampledBCPD, weightBDHW.Flatten(2, 3)).Reshape(b, c, h, w)
}

// sampleZeros samples bilinearly with corners aligned and zeros outside.
func sampleZeros(x, grid *torch.Tensor) *torch.Tensor {
	return torch.GridSample(x, grid, "bilinear", "zeros", true)
}
