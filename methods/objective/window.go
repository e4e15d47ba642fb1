package objective

import (
	"vssl/models/nn"
	"vssl/torch"
)

// Windows of displacements around every position of a map, as colour and feature correspondence use them. Displacements are
// spaced and numbered with dy outer and dx inner, -r..r each, so that there are (2r+1)^2.

// windowDots is the product of tar at (y, x) with ref at (y+gap*dy, x+gap*dx), 0 where that lies outside: [B, (2r+1)^2, H, W] for
// [B, F, H, W] both. Only the sums are kept, so memory grows with the displacements but not with their product with F.
func windowDots(tarBFHW, refBFHW *torch.Tensor, r, gap int) *torch.Tensor {
	padded := refBFHW.Pad([]int{r * gap, r * gap, r * gap, r * gap}, 0)
	dots := make([]*torch.Tensor, 0, (2*r+1)*(2*r+1))
	eachShift(r, func(dy, dx int) {
		dots = append(dots, nn.Scoped(func() *torch.Tensor {
			return shifted(padded, tarBFHW, (r+dy)*gap, (r+dx)*gap).Mul(tarBFHW).SumDims(false, 1)
		}))
	})
	return torch.Stack(dots, 1)
}

// windowSum is the sum over displacements of weight d at (y, x) times value at (y+dy, x+dx): [B, C, H, W] for weights
// [B, (2r+1)^2, H, W] and values [B, C, H+2r, W+2r], already padded.
func windowSum(weightBDHW, paddedBCHW *torch.Tensor, r int) *torch.Tensor {
	var sum *torch.Tensor
	d := 0
	eachShift(r, func(dy, dx int) {
		sum = nn.Scoped(func() *torch.Tensor {
			term := weightBDHW.Narrow(1, d, 1).Mul(shifted(paddedBCHW, weightBDHW, r+dy, r+dx))
			if sum == nil {
				return term
			}
			return sum.Add(term)
		})
		d++
	})
	return sum
}

// eachShift calls f for the displacements in order.
func eachShift(r int, f func(dy, dx int)) {
	for dy := -r; dy <= r; dy++ {
		for dx := -r; dx <= r; dx++ {
			f(dy, dx)
		}
	}
}

// shifted is the view of padded from (top, left) on, as high and wide as like.
func shifted(padded, like *torch.Tensor, top, left int) *torch.Tensor {
	return padded.Narrow(2, top, like.Dim(2)).Narrow(3, left, like.Dim(3))
}

// linspace is n values from -1 to 1, both included, [n] of the type and device of like; -1 alone for n = 1.
func linspace(n int, like *torch.Tensor) *torch.Tensor {
	values := make([]float64, n)
	for i := range values {
		values[i] = -1
		if n > 1 {
			values[i] += 2 * float64(i) / float64(n-1)
		}
	}
	return torch.FromFloat64(values, n).To(like.DType()).ToDevice(like.Device())
}

// resized is x [B, C, ...] brought to h by w, bilinearly with half-pixel centres.
func resized(x *torch.Tensor, h, w int) *torch.Tensor {
	return torch.Interpolate(x, []int{h, w}, "linear", false)
}
