package objective_test

import (
	"math"
	"slices"
	"testing"

	"vssl/methods/objective"
	"vssl/torch"
)

// TestCorrFlowCopiesWhatMoved: features that name the place make the target's colours those of the reference, moved.
func TestCorrFlowCopiesWhatMoved(t *testing.T) {
	const h, w, bins = 4, 5, 3
	torch.In(func(*torch.Scope) {
		names := torch.Eye(h*w, torch.Float64, torch.CPU).MulScalar(20).Reshape(1, h*w, h, w)
		bin := torch.Arange(h*w, torch.CPU).RemainderScalar(bins).Reshape(1, 1, h, w)
		cfg := objective.CorrFlowConfig{Radius: 2, Bins: bins, Downsample: 1}
		moved := func(x *torch.Tensor) *torch.Tensor { return x.Roll([]int{1, -2}, []int{2, 3}) }
		_, pred := objective.CorrFlow(names, moved(names), bin, moved(bin).Squeeze(1), cfg)
		// the roll leaves the window at the edges; rows 1.. and columns ..w-3 hold what moved within it
		inside := func(x *torch.Tensor) []int64 { return x.Narrow(1, 1, h-1).Narrow(2, 0, w-2).Int64s() }
		if got, want := inside(pred.ArgMax(1)), inside(moved(bin).Squeeze(1)); !slices.Equal(got, want) {
			t.Errorf("colours %v, want %v", got, want)
		}
	})
}

// TestCorrFlowOfNothing: without features every displacement weighs the same, and the loss is finite.
func TestCorrFlowOfNothing(t *testing.T) {
	torch.In(func(*torch.Scope) {
		nothing := torch.Zeros([]int{1, 2, 3, 3}, torch.Float64, torch.CPU)
		colour := torch.FromInts([]int{0, 1, 0, 1, 0, 1, 0, 1, 0}, 1, 1, 3, 3)
		loss, pred := objective.CorrFlow(nothing, nothing, colour, colour.Squeeze(1),
			objective.CorrFlowConfig{Radius: 1, Bins: 2, Downsample: 1})
		scalar(t, "share of colour 1 around the middle", pred.Select(3, 1).Select(2, 1).Select(1, 1), 4.0/9)
		scalar(t, "and around the corner, with the edge repeated", pred.Select(3, 0).Select(2, 0).Select(1, 1), 4.0/9)
		if v := loss.Float(); !(v > 0 && v < 1) {
			t.Errorf("loss is %g", v)
		}
	})
}

// TestMASTSearchWithoutReach: a search of radius 0 offsets nothing, so that a long reference answers as a short one does, by
// another way: its products are sampled from those of all pairs.
func TestMASTSearchWithoutReach(t *testing.T) {
	torch.In(func(*torch.Scope) {
		refs, tar := drawn(1, 2, 2, 3, 4, 5), drawn(2, 2, 3, 4, 5)
		colours, colour := drawn(3, 2, 2, 3, 8, 10), drawn(4, 2, 3, 8, 10)
		cfg := objective.MASTConfig{Radius: 2, RefIndex: []int{0, 30}, Current: 40, LongGap: 15, MaxDilation: 4,
			Downsample: 2, Scale: 20}
		answer := func() (*torch.Tensor, []float64) {
			loss, pred := objective.MAST(refs, tar, colours, colour, cfg)
			return loss, pred.Float64s()
		}
		long, longPred := answer()
		cfg.LongGap = 40 // the gap itself is still short
		short, shortPred := answer()
		scalar(t, "loss", long, short.Float())
		for i := range longPred {
			if math.Abs(longPred[i]-shortPred[i]) > 1e-12 {
				t.Fatalf("colour %d: %g searched, %g not", i, longPred[i], shortPred[i])
			}
		}

		cfg.LongGap, cfg.MemoryRadius = 15, 2
		searched, _ := answer()
		if math.Abs(searched.Float()-short.Float()) < 1e-6 {
			t.Error("the search changes nothing")
		}
		exchange := torch.FromInts([]int{1, 0})
		refs, colours, cfg.RefIndex = refs.IndexSelect(0, exchange), colours.IndexSelect(0, exchange), []int{30, 0}
		exchanged, _ := answer()
		scalar(t, "references exchanged", exchanged, searched.Float())
	})
}

