package objective

import (
	"fmt"

	"vssl/models/nn"
	"vssl/torch"
)

// BlockPredictor has the weights of DPC's and MemDPC's two 1x1 convolutions with ReLU between.
type BlockPredictor struct {
	W0, B0 *torch.Tensor // [D, D, 1, 1] and [D]
	W1, B1 *torch.Tensor // [D, D, 1, 1] and [D]; for MemDPC [M, D, 1, 1] and [M]
}

// DPCTerms is what DPC computes for a batch. Rows of scores are predictions (clip, step, position), columns are targets.
type DPCTerms struct {
	Loss   *torch.Tensor // scalar in nats
	Scores *torch.Tensor // [B, P, S2, B, P, S2]
	Target *torch.Tensor // [B*P*S2] int64, the column of each row's own target
	Mask   *torch.Tensor // as Scores, int64, see DPCMask
	Top1   *torch.Tensor // scalar 0..1: share of rows whose first largest score is that of their target
}

// DPC is the loss of dense predictive coding, equation 4 of 1909.04656, with the small networks that lie between the backbone
// and the scores.
//
//	featureBNDSS  [B, N, D, S, S] features of N blocks before ReLU, averaged over each block's frames
//	gru           cell over ReLU(feature) of the first N-P blocks, from zero
//	steps         P blocks to predict, 1..N-1; the authors' 3
//
// P times p_i = W1 ReLU(W0 h) is a prediction and ReLU(p_i) the next input of the cell. The loss is the cross-entropy, mean over
// the B*P*S2 rows, of dot products with the raw features of the last P blocks. Gradients of Loss go to the features, predictions
// and targets alike, and to all weights. It panics unless 1 <= P < N.
func DPC(featureBNDSS *torch.Tensor, gru nn.ConvGRUWeights, predictor BlockPredictor, steps int) DPCTerms {
	predBPSD, _ := predictBlocks(featureBNDSS, gru, steps, predictor.apply)
	scores := blockScores(predBPSD, featureBNDSS)
	b, s2 := predBPSD.Dim(0), predBPSD.Dim(2)
	rows := b * steps * s2
	own := torch.Arange(rows, featureBNDSS.Device())
	rowsRR := scores.Reshape(rows, rows)
	return DPCTerms{
		Loss: torch.CrossEntropy(rowsRR, own), Scores: scores, Target: own, Mask: DPCMask(b, steps, s2, featureBNDSS.Device()),
		Top1: rowsRR.Detach().ArgMax(1).Eq(own).To(featureBNDSS.DType()).Mean(),
	}
}

// DPCMask says what each score of DPC compares, [B, P, S2, B, P, S2] int64 for b clips, p steps and s2 positions: 1 the
// positive, -1 a temporal negative (same clip and position, other time), -3 a spatial one (same clip, other position), 0 an easy
// one (other clip).
func DPCMask(b, p, s2 int, d torch.Device) *torch.Tensor {
	sameClip := torch.Eye(b, torch.Int64, d).Reshape(b, 1, 1, b, 1, 1)
	sameTime := torch.Eye(p, torch.Int64, d).Reshape(1, p, 1, 1, p, 1)
	samePlace := torch.Eye(s2, torch.Int64, d).Reshape(1, 1, s2, 1, 1, s2)
	within := samePlace.Mul(sameTime.MulScalar(2).AddScalar(2)).SubScalar(3)
	return sameClip.Mul(within)
}

func (p BlockPredictor) apply(hBDSS *torch.Tensor) *torch.Tensor {
	return pointwise(pointwise(hBDSS, p.W0, p.B0).Relu(), p.W1, p.B1)
}

// pointwise is a 1x1 convolution.
func pointwise(x, w, b *torch.Tensor) *torch.Tensor {
	return torch.Conv2d(x, w, b, []int{1}, []int{0}, []int{1}, 1)
}

// predictBlocks runs the cell over the first N-P blocks and on over P predictions of its own. It returns them [B, P, S2, D] and
// the state after the blocks that were seen [B, D, S, S].
func predictBlocks(featureBNDSS *torch.Tensor, gru nn.ConvGRUWeights, steps int, predict func(h *torch.Tensor) *torch.Tensor) (
	predBPSD, context *torch.Tensor) {
	blocks := featureBNDSS.Dim(1)
	if steps < 1 || steps >= blocks {
		panic(fmt.Sprintf("objective: %d blocks to predict of %d, want 1 to %d", steps, blocks, blocks-1))
	}
	for t := range blocks - steps {
		context = nn.ConvGRUCell(gru, featureBNDSS.Select(1, t).Relu(), context)
	}
	var predictions []*torch.Tensor
	for h := context; ; h = nn.ConvGRUCell(gru, predictions[len(predictions)-1].Relu(), h) {
		predictions = append(predictions, predict(h))
		if len(predictions) == steps {
			break
		}
	}
	return places(torch.Stack(predictions, 1)), context
}

// places puts the features of [B, P, D, S, S] last: [B, P, S2, D].
func places(x *torch.Tensor) *torch.Tensor { return x.Flatten(3, 4).Transpose(2, 3) }

// blockScores multiplies every prediction with every raw feature of the last P blocks: [B, P, S2, B, P, S2].
func blockScores(predBPSD, featureBNDSS *torch.Tensor) *torch.Tensor {
	b, p, s, d := predBPSD.Dim(0), predBPSD.Dim(1), predBPSD.Dim(2), predBPSD.Dim(3)
	targetRD := places(featureBNDSS.Narrow(1, featureBNDSS.Dim(1)-p, p)).Reshape(-1, d)
	return predBPSD.Reshape(-1, d).MatMul(targetRD.T()).Reshape(b, p, s, b, p, s)
}
