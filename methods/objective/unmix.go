package objective

import (
	"fmt"
	"math"

	"vssl/torch"
)

// UnMixGlobal blends every picture with one of the batch read backwards: lam*x_b + (1-lam)*x_{B-1-b} (2003.05438).
//
//	xBCHW  [B, C, H, W] float, or with more dimensions
//	lam    share of the picture itself, 0..1, drawn from a Beta distribution
//
// It panics for a share outside its range.
func UnMixGlobal(xBCHW *torch.Tensor, lam float64) *torch.Tensor {
	checkShare(lam)
	return xBCHW.Flip(0).Lerp(xBCHW, lam)
}

// UnMixRegion puts a box of the picture that the batch read backwards has into every picture, as CutMix does (1905.04899).
//
//	xBCHW   [B, C, H, W] float, not changed
//	lam     share of the picture itself that is aimed at, 0..1, drawn from a Beta distribution
//	cy, cx  row and column of the middle of the box, drawn evenly; the authors call them cx and cy
//
// The box has the sides trunc(H sqrt(1-lam)) and trunc(W sqrt(1-lam)), one less where odd, and is cut at the borders. It
// returns the pictures, without gradient, and the share that they have kept: the weight of the loss. It panics for a share
// outside its range.
func UnMixRegion(xBCHW *torch.Tensor, lam float64, cy, cx int) (mixedBCHW *torch.Tensor, kept float64) {
	checkShare(lam)
	h, w := xBCHW.Dim(2), xBCHW.Dim(3)
	side := math.Sqrt(1 - lam)
	top, bottom := boxSpan(cy, int(float64(h)*side), h)
	left, right := boxSpan(cx, int(float64(w)*side), w)
	torch.NoGrad(func() {
		box := func(t *torch.Tensor) *torch.Tensor {
			return t.Narrow(2, top, bottom-top).Narrow(3, left, right-left)
		}
		mixedBCHW = xBCHW.Detach().Clone()
		box(mixedBCHW).Copy_(box(xBCHW).Flip(0))
	})
	return mixedBCHW, 1 - float64((bottom-top)*(right-left))/float64(h*w)
}

// boxSpan is where a box of the given length about a middle begins and ends, within 0..size.
func boxSpan(middle, length, size int) (from, to int) {
	half := length / 2
	return min(max(middle-half, 0), size), min(max(middle+half, 0), size)
}

func checkShare(lam float64) {
	if !(lam >= 0 && lam <= 1) {
		panic(fmt.Sprintf("objective: share of the mixture is %g, want 0..1", lam))
	}
}
