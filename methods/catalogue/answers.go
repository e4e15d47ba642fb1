package catalogue

import "vssl/torch"

// Number types that answers come in when they are not tensors.
type number interface {
	~int | ~int32 | ~int64 | ~float32 | ~float64
}

// numbers makes an output of plain Go numbers.
func numbers[N number](values []N) *torch.Tensor {
	floats := make([]float64, len(values))
	for i, v := range values {
		floats[i] = float64(v)
	}
	return torch.FromFloat64(floats, len(floats))
}

// one makes an output of a single number.
func one[N number](v N) *torch.Tensor { return numbers([]N{v}) }
