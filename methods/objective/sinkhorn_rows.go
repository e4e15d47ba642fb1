package objective

import (
	"fmt"

	"vssl/torch"
)

// LogRows is a matrix [N, K] of log-probabilities that is read in blocks of rows, so that it need not be in memory whole.
type LogRows interface {
	// Size returns the numbers of rows N and of clusters K.
	Size() (n, k int)
	// Block returns the rows from..from+n-1, [n, K] float32 or float64 on the CPU, in the innermost open scope. It is asked
	// for the same rows many times, from several goroutines at once, and always answers the same.
	Block(from, n int) *torch.Tensor
}

// MatrixRows are log-probabilities [N, K] in memory.
func MatrixRows(logNK *torch.Tensor) LogRows {
	if logNK.Rank() != 2 {
		panic(fmt.Sprintf("objective: log-probabilities %v, want [N, K]", logNK.Shape()))
	}
	return matrixRows{logNK}
}

type matrixRows struct{ logNK *torch.Tensor }

func (m matrixRows) Size() (n, k int)                { return m.logNK.Dim(0), m.logNK.Dim(1) }
func (m matrixRows) Block(from, n int) *torch.Tensor { return m.logNK.Narrow(0, from, n).Detach() }

// HeadRows are the log-probabilities that a linear head gives to features, computed anew whenever a block is read: D numbers a
// sample are held and not K.
type HeadRows struct {
	FeaturesND *torch.Tensor // [N, D] float
	WeightKD   *torch.Tensor // [K, D] float
	BiasK      *torch.Tensor // [K] float, or nil
	Single     bool          // softmax in float32; else, as the authors of 2006.13662, logits in float32 and softmax in float64
}

// Size returns N and K.
func (h HeadRows) Size() (n, k int) { return h.FeaturesND.Dim(0), h.WeightKD.Dim(0) }

// Block returns the logarithms of the softmax, [n, K].
func (h HeadRows) Block(from, n int) (logNK *torch.Tensor) {
	torch.NoGrad(func() {
		bias := h.BiasK
		if bias != nil {
			bias = bias.To(torch.Float32)
		}
		logitsNK := torch.Linear(h.FeaturesND.Narrow(0, from, n).To(torch.Float32), h.WeightKD.To(torch.Float32), bias)
		if !h.Single {
			logitsNK = logitsNK.To(torch.Float64)
		}
		logNK = logitsNK.LogSoftmax(1)
	})
	return logNK
}

// JointRows are the means of two log-probabilities of the same samples: those of the two modalities, whose product of
// probabilities to the power lamb/2 is the mean of the logarithms to the power lamb. It panics if the sizes differ.
func JointRows(video, audio LogRows) LogRows {
	n, k := video.Size()
	if m, l := audio.Size(); m != n || l != k {
		panic(fmt.Sprintf("objective: modalities of [%d, %d] and [%d, %d], want the same", n, k, m, l))
	}
	return jointRows{video, audio}
}

type jointRows struct{ video, audio LogRows }

func (j jointRows) Size() (n, k int) { return j.video.Size() }

func (j jointRows) Block(from, n int) *torch.Tensor {
	sumNK := j.video.Block(from, n).Add(j.audio.Block(from, n))
	sumNK.Mul_(0.5)
	return sumNK
}
