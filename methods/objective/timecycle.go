package objective

import (
	"fmt"

	"vssl/torch"
)

// TimeCycleHead turns affinities into a crop: two convolutions without bias or padding, LeakyReLU 0.1 after each, and a linear
// map to a shift and an angle.
type TimeCycleHead struct {
	Conv3W           *torch.Tensor // [c3, S*S, k, k]
	Conv4W           *torch.Tensor // [c4, c3, k, k]
	LinearW, LinearB *torch.Tensor // [3, features] and [3], to (tx, ty, angle in radians)
}

// TimeCycleInput is what TimeCycle looks at: features after ReLU, and the crop that is to be found again.
type TimeCycleInput struct {
	Base  *torch.Tensor // [B, T, C, S, S] the frames to track through
	Patch *torch.Tensor // [B, C, P, P] a crop of Image, P = S/3
	Image *torch.Tensor // [B, C, S, S] the frame that the patch comes from
	Theta *torch.Tensor // [B, 2, 3] the true crop
}

// TimeCycleConfig has the constants of TimeCycle.
type TimeCycleConfig struct {
	Temperature  float64 // no unit, > 0; the authors' 512^-0.5
	Weight       float64 // of the losses on crops; the authors' 0.1
	CycleFactor  float64 // of the cycles beside the skips; the authors' 0.2
	OffsetFactor float64 // scale of a crop's shift, for features that reach past the crop; the authors' 227/210
	Grid         int     // points a side on which crops are compared; the authors' 20
	InlierEps    float64 // added to every weight of a crop; the authors' 1e-5
}

// TimeCycleTerms is what TimeCycle computes for a batch.
type TimeCycleTerms struct {
	Loss      *torch.Tensor // scalar: Weight*CycleFactor*mean(Cycles) + Inlier + Weight*Skip
	Cycles    *torch.Tensor // [T], cycle c goes c frames back and forth
	Skip      *torch.Tensor // scalar, mean over frames
	Inlier    *torch.Tensor // scalar, mean over clips and frames
	ThetaSkip *torch.Tensor // [B*T, 2, 3] the crop found in each frame directly
}

// TimeCycle is the loss of learning correspondence from cycles in time, 1903.07593: a patch is tracked through frames and back
// by crops that a small network regresses from affinities, and must return to the crop it was cut from.
//
// Distances of crops are means over batch and points of the squared distance of mapped points. Gradients go to all inputs and
// weights, through every crop of a cycle, where rounding grows some thousandfold. It panics if the temperature is not positive or
// the grid has fewer than 2 points a side.
func TimeCycle(in TimeCycleInput, head TimeCycleHead, cfg TimeCycleConfig) TimeCycleTerms {
	checkTemperature(cfg.Temperature)
	if cfg.Grid < 2 {
		panic(fmt.Sprintf("objective: grid is %d, want at least 2", cfg.Grid))
	}
	c := timeCycle{in, head, cfg}
	terms := TimeCycleTerms{Cycles: c.cycles()}
	terms.Skip, terms.Inlier, terms.ThetaSkip = c.skips()
	terms.Loss = terms.Inlier.AddScaled(terms.Skip, cfg.Weight).AddScaled(terms.Cycles.Mean(), cfg.Weight*cfg.CycleFactor)
	return terms
}

// timeCycle computes the parts; letters: Q = S*S positions of a frame.
type timeCycle struct {
	TimeCycleInput
	head TimeCycleHead
	cfg  TimeCycleConfig
}

// cycles returns the loss of the cycles through the last c frames, c = 1..T: [T].
func (c timeCycle) cycles() *torch.Tensor {
	frames := c.Base.Dim(1)
	track := func(q *torch.Tensor, frame int) *torch.Tensor {
		base := c.Base.Select(1, frame)
		return c.crop(base, c.regress(c.affinity(q, base)), q)
	}
	losses := make([]*torch.Tensor, frames)
	back := c.Patch // after c frames back, shared by the longer cycles
	for n := 1; n <= frames; n++ {
		back = track(back, frames-n)
		q := back
		for frame := frames - n + 1; frame < frames; frame++ {
			q = track(q, frame)
		}
		losses[n-1] = c.distance(c.regress(c.affinity(q, c.Image)), c.Theta)
	}
	return torch.Stack(losses, 0)
}

// skips tracks from the patch to every frame and straight back; N = B*T.
func (c timeCycle) skips() (loss, inlier, thetaN23 *torch.Tensor) {
	frames := c.Base.Dim(1)
	each := func(x *torch.Tensor) *torch.Tensor { return x.RepeatInterleave(frames, 0) }
	baseNCSS := c.Base.Flatten(0, 1)
	affinityNQPP := c.affinity(each(c.Patch), baseNCSS)
	thetaN23 = c.regress(affinityNQPP)
	cropNCPP := c.crop(baseNCSS, thetaN23, c.Patch)
	backN23 := c.regress(c.affinity(cropNCPP, each(c.Image)))
	return c.distance(backN23, each(c.Theta)), c.inlier(affinityNQPP, thetaN23), thetaN23
}

