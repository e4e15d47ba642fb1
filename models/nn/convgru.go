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

// ConvGRU is a cell of convolutional gated recurrent units. Parameters: reset_gate, update_gate and out_gate, each with
// weight [H, C+H, k, k] (orthogonal at first) and bias [H] (0).
type ConvGRU struct{ weights, biases [3]*Entry }

// NewConvGRU registers a cell in n: in channels of input, hidden of state, a kernel of odd height and width.
func NewConvGRU(n *Node, in, hidden, kernel int) *ConvGRU {
	l := &ConvGRU{}
	for i, name := range []string{"reset_gate", "update_gate", "out_gate"} {
		gate := n.Child(name)
		l.weights[i] = gate.Param("weight", orthogonal([]int{hidden, in + hidden, kernel, kernel}))
		l.biases[i] = gate.Param("bias", torch.Zeros([]int{hidden}, torch.Float32, torch.CPU))
	}
	return l
}

// Weights are the parameters as ConvGRUCell takes them.
func (l *ConvGRU) Weights() ConvGRUWeights {
	w, b := l.weights, l.biases
	return ConvGRUWeights{ResetW: w[0].Tensor, UpdateW: w[1].Tensor, OutW: w[2].Tensor,
		ResetB: b[0].Tensor, UpdateB: b[1].Tensor, OutB: b[2].Tensor}
}
