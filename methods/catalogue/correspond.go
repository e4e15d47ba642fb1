package catalogue

import (
	"fmt"

	"vssl/internal/golden"
	"vssl/methods/objective"
	"vssl/torch"
)

// correspondence between frames, and landmarks

func init() {
	register(Entry{
		Name: "predictive.corrflow", About: "CorrFlow: colours copied from a reference frame", Paper: "1905.00875",
		Inputs: []Input{
			{"feat_ref", "[B, F, h, w]", "features of the reference"}, {"feat_tar", "[B, F, h, w]", "features of the target"},
			{"ref_bins", "[B, 1, 4h, 4w]", "int, the reference's colours"},
			{"ref_prob", "[B, C, 4h, 4w]", "the same as probabilities, instead"},
			{"target_bins", "[B, 4h, 4w]", "int, the target's colours"}},
		Params: corrFlowParams, Outputs: "loss pred",
		Evaluate: func(c *golden.Case) golden.Outputs {
			colour := "ref_bins"
			if c.HasIn("ref_prob") {
				colour = "ref_prob"
			}
			loss, pred := objective.CorrFlow(c.In("feat_ref"), c.In("feat_tar"), c.In(colour), c.In("target_bins"), corrFlowConfig(c))
			return golden.Outputs{"loss": loss, "pred": pred}
		},
	}, Entry{
		Name: "predictive.corrflow_cycle", About: "CorrFlow over three frames and back", Paper: "1905.00875",
		Inputs: []Input{{"features", "[3, B, F, h, w]", "of the frames"}, {"bins", "[3, B, 1, 4h, 4w]", "int, their colours"},
			{"truth", "[2]", "int, whether step 2 starts from true colours; the first number has no effect"}},
		Params:  append([]Param{{"long_weight", 0.1, "of the loss on round trips"}}, corrFlowParams...),
		Outputs: "loss loss_similarity loss_long",
		Evaluate: func(c *golden.Case) golden.Outputs {
			r := objective.CorrFlowCycle(c.In("features"), c.In("bins"), objective.CorrFlowCycleConfig{
				CorrFlowConfig: corrFlowConfig(c), Truth: c.Ints("truth")[1] != 0, LongWeight: c.Number("long_weight")})
			return golden.Outputs{"loss": r.Loss, "loss_similarity": r.Similarity, "loss_long": r.Long}
		},
	}, Entry{
		Name: "predictive.mast", About: "MAST: colours copied from several frames, far ones searched first", Paper: "2002.07793",
		Inputs: []Input{
			{"feat_refs", "[n, B, F, h, w]", "features of the references"}, {"feat_tar", "[B, F, h, w]", "features of the target"},
			{"color_refs", "[n, B, c, 4h, 4w]", "their colours"}, {"color_tar", "[B, c, 4h, 4w]", "the target's"}},
		Params: []Param{{"radius", 6, "R of the window, positions"}, {"memory_radius", 12, "Q of the coarse search, steps"},
			{"ref_index", nil, "frame numbers of the references"}, {"current", nil, "frame number of the target"},
			{"long_gap", 15, "frames; references further away are searched first"}, {"max_dilation", 4, "of the search, positions"},
			{"downsample", 4, "pixels a position"}, {"scale", 20, "of colours before the loss"}},
		Outputs: "loss pred", Evaluate: mast,
	}, Entry{
		Name: "predictive.timecycle", About: "TimeCycle: tracking a patch back and forth", Paper: "1903.07593",
		Inputs: []Input{
			{"base", "[B, T, C, S, S]", "features of frames, after ReLU"}, {"patch", "[B, C, P, P]", "features of the crop"},
			{"image", "[B, C, S, S]", "features of the crop's frame"}, {"theta", "[B, 2, 3]", "the true crop"},
			{"conv3_w", "[c3, S*S, k, k]", "first convolution over affinities"}, {"conv4_w", "[c4, c3, k, k]", "second"},
			{"linear_w", "[3, F]", "to shift and angle, as linear_b [3]"}},
		Params: []Param{{"temperature", 0.04419417382415922, "no unit, > 0; 512^-0.5"}, {"weight", 0.1, "of losses on crops"},
			{"cycle_factor", 0.2, "of cycles beside skips"}, {"offset_factor", 227.0 / 210, "scale of a crop's shift"},
			{"grid", 20, "points a side where crops are compared"}, {"inlier_eps", 1e-5, "added to a crop's weights"},
			{"align_corners", true, "the only one: -1 and 1 are the centres of border pixels"}},
		Outputs: "loss loss_cycles loss_skip loss_inlier theta_skip",
		Double:  "rounding grows some thousandfold along a cycle of crops", Evaluate: timeCycle,
	}, Entry{
		Name: "predictive.landmarks", About: "landmarks from frozen hypercolumns", Paper: "2006.14787",
		Inputs: []Input{{"f0", "[B, C0, s0, s0]", "a stage of the network, deepest first; f1 and on likewise"},
			{"inner_w", "[A*I, C]", "heat maps"}, {"reg_w", "[2A, 2I]", "regression"}, {"keypoints", "[B, A, 2]", "(x, y), -1..1"}},
		Params: []Param{{"points", nil, "A landmarks"}, {"intermediate", 50, "I points for each"},
			{"softargmax", 50.0, "scale before the softmax over pixels"}, {"alpha", 10.0, "scale of coordinates"},
			{"height", 48, "of the hypercolumn, pixels"}, {"width", 48, "of the hypercolumn, pixels"}},
		Outputs: "loss pred intermediate", Evaluate: landmarks,
	})
}