var timeCycleConfig = objective.TimeCycleConfig{Temperature: 0.5, Weight: 0.1, CycleFactor: 0.2, OffsetFactor: 227.0 / 210,
	Grid: 20, InlierEps: 1e-5}

func timeCycleInput(b, frames int) objective.TimeCycleInput {
	const c, s, p = 3, 6, 2
	return objective.TimeCycleInput{Base: drawn(1, b, frames, c, s, s).Relu(), Patch: drawn(2, b, c, p, p).Relu(),
		Image: drawn(3, b, c, s, s).Relu(), Theta: drawn(4, b, 2, 3).DivScalar(3)}
}

func timeCycleHead() objective.TimeCycleHead {
	return objective.TimeCycleHead{Conv3W: drawn(5, 4, 36, 1, 1), Conv4W: drawn(6, 2, 4, 2, 2),
		LinearW: drawn(7, 3, 2), LinearB: drawn(8, 3)}
}

// TestTimeCycleOfOneFrame: there and back through a single frame is its skip.
func TestTimeCycleOfOneFrame(t *testing.T) {
	torch.In(func(*torch.Scope) {
		r := objective.TimeCycle(timeCycleInput(2, 1), timeCycleHead(), timeCycleConfig)
		scalar(t, "cycle", r.Cycles, r.Skip.Float())
		want := 0.1*0.2*r.Cycles.Float() + r.Inlier.Float() + 0.1*r.Skip.Float()
		scalar(t, "loss", r.Loss, want)
		if v := r.Inlier.Float(); !(v < 0 && v >= -1) {
			t.Errorf("the inlier loss is %g, want within -1..0", v)
		}
	})
}

// TestTimeCyclePermuted: the order of the clips does not matter.
func TestTimeCyclePermuted(t *testing.T) {
	torch.In(func(*torch.Scope) {
		in := timeCycleInput(3, 2)
		want := objective.TimeCycle(in, timeCycleHead(), timeCycleConfig).Loss.Float()
		order := torch.FromInts([]int{2, 0, 1})
		for _, x := range []**torch.Tensor{&in.Base, &in.Patch, &in.Image, &in.Theta} {
			*x = (*x).IndexSelect(0, order)
		}
		scalar(t, "loss", objective.TimeCycle(in, timeCycleHead(), timeCycleConfig).Loss, want)
	})
}

// TestTimeCycleOfDeadFeatures: vectors of zeros, as ReLUs leave, are no direction: they have gradient 0, not one without bound.
func TestTimeCycleOfDeadFeatures(t *testing.T) {
	torch.In(func(*torch.Scope) {
		in := timeCycleInput(1, 2)
		in.Patch = torch.Zeros(in.Patch.Shape(), torch.Float64, torch.CPU).RequireGrad(true)
		in.Base = in.Base.Detach().RequireGrad(true)
		objective.TimeCycle(in, timeCycleHead(), timeCycleConfig).Loss.Backward()
		if largest := in.Patch.Grad().Abs().Max().Float(); largest != 0 {
			t.Errorf("a patch of zeros has a gradient of up to %g", largest)
		}
		if largest := in.Base.Grad().Abs().Max().Float(); !(largest > 0 && largest < 1e6) {
			t.Errorf("the frames have a gradient of up to %g", largest)
		}
	})
}

// TestLandmarksFindPeaks: a sharp heat map's expected place is its peak, x across the width and y down the height.
func TestLandmarksFindPeaks(t *testing.T) {
	const h, w, y, x = 4, 7, 1, 5
	torch.In(func(*torch.Scope) {
		stage := make([]float64, h*w)
		stage[y*w+x] = 1
		head := objective.LandmarkHead{Inner: torch.FromFloat64([]float64{1}, 1, 1),
			Reg: torch.FromFloat64([]float64{1, 0, 0, 1}, 2, 2)}
		place := torch.FromFloat64([]float64{-1 + 2*float64(x)/(w-1), -1 + 2*float64(y)/(h-1)}, 1, 1, 2)
		r := objective.Landmarks([]*torch.Tensor{torch.FromFloat64(stage, 1, 1, h, w)}, head, place,
			objective.LandmarkConfig{Height: h, Width: w, SoftArgMax: 1000, Alpha: 10})
		scalar(t, "loss", r.Loss, 0)
		scalar(t, "distance", r.Points.Sub(place).Abs().Max(), 0)
	})
}
