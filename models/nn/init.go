package nn

import (
	"math"

	"vssl/torch"
)

// kaimingFanOut draws a convolution's weight [out, in/groups, k...] from a normal distribution whose deviation keeps the
// variance of the gradient through a ReLU: sqrt(2 / (out times the kernel's volume)), 1502.01852 section 2.2.
func kaimingFanOut(shape []int) *torch.Tensor {
	fanOut := shape[0]
	for _, k := range shape[2:] {
		fanOut *= k
	}
	return torch.Randn(shape, torch.Float32, torch.CPU).MulScalar(math.Sqrt(2 / float64(fanOut)))
}

// uniform draws from [-bound, bound).
func uniform(shape []int, bound float64) *torch.Tensor {
	return torch.Rand(shape, torch.Float32, torch.CPU).SubScalar(0.5).MulScalar(2 * bound)
}

// orthogonal draws a weight [out, ...] whose rows, flattened, are orthonormal, or whose columns are where there are more rows
// than columns (1312.6120).
func orthogonal(shape []int) *torch.Tensor {
	w := torch.Randn(shape, torch.Float32, torch.CPU).Flatten(1, -1)
	wide := w.Dim(0) < w.Dim(1)
	if wide {
		w = w.T()
	}
	q, r := w.QR()
	q = q.Mul(r.Diagonal().Sign()) // without it the draw is not uniform
	if wide {
		q = q.T()
	}
	return q.Contiguous().Reshape(shape...)
}
