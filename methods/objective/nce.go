package objective

import (
	"fmt"
	"math"

	"vssl/torch"
)

// Noise-contrastive estimation against a memory bank, after 1805.01978: a sample has to know its own bank row among K
// rows drawn as noise. Column 0 of every [B, 1+K] is the sample's own.
//
// N rows of the bank, B samples, K noise rows a sample, D features, s scores x.row/T.

// BankScores returns the scores of each sample against candidate rows of a bank, before a temperature.
//
//	xBD     [B, D] float
//	bankND  [N, D] float
//	idxBK   [B, K] int64, rows of the bank; may repeat
//
// It returns [B, K], entry b, k the scalar product of x_b and row idx_bk. Gradients go to x, and to the bank where that
// requires one. It holds B*K*D numbers meanwhile. It panics with a *torch.Error for a row that is not there.
func BankScores(xBD, bankND, idxBK *torch.Tensor) *torch.Tensor {
	b, k := idxBK.Dim(0), idxBK.Dim(1)
	rowsBKD := bankND.IndexSelect(0, idxBK.Reshape(-1)).Reshape(b, k, -1)
	return rowsBKD.Bmm(xBD.Unsqueeze(2)).Squeeze(2)
}

// LogProbabilities turns scores into logarithms of P = exp(s)/Z, with one constant Z for the whole set.
//
//	sBK  [B, 1+K] float, scores over temperature
//	z    the constant, > 0; or < 0 for the estimate mean(exp(s)) * n, over all of sBK
//	n    N, rows of the bank
//
// It returns log P, [B, 1+K], and the Z that it used, a scalar. Gradients go to the scores alone: Z is a constant, in the step
// that estimates it too. Working in logarithms keeps small temperatures finite. It panics if z is 0 or NaN.
func LogProbabilities(sBK *torch.Tensor, z float64, n int) (logPBK, used *torch.Tensor) {
	logZ := logConstant(sBK, z, n)
	return sBK.Sub(logZ), logZ.Exp()
}

// logConstant is the logarithm of the Z that LogProbabilities uses, a scalar without gradient.
func logConstant(sBK *torch.Tensor, z float64, n int) *torch.Tensor {
	switch {
	case z > 0:
		return torch.Full(nil, math.Log(z), sBK.DType(), sBK.Device())
	case z < 0:
		sum := sBK.Detach().Reshape(-1).LogSumExp(false, 0)
		return sum.AddScalar(math.Log(float64(n)) - math.Log(float64(sBK.Numel())))
	default:
		panic(fmt.Sprintf("objective: Z is %g, want more than 0, or less to estimate it", z))
	}
}

// NCE is the loss of noise-contrastive estimation with uniform noise, equation 7 of 1805.01978.
//
//	logPBK  [B, 1+K] float, logarithms of P as LogProbabilities gives them
//	n       N, rows of the bank, > 0: the noise has density 1/N
//
// With c = K/N it returns a scalar in nats: minus the sum of log P/(P+c) at column 0 and log c/(P+c) at each of the K
// others, mean over B; the sum over the noise is not divided by K. c carries the authors' 1e-7 where it is added. Gradients
// go to logPBK. It panics if n is not positive.
func NCE(logPBK *torch.Tensor, n int) *torch.Tensor {
	if n <= 0 {
		panic(fmt.Sprintf("objective: the bank has %d rows, want some", n))
	}
	const eps = 1e-7
	b, k := logPBK.Dim(0), logPBK.Dim(1)-1
	c := float64(k) / float64(n)
	// log(P + c + eps), the denominator of all terms, without ever forming a P that overflows
	logSumBK := logPBK.SubScalar(math.Log(c + eps)).Softplus().AddScalar(math.Log(c + eps))
	total := logPBK.Narrow(1, 0, 1).Sum().Sub(logSumBK.Sum())
	if k > 0 {
		total = total.AddScalar(float64(b*k) * math.Log(c))
	}
	return total.DivScalar(-float64(b))
}

// CandidateEntropy is the cross-entropy of the softmax over candidates: mean over B of logsumexp(s) - s at column 0, in nats.
//
//	sBK  [B, 1+K] float, scores over temperature, the positive in column 0
//
// Gradients go to the scores.
func CandidateEntropy(sBK *torch.Tensor) *torch.Tensor {
	return torch.CrossEntropy(sBK, torch.Zeros([]int{sBK.Dim(0)}, torch.Int64, sBK.Device()))
}

// CandidateAccuracy is the share of rows of s, as CandidateEntropy takes it, whose largest score is that of the positive, 0..1.
func CandidateAccuracy(sBK *torch.Tensor) *torch.Tensor {
	return hits(sBK, torch.Zeros([]int{sBK.Dim(0)}, torch.Int64, sBK.Device()))
}

// NCEConfig holds the numbers of Instance. The authors' are 0.07, -1 and 0.5.
type NCEConfig struct {
	Temperature float64 // no unit, > 0
	Z           float64 // > 0: the constant; < 0: to be estimated in this step
	Momentum    float64 // 0..1, weight of the old row in the new one
}

// InstanceTerms is what Instance answers for a batch.
type InstanceTerms struct {
	Loss          *torch.Tensor // scalar in nats
	Probabilities *torch.Tensor // [B, 1+K], without gradient
	Z             *torch.Tensor // scalar, without gradient: to be handed in from the next step on
	Bank          *torch.Tensor // [N, D], with the rows of the batch renewed
}

// Instance is the instance discrimination of 1805.01978 with a bank.
//
//	xBD       [B, D] float, rows of norm 1
//	indicesB  [B] int64, bank row of each sample, each once
//	noiseBK   [B, K] int64, drawn rows; may repeat and may hit the positive
//	bankND    [N, D] float, rows of norm 1
//
// Loss is NCE of P = exp(x.row/T)/Z over each sample's own row and its noise, mean over B, sum over the noise; its
// gradient goes to x. The authors' constructor takes a Z that it never stores; here a Z above 0 is used. It panics if the
// temperature is not positive or Z is 0.
func Instance(xBD, indicesB, noiseBK, bankND *torch.Tensor, c NCEConfig) InstanceTerms {
	checkTemperature(c.Temperature)
	idxBK := torch.Cat([]*torch.Tensor{indicesB.Unsqueeze(1), noiseBK}, 1)
	sBK := BankScores(xBD, bankND, idxBK).DivScalar(c.Temperature)
	n := bankND.Dim(0)
	logPBK, z := LogProbabilities(sBK, c.Z, n)
	return InstanceTerms{
		Loss:          NCE(logPBK, n),
		Probabilities: logPBK.Detach().Exp(),
		Z:             z,
		Bank:          UpdateRows(bankND, indicesB, xBD, c.Momentum),
	}
}
