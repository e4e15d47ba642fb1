package models

import (
	"fmt"

	"vssl/models/nn"
	"vssl/torch"
)

// WaveNet is the encoder of CPC (1807.03748) for sound: convolutions that turn 160 samples into a step, and a recurrent
// network over the steps.
type WaveNet struct {
	encoder nn.Sequential
	gru     *nn.GRU
}

// NewWaveNet registers the encoder in n: 512 channels a step, 256 of context.
func NewWaveNet(n *nn.Node) *WaveNet {
	const width, context = 512, 256
	return inScope(func() *WaveNet {
		w := &WaveNet{}
		e := n.Child("encoder")
		in := 1
		for i, c := range []struct{ kernel, stride, padding int }{{10, 5, 3}, {8, 4, 2}, {4, 2, 1}, {4, 2, 1}, {4, 2, 1}} {
			conv := nn.ConvConfig{In: in, Out: width, Kernel: []int{c.kernel}, Stride: []int{c.stride}, Padding: []int{c.padding}}
			w.encoder = append(w.encoder, convNorm(e.Child(fmt.Sprint(3*i)), e.Child(fmt.Sprint(3*i+1)), conv), nn.ReLUInPlace)
			in = width
		}
		w.gru = nn.NewGRU(n.Child("gru"), width, context)
		return w
	})
}

// Forward maps waves [B, 1, T] to the steps z [B, 512, T/160] and to the context c [B, T/160, 256] of each step, which
// knows it and those before it.
func (w *WaveNet) Forward(x *torch.Tensor) (z, c *torch.Tensor) {
	z = w.encoder.Forward(x)
	return z, w.gru.Forward(z.Transpose(1, 2))
}
