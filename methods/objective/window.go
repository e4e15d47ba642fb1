package objective

import (
	"vssl/models/nn"
	"vssl/torch"
)

// Windows of displacements around every position of a map, as colour and feature correspondence use them. Displacements are
// spaced and numbered with dy outer and dx inner, -r..r each, so that there are (2r+1)^2.

// windowDots is the product of tar at (y, x) with ref at (y+gap*dy, x+gap*dx), 0 where that lies outside: [B, (2r+1)^2, H, W] for
// [B, F, H, W] both. It multiplies whole rows and keeps the band that the window covers, so nothing as large as the product of
// displacements and features comes about.
func windowDots(tarBFHW, refBFHW *torch.Tensor, r, gap int) *torch.Tensor {
	b, f, h, w := tarBFHW.Dim(0), tarBFHW.Dim(1), tarBFHW.Dim(2), tarBFHW.Dim(3)
	side, edge := 2*r+1, r*gap
	tarRWF := tarBFHW.Permute(2, 0, 3, 1).Reshape(h*b, w, f)
	refHBFW := refBFHW.Pad([]int{edge, edge, edge, edge}, 0).Permute(2, 0, 1, 3).Contiguous() // rows first: cuts of them are views
	offset := torch.Arange(side, tarBFHW.Device()).MulScalar(float64(gap))
	column := torch.Arange(w, tarBFHW.Device()).Unsqueeze(1).Add(offset).Expand(h*b, w, side)
	bands := make([]*torch.Tensor, side)
	for i := range bands {
		bands[i] = nn.Scoped(func() *torch.Tensor {
			rowsRFW := refHBFW.Narrow(0, i*gap, h).Reshape(h*b, f, w+2*edge)
			return tarRWF.Bmm(rowsRFW).Gather(2, column)
		})
	}
	return torch.Stack(bands, 0).Reshape(side, h, b, w, side).Permute(2, 0, 4, 1, 3).Reshape(b, side*side, h, w)
}

// windowSum is the sum over displacements of weight d at (y, x) times value at (y+dy, x+dx): [B, C, H, W] for weights
// [B, (2r+1)^2, H, W] and values [B, C, H+2r, W+2r], already padded.
func windowSum(weightBDHW, paddedBCHW *torch.Tensor, r int) *torch.Tensor {
	side, h := 2*r+1, weightBDHW.Dim(2)
	var sum *torch.Tensor
	for i := range side {
		sum = nn.Scoped(func() *torch.Tensor {
			weightB1HWS := weightBDHW.Narrow(1, i*side, side).Permute(0, 2, 3, 1).Unsqueeze(1)
			valueBCHWS := paddedBCHW.Narrow(2, i, h).Unfold(3, side, 1)
			term := valueBCHWS.Mul(weightB1HWS).SumDims(false, 4)
			if sum == nil {
				return term
			}
			return sum.Add(term)
		})
	}
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
