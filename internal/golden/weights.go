package golden

import (
	"hash/crc32"
	"math"
	"strings"
)

// Weights are the values that every implementation gives to the parameter or buffer of that name and shape in a case
// about a network, row-major. They come from the name alone, so no case has to carry weights.
func Weights(name string, shape []int) []float32 {
	n, fanIn := 1, 1
	for i, d := range shape {
		n *= d
		if i > 0 {
			fanIn *= d
		}
	}
	offset, scale := 0.0, 0.1
	last := name[strings.LastIndexByte(name, '.')+1:]
	switch {
	case last == "num_batches_tracked":
		scale = 0
	case strings.HasPrefix(last, "bias"), last == "running_mean":
	case last == "running_var":
		offset, scale = 1, 0.5
	case len(shape) >= 2:
		scale = 2 * math.Sqrt(3/float64(fanIn))
	default: // the scale of a normalisation
		offset = 1
	}
	values := make([]float32, n)
	base := crc32.ChecksumIEEE([]byte(name))
	for i := range values {
		h := base + uint32(i)*2654435761
		values[i] = float32(offset + scale*(float64(h)/(1<<32)-0.5))
	}
	return values
}
