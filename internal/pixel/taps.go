package pixel

import "math"

// Of the fixed-point numbers in pixel.h.
const (
	weightBits = 14
	sampleBits = 6
	matrixBits = 13
)

// axis is the table of one axis of a resize: output i is the sum of weight[i*taps+k] * input[start[i]+k].
type axis struct {
	start  []int32
	weight []int16
	taps   int
	lo, n  int // the inputs that are read are lo..lo+n-1; start counts from lo
}

// set makes the table of out outputs over the span from..from+scale*out of input samples, reading none outside lo..hi-1: separable,
// antialiased linear interpolation as torchvision's resize. from need not be whole, since a span of luma may begin between two
// samples of chroma. reverse mirrors the outputs.
func (a *axis) set(from, scale float64, lo, hi, out int, reverse bool) {
	n := hi - lo
	support := math.Max(scale, 1)
	most := min(int(math.Ceil(2*support))+1, n)
	a.taps = most
	a.lo, a.n = lo, n
	a.start = grow(&a.start, out)
	a.weight = grow(&a.weight, out*a.taps)
	clear(a.weight)
	tap := make([]float64, most)
	for i := range out {
		centre := from + scale*(float64(i)+0.5) - float64(lo)
		first := max(0, int(math.Floor(centre-support+0.5)))
		first = max(0, min(first, n-most))
		sum := 0.0
		for k := range tap {
			tap[k] = math.Max(0, 1-math.Abs(float64(first+k)+0.5-centre)/support)
			sum += tap[k]
		}
		at := i
		if reverse {
			at = out - 1 - i
		}
		a.start[at] = int32(first)
		fixed(a.weight[at*a.taps:], tap, sum)
	}
}

// fixed writes tap/sum as integers that add up to exactly 2^weightBits, so that an even area keeps its value.
func fixed(weight []int16, tap []float64, sum float64) {
	left, top := 1<<weightBits, 0
	for k, t := range tap {
		w := int(math.Round(t / sum * (1 << weightBits)))
		weight[k] = int16(w)
		left -= w
		if t > tap[top] {
			top = k
		}
	}
	weight[top] += int16(left)
}

// gaussian returns the weights of a blur, 2*radius+1 of them, that add up to exactly 2^weightBits.
func gaussian(radius int, sigma float64) []int16 {
	tap := make([]float64, 2*radius+1)
	sum := 0.0
	for k := range tap {
		x := float64(k-radius) / sigma
		tap[k] = math.Exp(-0.5 * x * x)
		sum += tap[k]
	}
	weight := make([]int16, len(tap))
	fixed(weight, tap, sum)
	return weight
}