// inlier is minus the affinity within the crop: its weight on every position, normalised by sample, times the affinities.
func (c timeCycle) inlier(affinityNQPP, thetaN23 *torch.Tensor) *torch.Tensor {
	s := c.Base.Dim(4)
	mapsQSS := torch.Eye(s*s, affinityNQPP.DType(), affinityNQPP.Device()).Reshape(s*s, s, s).Transpose(1, 2)
	mapsNQSS := mapsQSS.Unsqueeze(0).Expand(thetaN23.Dim(0), -1, -1, -1)
	weightNQPP := c.crop(mapsNQSS, thetaN23, c.Patch)
	total := weightNQPP.AddScalar(c.cfg.InlierEps).SumDims(true, 1, 2, 3)
	return weightNQPP.Div(total).Mul(affinityNQPP).SumDims(false, 1, 2, 3).Mean().Neg()
}

// affinity is the softmax over the positions of base [N, C, S, S], column by column, for every position of q [N, C, P, P]:
// [N, Q, P, P].
func (c timeCycle) affinity(q, base *torch.Tensor) *torch.Tensor {
	qNCP := unitVectors(q).Flatten(2, 3)
	baseNQC := unitVectors(base).Transpose(2, 3).Flatten(2, 3).Transpose(1, 2)
	aNQP := baseNQC.MatMul(qNCP).DivScalar(c.cfg.Temperature).Softmax(1)
	return aNQP.Reshape(aNQP.Dim(0), aNQP.Dim(1), q.Dim(2), q.Dim(3))
}

// regress turns affinities into crops [N, 2, 3], a third of the frame each.
func (c timeCycle) regress(affinityNQPP *torch.Tensor) *torch.Tensor {
	convolve := func(x, w *torch.Tensor) *torch.Tensor {
		return torch.Conv2d(x, w, nil, []int{1}, []int{0}, []int{1}, 1).LeakyRelu(0.1)
	}
	features := convolve(convolve(affinityNQPP, c.head.Conv3W), c.head.Conv4W).Flatten(1, -1)
	shiftAngleN3 := torch.Linear(features, c.head.LinearW, c.head.LinearB)
	angleN := shiftAngleN3.Select(1, 2)
	cosN, sinN := angleN.Cos().DivScalar(3), angleN.Sin().DivScalar(3)
	turnN22 := torch.Stack([]*torch.Tensor{cosN, sinN.Neg(), sinN, cosN}, 1).Reshape(-1, 2, 2)
	return torch.Cat([]*torch.Tensor{turnN22, shiftAngleN3.Narrow(1, 0, 2).Unsqueeze(2)}, 2)
}

// crop samples x [N, C, S, S] where theta [N, 2, 3] maps the square, at as many points as like [.., P, P'] has; the shift counts
// OffsetFactor times.
func (c timeCycle) crop(x, thetaN23, like *torch.Tensor) *torch.Tensor {
	h, w := like.Dim(2), like.Dim(3)
	f := c.cfg.OffsetFactor
	placeN2K := mapPoints(thetaN23, linspace(h, x).DivScalar(f), linspace(w, x).DivScalar(f)).MulScalar(f)
	return sampleZeros(x, placeN2K.Transpose(1, 2).Reshape(-1, h, w, 2))
}

// distance is the mean over N and the grid of the squared distance between points under both crops.
func (c timeCycle) distance(aN23, bN23 *torch.Tensor) *torch.Tensor {
	line := linspace(c.cfg.Grid, aN23)
	return mapPoints(aN23.Sub(bN23), line, line).Square().SumDims(false, 1).Mean()
}

// mapPoints applies theta [N, 2, 3] to the points (x, y, 1), x innermost: [N, 2, len(ys)*len(xs)].
func mapPoints(thetaN23, ys, xs *torch.Tensor) *torch.Tensor {
	h, w := ys.Dim(0), xs.Dim(0)
	x, y := xs.Repeat(h), ys.RepeatInterleave(w, 0)
	return thetaN23.MatMul(torch.Stack([]*torch.Tensor{x, y, x.OnesLike()}, 0))
}

// unitVectors brings the channels of [N, C, ...] to length 1. A zero vector, such as ReLUs and crops outside the frame make,
// stays zero and has gradient 0, not one divided by tiny.
func unitVectors(x *torch.Tensor) *torch.Tensor {
	zero := x.Detach().NormDims(2, true, 1).EqScalar(0)
	return x.Normalize(1, tiny).MaskedFill(zero, 0)
}
