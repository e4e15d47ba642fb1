package catalogue

import (
	"fmt"
	"math"

	"vssl/internal/golden"
	"vssl/methods/objective"
	"vssl/torch"
)

// estimates of mutual information

func init() {
	register(Entry{
		Name: "predictive.dim_local", About: "Deep InfoMax between local and global features", Paper: "1808.06670",
		Inputs: []Input{{"l", "[N, U, P]", "local features"}, {"m", "[N, U, Q]", "global features; Q is usually 1"}},
		Params: dimParams, Outputs: "loss", Evaluate: evaluateDIM,
	}, Entry{
		Name: "predictive.dim_global", About: "Deep InfoMax between features of whole pictures", Paper: "1808.06670",
		Inputs: []Input{{"l", "[N, U, 1]", "features of one layer"}, {"m", "[N, U, 1]", "of another"}},
		Params: dimParams, Outputs: "loss", Evaluate: evaluateDIM,
	}, Entry{
		Name: "predictive.amdim", About: "AMDIM: whole pictures and places predict the other view's places", Paper: "1906.00910",
		Inputs: []Input{
			{"r1_1", "[B, R, 1, 1]", "whole picture, view 1"}, {"r1_2", "[B, R, 1, 1]", "whole picture, view 2"},
			{"r5_1", "[B, R, 5, 5]", "places, view 1"}, {"r5_2", "[B, R, 5, 5]", "places, view 2"},
			{"r7_1", "[B, R, 7, 7]", "places, view 1"}, {"r7_2", "[B, R, 7, 7]", "places, view 2"},
			{"loc_1", "[B]", "int, place 0..24 of r5_1 that is a source"}, {"loc_2", "[B]", "int, likewise of r5_2"},
		},
		Params: []Param{
			{"tclip", 20, "scores are bent to -tclip..tclip, > 0"}, {"reg", 0.05, "weight of the mean squared score, >= 0"},
		},
		Outputs:  "loss loss_1t5 loss_1t7 loss_5t5 lgt_reg",
		Evaluate: evaluateAMDIM,
	}, Entry{
		Name: "predictive.mi_bounds", About: "bounds of mutual information from a matrix of scores", Paper: "1910.06222",
		Inputs: []Input{
			{"scores", "[N, N]", "row x, column y, true pairs on the diagonal"}, {"log_baseline", "[N]", "of x; for tuba"},
		},
		Params: []Param{
			{"estimator", nil, "infonce, nwj, tuba, dv, js_fgan, js, smile or mine"}, {"clip", nil, "smile: nats, > 0; absent for none"},
			{"buffer", 1, "mine: the moving average of before the step"}, {"momentum", 0.9, "mine: of the average, 0..1"},
		},
		Outputs:  "loss bound",
		Constant: "js and smile have the gradient of another bound, mine holds its average",
		Evaluate: func(c *golden.Case) golden.Outputs {
			bound := bound(c)
			return golden.Outputs{"bound": bound, "loss": bound.Neg()}
		},
	}, Entry{
		Name: "predictive.ssge", About: "gradient of a log density from samples", Paper: "1806.02925",
		Inputs:  []Input{{"samples", "[M, D]", "of the distribution"}, {"x", "[Q, D]", "where it is asked for; absent: there"}},
		Params:  []Param{{"n_eigen_threshold", 0.99, "share of the eigenvalues that are used, 0..1"}},
		Outputs: "score kernel_width n_eigen",
		Evaluate: func(c *golden.Case) golden.Outputs {
			var x *torch.Tensor
			if c.HasIn("x") {
				x = c.In("x")
			}
			s := objective.SSGE(c.In("samples"), x, c.Number("n_eigen_threshold"))
			return golden.Outputs{"score": s.Score, "kernel_width": s.Width, "n_eigen": one(s.Eigen)}
		},
	}, Entry{
		Name: "predictive.mige", About: "gradient of mutual information, by SSGE", Paper: "2005.01123",
		Inputs:  []Input{{"x", "[M, D]", "samples"}, {"y", "[M, E]", "their partners"}},
		Params:  []Param{{"n_eigen_threshold", 0.99, "share of the eigenvalues that are used, 0..1"}},
		Outputs: "loss n_eigen_joint n_eigen_y", Constant: "the scores",
		Evaluate: func(c *golden.Case) golden.Outputs {
			r := objective.MIGE(c.In("x"), c.In("y"), c.Number("n_eigen_threshold"))
			return golden.Outputs{"loss": r.Loss, "n_eigen_joint": one(r.EigenJoint), "n_eigen_y": one(r.EigenSecond)}
		},
	})
}

var dimParams = []Param{
	{"mode", "fd", "fd, nce or dv"}, {"measure", "JSD", "fd: JSD or GAN"}, {"scale", 1, "of the estimate"},
	{"act_penalty", 0, "of the squared length of m, >= 0"},
}

func evaluateDIM(c *golden.Case) golden.Outputs {
	config := objective.DIMConfig{
		Mode: objective.DIMMode(c.Text("mode")), Scale: c.Number("scale"), ActPenalty: c.Number("act_penalty"),
	}
	if config.Mode == objective.DIMDivergence {
		config.Measure = objective.DIMMeasure(c.Text("measure"))
	}
	return golden.Outputs{"loss": objective.DIM(c.In("l"), c.In("m"), config)}
}

func evaluateAMDIM(c *golden.Case) golden.Outputs {
	view := func(n string) objective.AMDIMView {
		return objective.AMDIMView{
			R1BR: c.In("r1_" + n), R5BRHW: c.In("r5_" + n), R7BRHW: c.In("r7_" + n), LocB: c.In("loc_" + n),
		}
	}
	r := objective.AMDIM(view("1"), view("2"), c.Number("tclip"), c.Number("reg"))
	return golden.Outputs{
		"loss": r.Loss, "loss_1t5": r.OneToFive, "loss_1t7": r.OneToSeven, "loss_5t5": r.FiveToFive, "lgt_reg": r.Penalty,
	}
}

func bound(c *golden.Case) *torch.Tensor {
	scores := c.In("scores")
	switch estimator := c.Text("estimator"); estimator {
	case "infonce":
		return objective.BoundInfoNCE(scores)
	case "nwj":
		return objective.BoundNWJ(scores)
	case "tuba":
		return objective.BoundTUBA(scores, c.In("log_baseline"))
	case "dv":
		return objective.BoundDV(scores)
	case "js_fgan":
		return objective.BoundFGAN(scores)
	case "js":
		return objective.BoundJS(scores)
	case "smile":
		clip := math.Inf(1)
		if c.Params["clip"] != nil {
			clip = c.Number("clip")
		}
		return objective.BoundSMILE(scores, clip)
	case "mine":
		bound, _ := objective.BoundMINE(scores, c.Number("buffer"), c.Number("momentum"))
		return bound
	default:
		panic(fmt.Sprintf("parameter %q is %q, want infonce, nwj, tuba, dv, js_fgan, js, smile or mine", "estimator", estimator))
	}
}
