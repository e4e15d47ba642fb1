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
	lo, n  int       // the inputs that are read are lo..lo+n-1; start counts from lo
	tap    []float64 // scratch
}

// set makes the table of out outputs, as weights in fixed point. reverse mirrors the outputs.
func (a *axis) set(t triangles, out int, reverse bool) {
	a.taps, a.lo, a.n = t.taps, t.lo, t.n
	a.start = grow(&a.start, out)
	a.weight = grow(&a.weight, out*a.taps)
	tap := grow(&a.tap, t.taps)
	for i := range out {
		first, sum := t.weigh(i, tap)
		at := i
		if reverse {
			at = out - 1 - i
		}
		a.start[at] = int32(first)
		fixed(a.weight[at*a.taps:], tap, sum)
	}
}

// triangles are the weights of a resize along one axis: separable linear interpolation as torchvision's.
type triangles struct {
	from, scale float64 // output 0 begins at the input sample from, which need not be whole; an output covers scale of them
	support     float64 // half the width of a triangle in input samples: at least 1, and scale where the result is antialiased
	lo, n       int     // inputs lo..lo+n-1 may be read
	taps        int     // inputs that an output may need
}

func newTriangles(from, scale float64, lo, hi int, aliased bool) triangles {
	t := triangles{from: from, scale: scale, support: max(scale, 1), lo: lo, n: hi - lo}
	if aliased {
		t.support = 1
	}
	t.taps = min(int(math.Ceil(2*t.support))+1, t.n)
	return t
}

// weigh puts the weights of output i into tap; they add up to sum and belong to the inputs from first on, counted from lo.
func (t triangles) weigh(i int, tap []float64) (first int, sum float64) {
	centre := t.from + t.scale*(float64(i)+0.5) - float64(t.lo)
	first = max(0, int(math.Floor(centre-t.support+0.5)))
	first = max(0, min(first, t.n-t.taps))
	for k := range tap {
		tap[k] = max(0, 1-math.Abs(float64(first+k)+0.5-centre)/t.support)
		sum += tap[k]
	}
	return first, sum
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

// gaussian returns the 2*radius+1 weights of a blur, which add up to sum.
func gaussian(radius int, sigma float64) (tap []float64, sum float64) {
	tap = make([]float64, 2*radius+1)
	for k := range tap {
		x := float64(k-radius) / sigma
		tap[k] = math.Exp(-0.5 * x * x)
		sum += tap[k]
	}
	return tap, sum
}
