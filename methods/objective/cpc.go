package objective

import (
	"fmt"

	"vssl/torch"
)

// CPCPredictors map a context to the encodings of the next K steps, one affine map a step.
type CPCPredictors struct {
	W *torch.Tensor // [K, D, H]
	B *torch.Tensor // [K, D]; nil for none, as in the paper
}

// CPCConfig says where CPC predicts from, and what its softmax runs over.
type CPCConfig struct {
	Time        int  // of the context, 0..L-K-1
	OverTargets bool // the paper's form: a context chooses among the batch's targets; else a target among its contexts
}

// CPCTerms is what CPC computes for a batch.
type CPCTerms struct {
	Loss   *torch.Tensor // scalar in nats
	Scores *torch.Tensor // [K, B, B], by target and context
}

// CPC is the loss of contrastive predictive coding, equation 4 of 1807.03748, from one time in every sequence:
// S_k[i, j] = z[i, t+k] . (W_k c[j, t] + b_k), k = 1..K.
//
//	zBLD  [B, L, D] encodings
//	cBLH  [B, L, H] contexts
//
// Loss is the mean over the K steps and B rows of the cross-entropy of S_k with its diagonal. As the code that it is held to,
// the softmax of a target runs over the contexts and the predictors have a bias; the paper has it the other way round and
// none. Gradients go to z, c and the predictors. It panics with a *torch.Error unless t+K < L.
func CPC(zBLD, cBLH *torch.Tensor, p CPCPredictors, cfg CPCConfig) CPCTerms {
	steps, b := p.W.Dim(0), zBLD.Dim(0)
	targetKBD := zBLD.Narrow(1, cfg.Time+1, steps).Transpose(0, 1)
	predictionKBD := torch.Einsum("kdh,bh->kbd", p.W, cBLH.Select(1, cfg.Time))
	if p.B != nil {
		predictionKBD = predictionKBD.Add(p.B.Unsqueeze(1))
	}
	sKBB := targetKBD.MatMul(predictionKBD.Transpose(1, 2))
	rowsKBB := sKBB
	if cfg.OverTargets {
		rowsKBB = sKBB.Transpose(1, 2)
	}
	own := torch.Arange(b, zBLD.Device()).Repeat(steps)
	return CPCTerms{Loss: torch.CrossEntropy(rowsKBB.Reshape(steps*b, b), own), Scores: sKBB}
}

// CPCSequenceConfig says how CPCSequence takes its negatives.
type CPCSequenceConfig struct {
	Steps          int  // K predictions, 1..L-1; the authors' 12
	WithinSequence bool // negatives come from the own sequence; else, as by default, from the whole batch
}

// CPCSequenceTerms is what CPCSequence computes for a batch.
type CPCSequenceTerms struct {
	Loss     *torch.Tensor // scalar in nats
	Accuracy *torch.Tensor // scalar 0..1: share of rows whose positive scores no less than any negative, mean over steps
}

// CPCSequence is InfoNCE from every time of every sequence with sampled negatives, the loss that Greedy InfoMax (1905.11786)
// applies to sound: the prediction W_k c[b, l] against z[b, l+k] and N other encodings.
//
//	zBLD  [B, L, D] encodings
//	cBLH  [B, L, H] contexts
//	w     [K*D, H], rows (k-1)D..kD-1 are W_k
//	perm  int64: [N, B*L] places in the flattened encodings, or [N, L] times when cfg.WithinSequence
//
// Column q of perm belongs to flat row q. From the batch, row r of the B(L-k) rows of step k uses the column so far from the
// end; within a sequence, it uses the column of its target's time. Loss is the mean over steps of the mean over rows;
// gradients go to z, c and w. It panics unless 1 <= K < L.
func CPCSequence(zBLD, cBLH, w, perm *torch.Tensor, cfg CPCSequenceConfig) CPCSequenceTerms {
	b, l, d := zBLD.Dim(0), zBLD.Dim(1), zBLD.Dim(2)
	if cfg.Steps < 1 || cfg.Steps >= l || w.Dim(0) != cfg.Steps*d {
		panic(fmt.Sprintf("objective: %d steps over %d times with %d rows of weights, want 1 to %d steps and %d rows each",
			cfg.Steps, l, w.Dim(0), l-1, d))
	}
	placesQN := flatPlaces(perm, b, l, cfg.WithinSequence)
	zQD := zBLD.Reshape(b*l, d)
	var losses, accuracies []*torch.Tensor
	for k := 1; k <= cfg.Steps; k++ {
		rows := b * (l - k)
		predictionRD := torch.Linear(cBLH.Narrow(1, 0, l-k).Reshape(rows, -1), w.Narrow(0, (k-1)*d, d), nil)
		placesRN := placesQN.Narrow(0, b*l-rows, rows)
		if cfg.WithinSequence {
			placesRN = placesQN.Reshape(b, l, -1).Narrow(1, k, l-k).Reshape(rows, -1)
		}
		targetR1 := torch.Arange(b*l, zBLD.Device()).Reshape(b, l).Narrow(1, k, l-k).Reshape(rows, 1)
		logits := dotsAt(predictionRD, zQD, torch.Cat([]*torch.Tensor{targetR1, placesRN}, 1))
		losses = append(losses, torch.CrossEntropy(logits, torch.Zeros([]int{rows}, torch.Int64, zBLD.Device())))
		best := logits.Detach().AmaxDims(false, 1)
		accuracies = append(accuracies, logits.Detach().Select(1, 0).Ge(best).To(zBLD.DType()).Mean())
	}
	return CPCSequenceTerms{Loss: torch.Stack(losses, 0).Mean(), Accuracy: torch.Stack(accuracies, 0).Mean()}
}

// flatPlaces turns perm into a table [B*L, N] of places in the flattened encodings.
func flatPlaces(perm *torch.Tensor, b, l int, withinSequence bool) *torch.Tensor {
	if !withinSequence {
		return perm.T()
	}
	startB11 := torch.Arange(b, perm.Device()).MulScalar(float64(l)).Reshape(b, 1, 1)
	return startB11.Add(perm.T().Unsqueeze(0)).Reshape(b*l, -1)
}

// dotsAt multiplies every row of q [R, D] with the N rows of table [Q, D] that places [R, N] names: [R, N]. Equal rows give equal
// products, to the last bit, which a matrix product does not promise: a negative that is the target itself must tie with it.
func dotsAt(qRD, tableQD, placesRN *torch.Tensor) *torch.Tensor {
	r, n := placesRN.Dim(0), placesRN.Dim(1)
	chosenRND := tableQD.IndexSelect(0, placesRN.Reshape(r*n)).Reshape(r, n, -1)
	return chosenRND.Mul(qRD.Unsqueeze(1)).SumDims(false, 2)
}
