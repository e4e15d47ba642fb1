package nn

import "vssl/torch"

// Sobel turns normalised pictures into their gradients, the fixed first layer of DeepCluster (1807.05520): [B, 3, H,
// W] to [B, 2, H, W], and [B, 3, T, H, W] to [B, 2, T, H, W] frame by frame. The plain mean of the three channels,
// not a luma, is correlated with a filter that answers to horizontal change, positive where it is brighter on the
// left, and with one for vertical change, positive where it is brighter above; zeros stand outside. It is a layer and
// no augmentation, since it reads pictures that were normalised on the device. It has no parameters and passes
// gradients on.
var Sobel Layer = Func(func(x *torch.Tensor) *torch.Tensor {
	weight := torch.FromFloat64([]float64{
		1, 0, -1, 2, 0, -2, 1, 0, -1,
		1, 2, 1, 0, 0, 0, -1, -2, -1,
	}, 2, 1, 3, 3).To(x.DType()).ToDevice(x.Device())
	grey := x.MeanDims(true, 1)
	if x.Rank() == 5 {
		return torch.Conv3d(grey, weight.Unsqueeze(2), nil, []int{1, 1, 1}, []int{0, 1, 1}, []int{1, 1, 1}, 1)
	}
	return torch.Conv2d(grey, weight, nil, []int{1, 1}, []int{1, 1}, []int{1, 1}, 1)
})
