package objective

import (
	"fmt"
	"math"

	"vssl/torch"
)

// VIVINCE is the loss between shots of VIVI (1912.02783): a clip's prediction of each of its last shots against that shot in the
// other clips of the batch.
//
//	framesNKLD  [N, K, L, D] embeddings of the L frames of K shots; a shot is the mean of its frames
//	predNMD     [N, M, D] predictions of the last M shots
//
// With s_nj the product of prediction n and shot of clip j, it returns the sum over the M shots, not the mean, of the mean over
// clips of -(s_nn - log(1/N sum_j exp s_nj)), in nats: the 1/N makes a batch of one cost nothing. Gradients go to both inputs. It
// panics unless 1 <= M <= K.
func VIVINCE(framesNKLD, predNMD *torch.Tensor) *torch.Tensor {
	n, shots, steps := framesNKLD.Dim(0), framesNKLD.Dim(1), predNMD.Dim(1)
	if steps < 1 || steps > shots {
		panic(fmt.Sprintf("objective: predictions of %d shots of %d, want 1 to %d", steps, shots, shots))
	}
	shotMND := framesNKLD.MeanDims(false, 2).Narrow(1, shots-steps, steps).Transpose(0, 1)
	sMNN := predNMD.Transpose(0, 1).MatMul(shotMND.Transpose(1, 2))
	own := torch.Arange(n, framesNKLD.Device()).Repeat(steps)
	// the mean over the M*N rows times M is the sum over M of means over N
	return torch.CrossEntropy(sMNN.Reshape(steps*n, n), own).SubScalar(math.Log(float64(n))).MulScalar(float64(steps))
}

// OrderHead is a classifier with one hidden layer: W1 ReLU(W0 x + B0) + B1.
type OrderHead struct {
	W0, B0 *torch.Tensor // [H, K*D] and [H]
	W1, B1 *torch.Tensor // [Q, H] and [Q]
}

// ShotOrder is a task in the spirit of VIVI (1912.02783): which of Q orders were the shots of a clip put into.
//
//	framesNKLD  [N, K, L, D] embeddings of the L frames of K shots; a shot is the mean of its frames
//	classN      [N] int64, the order of each clip, 0..Q-1
//	tableQK     [Q, K] int64, the shot at each place of each order
//
// It returns the cross-entropy, mean over N in nats, and the logits [N, Q]. Gradients go to the frames and the head.
func ShotOrder(framesNKLD, classN, tableQK *torch.Tensor, head OrderHead) (loss, logitsNQ *torch.Tensor) {
	n, shots, d := framesNKLD.Dim(0), framesNKLD.Dim(1), framesNKLD.Dim(3)
	orderNKD := tableQK.IndexSelect(0, classN).Unsqueeze(2).Expand(n, shots, d)
	xNF := framesNKLD.MeanDims(false, 2).Gather(1, orderNKD).Reshape(n, shots*d)
	logitsNQ = torch.Linear(torch.Linear(xNF, head.W0, head.B0).Relu(), head.W1, head.B1)
	return torch.CrossEntropy(logitsNQ, classN), logitsNQ
}
