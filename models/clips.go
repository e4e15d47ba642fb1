package models

import "vssl/torch"

// Features runs clips [B, 3, T, H, W] through any backbone to [B, F]. One for pictures sees each frame alone, and the
// features of a clip are the mean over its frames; a picture is a clip of one frame.
func Features(b Backbone, clips *torch.Tensor) *torch.Tensor {
	if b.Input().Dims == 3 {
		return b.Forward(clips)
	}
	batch, frames := clips.Dim(0), clips.Dim(2)
	if frames == 1 {
		return b.Forward(clips.Select(2, 0))
	}
	pictures := clips.Transpose(1, 2).Flatten(0, 1)
	return b.Forward(pictures).Reshape(batch, frames, b.Features()).MeanDims(false, 1)
}
