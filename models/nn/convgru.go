package nn

import "vssl/torch"

// ConvGRUWeights are the weights of one cell of convolutional gated recurrent units: three convolutions over the input's C
// channels followed by the state's H.
type ConvGRUWeights struct {
	ResetW, UpdateW, OutW *torch.Tensor // [H, C+H, k, k], k odd; k is 1 in DPC
	ResetB, UpdateB, OutB *torch.Tensor // [H]
}

// ConvGRUCell is one step of the cell, as in DPC (1909.04656): with s = [x; h],
//
//	u = sigmoid(Wu s + bu)    r = sigmoid(Wr s + br)    o = tanh(Wo [x; r*h] + bo)    next h = (1-u)*h + u*o
//
// for x [B, C, S, S'] and the state h [B, H, S, S'], nil for zeros. Sizes are kept; gradients flow to everything. It panics
// with a *torch.Error where shapes do not fit.
func ConvGRUCell(w ConvGRUWeights, xBCSS, hBHSS *torch.Tensor) *torch.Tensor {
	if hBHSS == nil {
		hBHSS = torch.Zeros([]int{xBCSS.Dim(0), w.OutB.Dim(0), xBCSS.Dim(2), xBCSS.Dim(3)}, xBCSS.DType(), xBCSS.Device())
	}
	convolve := func(w, b, h *torch.Tensor) *torch.Tensor {
		padding := []int{w.Dim(2) / 2, w.Dim(3) / 2}
		return torch.Conv2d(torch.Cat([]*torch.Tensor{xBCSS, h}, 1), w, b, []int{1}, padding, []int{1}, 1)
	}
	update := convolve(w.UpdateW, w.UpdateB, hBHSS).Sigmoid()
	reset := convolve(w.ResetW, w.ResetB, hBHSS).Sigmoid()
	out := convolve(w.OutW, w.OutB, reset.Mul(hBHSS)).Tanh()
	return hBHSS.Add(update.Mul(out.Sub(hBHSS)))
}
