package objective

import (
	"fmt"

	"vssl/torch"
)

// LandmarkConfig has the constants of Landmarks.
type LandmarkConfig struct {
	Height, Width int     // that all stages are resized to; the authors' 48 each
	SoftArgMax    float64 // scale of correlations before the softmax over pixels; the authors' 50
	Alpha         float64 // scale of coordinates before the loss; the authors' 10
}

// LandmarkHead regresses A points from I intermediate points each.
type LandmarkHead struct {
	Inner *torch.Tensor // [A*I, C], over the channels of all stages
	Reg   *torch.Tensor // [2A, 2I], rows 2a and 2a+1 for x and y of point a
}

// LandmarkTerms is what Landmarks computes for a batch.
type LandmarkTerms struct {
	Loss         *torch.Tensor // scalar
	Points       *torch.Tensor // [B, A, 2] as (x, y), -1..1 within the image
	Intermediate *torch.Tensor // [B, A, I, 2] as (x, y), -1..1
}

// Landmarks is the regression of landmarks from frozen features, 2006.14787: a hypercolumn of several stages, heat maps whose
// expected places are intermediate points, and a linear map of those a landmark.
//
//	stages          [B, Ci, si, si] each, deepest first; resized bilinearly with half-pixel centres and detached
//	keypointsBA2    [B, A, 2] as (x, y), -1..1 from the centre of the first pixel to that of the last
//
// Loss is the mean over elements of the smooth L1 distance (beta 1), both sides times Alpha. Gradients go to the head and the
// keypoints. It panics unless the sizes in cfg are positive.
func Landmarks(stages []*torch.Tensor, head LandmarkHead, keypointsBA2 *torch.Tensor, cfg LandmarkConfig) LandmarkTerms {
	if cfg.Height < 1 || cfg.Width < 1 {
		panic(fmt.Sprintf("objective: landmarks at %d by %d, want at least 1 by 1", cfg.Height, cfg.Width))
	}
	columns := make([]*torch.Tensor, len(stages))
	for i, stage := range stages {
		columns[i] = resized(stage.Detach(), cfg.Height, cfg.Width)
	}
	columnBCP := torch.Cat(columns, 1).Flatten(2, 3)
	b, points := columnBCP.Dim(0), keypointsBA2.Dim(1)
	heatBMP := head.Inner.MatMul(columnBCP).MulScalar(cfg.SoftArgMax).Softmax(2)
	x := linspace(cfg.Width, columnBCP).Repeat(cfg.Height)
	y := linspace(cfg.Height, columnBCP).RepeatInterleave(cfg.Width, 0)
	placeBAI2 := heatBMP.MatMul(torch.Stack([]*torch.Tensor{x, y}, 1)).Reshape(b, points, -1, 2)
	regA2F := head.Reg.Reshape(points, 2, -1)
	predBA2 := torch.Einsum("akf,baf->bak", regA2F, placeBAI2.Flatten(2, 3))
	loss := torch.SmoothL1(predBA2.MulScalar(cfg.Alpha), keypointsBA2.MulScalar(cfg.Alpha), 1, torch.ReduceMean)
	return LandmarkTerms{Loss: loss, Points: predBA2, Intermediate: placeBAI2}
}
