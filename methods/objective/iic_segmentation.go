package objective

import (
	"fmt"

	"vssl/torch"
)

// SegmentationPair is two views of a batch of images in which IIC labels every pixel, and how the second lies in the first.
type SegmentationPair struct {
	X1BKHW, X2BKHW *torch.Tensor // [B, K, H, W] float: probabilities over K at each pixel
	Affine2To1B23  *torch.Tensor // [B, 2, 3] float: from places of view 1 to those of view 2, x first, -1..1; nil: the same
	MaskBHW        *torch.Tensor // [B, H, W] float, 0 or 1: pixels of view 1 that both views show; nil: all
	ShiftX, ShiftY int           // pixels: pixel (y, x) of view 2, brought back, is taken from (y+ShiftY, x+ShiftX)
}

// SegmentationConfig holds the numbers of IICSegmentation.
type SegmentationConfig struct {
	Lamb         float64 // weight of the two entropies, no unit; the authors' 1
	HalfSide     int     // pixels, >= 0: offsets in both directions run from -HalfSide to HalfSide
	AlignCorners bool    // -1 and 1 are the centres of the border pixels, as in the authors' PyTorch; else the image's edges
	Uncollapsed  bool    // one joint for each offset, and the mean of their losses, in place of one joint over all
}

// IICSegmentation is the loss of section 4.2 of 1807.06653 (equation 5): IIC between each pixel of view 1 and the pixels of
// view 2 around the same place. View 2 is brought into the frame of view 1 (bilinear, zeros outside), moved by the shift
// (zeros enter), and both are multiplied by the mask; then
//
//	P_kl = sum over offsets, samples, pixels of x1[k, y+dy, x+dx] x2[l, y, x], zero outside the image.
//
// The total that the one joint is divided by is a constant for the gradient, as in the authors' code; with Uncollapsed each
// offset's total has a gradient. The paper averages over offsets inside the loss, which is Uncollapsed. Gradients go to both
// views. Where the mask leaves nothing the joint is zero and so is, up to 1e-12, the loss. It panics if HalfSide is negative
// and with a *torch.Error if shapes do not fit.
func IICSegmentation(pair SegmentationPair, cfg SegmentationConfig) IICTerms {
	if cfg.HalfSide < 0 {
		panic(fmt.Sprintf("objective: half side is %d pixels, want 0 or more", cfg.HalfSide))
	}
	x1, x2 := pair.aligned(cfg.AlignCorners)
	if cfg.Uncollapsed {
		pTTKK := offsetJoints(x1, x2, cfg.HalfSide)
		pTTKK = pTTKK.Div(atLeast(pTTKK.SumDims(true, -1, -2)))
		return informationLoss(symmetric(pTTKK), cfg.Lamb)
	}
	pKK := collapsedJoint(x1, x2, cfg.HalfSide)
	pKK = pKK.Div(atLeast(pKK.Sum().Detach()))
	return informationLoss(symmetric(pKK), cfg.Lamb)
}

// aligned brings view 2 into the frame of view 1 and masks both.
func (p SegmentationPair) aligned(alignCorners bool) (x1, x2 *torch.Tensor) {
	x1, x2 = p.X1BKHW, p.X2BKHW
	if p.Affine2To1B23 != nil {
		grid := torch.AffineGrid(p.Affine2To1B23, x1.Shape(), alignCorners)
		x2 = torch.GridSample(x2, grid, "bilinear", "zeros", alignCorners)
	}
	x2 = translate(x2, p.ShiftX, p.ShiftY)
	if p.MaskBHW != nil {
		mask := p.MaskBHW.Unsqueeze(1)
		x1, x2 = x1.Mul(mask), x2.Mul(mask)
	}
	return x1, x2
}

// translate lets pixel (y, x) take (y+dy, x+dx), zero outside.
func translate(x *torch.Tensor, dx, dy int) *torch.Tensor {
	if dx == 0 && dy == 0 {
		return x
	}
	h, w := x.Dim(2), x.Dim(3)
	dx, dy = min(max(dx, -w), w), min(max(dy, -h), h) // farther, nothing is left either
	return x.Pad([]int{-dx, dx, -dy, dy}, 0)
}

// collapsedJoint sums over offsets first: a box around each pixel of x1, then one product of [K, BHW] and [BHW, K].
func collapsedJoint(x1BKHW, x2BKHW *torch.Tensor, half int) *torch.Tensor {
	if half > 0 {
		side := 2*half + 1
		box := torch.AvgPool2d(x1BKHW, []int{side}, []int{1}, []int{half}, false, true)
		x1BKHW = box.MulScalar(float64(side * side))
	}
	return torch.Einsum("bkhw,blhw->kl", x1BKHW, x2BKHW)
}

// offsetJoints is the joint of each offset, [T, T, K, K] for T = 2 half + 1: a convolution over the batch as channels, whose
// kernels are the images of view 2.
func offsetJoints(x1BKHW, x2BKHW *torch.Tensor, half int) *torch.Tensor {
	x1KBHW, x2KBHW := x1BKHW.Transpose(0, 1), x2BKHW.Transpose(0, 1)
	pKKTT := torch.Conv2d(x1KBHW, x2KBHW, nil, []int{1}, []int{half}, []int{1}, 1)
	return pKKTT.Permute(2, 3, 0, 1)
}
