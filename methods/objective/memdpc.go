package objective

import (
	"vssl/models/nn"
	"vssl/torch"
)

// MemDPCConfig has the weights and the constant of MemDPC.
type MemDPCConfig struct {
	Forward, Backward nn.ConvGRUWeights
	Memory            *torch.Tensor  // [M, D] slots; the authors' M is 1024
	Predictor         BlockPredictor // to M channels
	Steps             int            // P blocks to predict, 1..N-1; the authors' 3
}

// MemDPCTerms is what MemDPC computes for a batch.
type MemDPCTerms struct {
	Loss    *torch.Tensor // scalar in nats: the sum of both directions
	Losses  *torch.Tensor // [2], forward and backward
	Context *torch.Tensor // [B, D, S, S], the forward state after the N-P blocks that were seen
}

// MemDPC is the loss of memory-augmented dense predictive coding (2008.01065): DPC whose predictions are convex combinations of
// the memory's slots, with weights that the predictor gives, in both directions of time.
//
//	featureBNDSS  [B, N, D, S, S] features of N blocks before ReLU, averaged over each block's frames
//
// The backward direction sees the blocks in reverse through a cell of its own; memory and predictor are shared. Each loss is the
// mean over the B*P*S2 predictions; gradients go to the features and all weights. It panics as DPC does.
func MemDPC(featureBNDSS *torch.Tensor, cfg MemDPCConfig) MemDPCTerms {
	read := func(h *torch.Tensor) *torch.Tensor {
		weightBMSS := cfg.Predictor.apply(h).Softmax(1)
		return torch.Einsum("bmyx,md->bdyx", weightBMSS, cfg.Memory)
	}
	direction := func(feature *torch.Tensor, gru nn.ConvGRUWeights) (loss, context *torch.Tensor) {
		predBPSD, context := predictBlocks(feature, gru, cfg.Steps, read)
		rows := predBPSD.Dim(0) * predBPSD.Dim(1) * predBPSD.Dim(2)
		scoresRR := blockScores(predBPSD, feature).Reshape(rows, rows)
		return torch.CrossEntropy(scoresRR, torch.Arange(rows, feature.Device())), context
	}
	forward, context := direction(featureBNDSS, cfg.Forward)
	backward, _ := direction(featureBNDSS.Flip(1), cfg.Backward)
	return MemDPCTerms{
		Loss: forward.Add(backward), Losses: torch.Stack([]*torch.Tensor{forward, backward}, 0), Context: context,
	}
}
