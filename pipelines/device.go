package pipelines

import (
	"vssl/clips"
	"vssl/methods"
	"vssl/torch"
)

// toDevice moves a batch of uint8 frames to the device and normalises it there: a quarter of the bytes that floats would be.
// A view [B, T, H, W, 3] becomes [B, 3, T, H, W] float32, in channels-last order without moving a byte.
func toDevice(b *clips.Batch, device torch.Device) methods.Batch {
	out := methods.Batch{
		Labels: torch.FromInts(b.Labels, len(b.Labels)).ToDevice(device),
		Index:  torch.FromInts(b.Index, len(b.Index)).ToDevice(device),
	}
	for _, v := range b.Views {
		out.Views = append(out.Views, normalised(v, b.Size(), device))
	}
	return out
}

func normalised(v clips.ViewBatch, n int, device torch.Device) *torch.Tensor {
	mean, std := make([]float32, 3), make([]float32, 3)
	for c := range 3 {
		mean[c], std[c] = float32(255*v.Mean[c]), float32(255*v.Std[c])
	}
	x := torch.FromUint8(v.Pixels, n, v.T, v.H, v.W, 3).ToDevice(device).To(torch.Float32)
	x = x.Sub(torch.FromFloat32(mean, 3).ToDevice(device)).Div(torch.FromFloat32(std, 3).ToDevice(device))
	return x.Permute(0, 4, 1, 2, 3)
}