var corrFlowParams = []Param{{"radius", 6, "R of the window, positions"}, {"bins", 16, "C colours"},
	{"downsample", 4, "pixels a position"}}

func corrFlowConfig(c *golden.Case) objective.CorrFlowConfig {
	return objective.CorrFlowConfig{Radius: c.Int("radius"), Bins: c.Int("bins"), Downsample: c.Int("downsample")}
}

func mast(c *golden.Case) golden.Outputs {
	loss, pred := objective.MAST(c.In("feat_refs"), c.In("feat_tar"), c.In("color_refs"), c.In("color_tar"), objective.MASTConfig{
		Radius: c.Int("radius"), MemoryRadius: c.Int("memory_radius"),
		RefIndex: c.IntList("ref_index"), Current: c.Int("current"),
		LongGap: c.Int("long_gap"), MaxDilation: c.Int("max_dilation"),
		Downsample: c.Int("downsample"), Scale: c.Number("scale")})
	return golden.Outputs{"loss": loss, "pred": pred}
}

func timeCycle(c *golden.Case) golden.Outputs {
	if !c.Bool("align_corners") {
		panic("align_corners is false, want true: nothing else is defined")
	}
	in := objective.TimeCycleInput{Base: c.In("base"), Patch: c.In("patch"), Image: c.In("image"), Theta: c.In("theta")}
	head := objective.TimeCycleHead{
		Conv3W: c.In("conv3_w"), Conv4W: c.In("conv4_w"), LinearW: c.In("linear_w"), LinearB: c.In("linear_b")}
	r := objective.TimeCycle(in, head, objective.TimeCycleConfig{
		Temperature: c.Number("temperature"), Weight: c.Number("weight"), CycleFactor: c.Number("cycle_factor"),
		OffsetFactor: c.Number("offset_factor"), Grid: c.Int("grid"), InlierEps: c.Number("inlier_eps")})
	return golden.Outputs{"loss": r.Loss, "loss_cycles": r.Cycles, "loss_skip": r.Skip, "loss_inlier": r.Inlier,
		"theta_skip": r.ThetaSkip}
}

func landmarks(c *golden.Case) golden.Outputs {
	wantSteps(c, "points", c.Shape("keypoints")[1])
	wantSteps(c, "intermediate", c.Shape("reg_w")[1]/2)
	var stages []*torch.Tensor
	for i := 0; c.HasIn(fmt.Sprintf("f%d", i)); i++ {
		stages = append(stages, c.In(fmt.Sprintf("f%d", i)))
	}
	head := objective.LandmarkHead{Inner: c.In("inner_w"), Reg: c.In("reg_w")}
	r := objective.Landmarks(stages, head, c.In("keypoints"), objective.LandmarkConfig{
		Height: c.Int("height"), Width: c.Int("width"), SoftArgMax: c.Number("softargmax"), Alpha: c.Number("alpha")})
	return golden.Outputs{"loss": r.Loss, "pred": r.Points, "intermediate": r.Intermediate}
}
