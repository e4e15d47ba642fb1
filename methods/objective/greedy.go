package objective

import "vssl/torch"

// GreedyModule is an encoder that Greedy InfoMax trains by itself: a convolution over time, ReLU and its predictors.
type GreedyModule struct {
	ConvW, ConvB    *torch.Tensor // [C, Cin, k] and [C]
	PredW           *torch.Tensor // [K*C, C]
	Perm            *torch.Tensor // [N, B*Lm] int64, places of negatives in the module's output
	Stride, Padding int
}

// GreedyContext is the last module: recurrent units over the encoders' output, and their predictors.
type GreedyContext struct {
	WIH, WHH, BIH, BHH *torch.Tensor // [3R, C], [3R, R], [3R] and [3R], gates in the order reset, update, new
	PredW              *torch.Tensor // [K*C, R]
	Perm               *torch.Tensor // [N, B*L] int64
}

// LocalTerms is what several modules with a loss each compute for a batch.
type LocalTerms struct {
	Loss   *torch.Tensor // scalar in nats: the sum
	Losses *torch.Tensor // [modules]
}

// GreedyInfoMax is the loss of 1905.11786 for sound: CPCSequence at the output of every module, whose input is detached, so that
// no gradient passes from one module to the one below.
//
//	xB1T   [B, 1, T] waveform, not detached
//	steps  K predictions of each module; the authors' 12
//
// An encoder's outputs serve as encodings and contexts; for the last module the encodings are the detached outputs of the last
// encoder, the contexts the states of its recurrent units, from zero. Each module's weights have the gradient of its own
// loss; x has that of the first. It panics as CPCSequence does.
func GreedyInfoMax(xB1T *torch.Tensor, modules []GreedyModule, last GreedyContext, steps int) LocalTerms {
	cfg := CPCSequenceConfig{Steps: steps}
	var losses []*torch.Tensor
	inBCL := xB1T
	for _, m := range modules {
		outBCL := torch.Conv1d(inBCL, m.ConvW, m.ConvB, []int{m.Stride}, []int{m.Padding}, []int{1}, 1).Relu()
		zBLC := outBCL.Transpose(1, 2)
		losses = append(losses, CPCSequence(zBLC, zBLC, m.PredW, m.Perm, cfg).Loss)
		inBCL = outBCL.Detach()
	}
	zBLC := inBCL.Transpose(1, 2).Contiguous()
	h1BR := torch.Zeros([]int{1, zBLC.Dim(0), last.WHH.Dim(1)}, zBLC.DType(), zBLC.Device())
	cBLR, _ := torch.GRU(zBLC, h1BR, []*torch.Tensor{last.WIH, last.WHH, last.BIH, last.BHH})
	losses = append(losses, CPCSequence(zBLC, cBLR, last.PredW, last.Perm, cfg).Loss)
	return sumOf(losses)
}

// sumOf gathers the losses of modules.
func sumOf(losses []*torch.Tensor) LocalTerms {
	all := torch.Stack(losses, 0)
	return LocalTerms{Loss: all.Sum(), Losses: all}
}
