package catalogue

import (
	"fmt"

	"vssl/internal/golden"
	"vssl/methods/objective"
	"vssl/models/nn"
	"vssl/torch"
)

// contrastive prediction of what comes next or lies below

func init() {
	register(Entry{
		Name: "predictive.cpc", About: "CPC from one time; the softmax runs over contexts", Paper: "1807.03748",
		Inputs: []Input{
			{"z", "[B, L, D]", "encodings"}, {"c", "[B, L, H]", "contexts"}, {"w", "[K, D, H]", "a predictor a step"},
			{"b", "[K, D]", "their biases"}, {"t", "[1]", "int, time of the context"}},
		Params: []Param{{"steps", 12, "K predictions"}}, Outputs: "loss scores",
		Evaluate: func(c *golden.Case) golden.Outputs {
			wantSteps(c, "steps", c.Shape("w")[0])
			r := objective.CPC(c.In("z"), c.In("c"), objective.CPCPredictors{W: c.In("w"), B: c.In("b")},
				objective.CPCConfig{Time: c.Ints("t")[0]})
			return golden.Outputs{"loss": r.Loss, "scores": r.Scores}
		},
	}, Entry{
		Name: "predictive.cpc_sequence", About: "InfoNCE from every time with sampled negatives", Paper: "1905.11786",
		Inputs: []Input{
			{"z", "[B, L, D]", "encodings"}, {"c", "[B, L, H]", "contexts"}, {"w", "[K*D, H]", "the predictors below each other"},
			{"perm", "[N, B*L]", "int, places of negatives; [N, L] times for sampling sequence"}},
		Params: []Param{{"steps", 12, "K predictions"}, {"negatives", 10, "N for each row"},
			{"sampling", "batch", "batch or sequence: where negatives come from"}},
		Outputs: "loss accuracy",
		Evaluate: func(c *golden.Case) golden.Outputs {
			wantSteps(c, "negatives", c.Shape("perm")[0])
			r := objective.CPCSequence(c.In("z"), c.In("c"), c.In("w"), c.In("perm"), objective.CPCSequenceConfig{
				Steps: c.Int("steps"), WithinSequence: oneOf(c, "sampling", "batch", "sequence") == "sequence"})
			return golden.Outputs{"loss": r.Loss, "accuracy": r.Accuracy}
		},
	}, Entry{
		Name: "predictive.cpc_image", About: "InfoNCE from each row of a patch grid to those below", Paper: "1905.11786",
		Inputs: []Input{
			{"z", "[B, C, R, W]", "encodings of patches"}, {"c", "[B, C, R, W]", "contexts"}, {"w", "[K, C, C]", "a predictor a step"},
			{"neg_1", "[R-1-skip, W, B, N]", "int, places of the negatives of step 1; neg_2 and on likewise"}},
		Params: []Param{{"steps", 5, "K predictions"}, {"negatives", 16, "N for each patch"},
			{"skip", 1, "grid rows between context and first target"}, {"eps", 1e-11, "added to the probability"}},
		Outputs: "loss",
		Evaluate: func(c *golden.Case) golden.Outputs {
			wantSteps(c, "steps", c.Shape("w")[0])
			var negatives []*torch.Tensor
			for k := range c.Int("steps") {
				negatives = append(negatives, c.In(fmt.Sprintf("neg_%d", k+1)))
			}
			return golden.Outputs{"loss": objective.CPCImage(c.In("z"), c.In("c"), c.In("w"), negatives,
				objective.CPCImageConfig{Skip: c.Int("skip"), Eps: c.Number("eps")})}
		},
	}, Entry{
		Name: "predictive.greedy_infomax", About: "Greedy InfoMax on sound: a loss a module", Paper: "1905.11786",
		Inputs: []Input{
			{"x", "[B, 1, T]", "waveform"},
			{"conv0_w", "[C, Cin, k]", "convolution of module 0, as conv0_b [C]; conv1_w and on likewise"},
			{"pred0_w", "[K*C, C]", "its predictors; the last module's are [K*C, R]"}, {"perm0", "[N, B*L0]", "int, its negatives"},
			{"gru_w_ih", "[3R, C]", "recurrent units, with gru_w_hh [3R, R], gru_b_ih and gru_b_hh [3R]"}},
		Params: []Param{{"steps", 12, "K predictions"}, {"negatives", 10, "N for each row"},
			{"kernels", []int{10, 8, 4, 4, 4}, "times under each convolution"}, {"strides", []int{5, 4, 2, 2, 2}, "of each convolution"},
			{"padding", []int{2, 2, 2, 2, 1}, "on both sides"}, {"hidden", 512, "channels C"}, {"context", 256, "state R"}},
		Outputs: "loss losses", Constant: "what each module gets from the one below", Evaluate: greedyInfoMax,
	}, Entry{
		Name: "predictive.loco", About: "LoCo: overlapping local NT-Xent losses", Paper: "2008.01342",
		Inputs: []Input{{"x1", "[N, D]", "first view"}, {"x2", "[N, D]", "second view"},
			{"stage0_w", "[out, in]", "stage 0, as stage0_b [out]; stage1_w and on likewise"},
			{"head1_w0", "[P, out]", "head of stage 1, as head1_w1 [P, P]; head2_w0 and on likewise"}},
		Params: []Param{{"temperature", 0.1, "no unit, > 0"}}, Outputs: "loss losses",
		Constant: "what each pair of stages gets from below", Evaluate: loco,
	}, Entry{
		Name: "predictive.dpc", About: "dense predictive coding", Paper: "1909.04656",
		Inputs: append([]Input{{"feature", "[B, N, D, S, S]", "of blocks, before ReLU"},
			{"gru_reset_w", "[D, 2D, 1, 1]", "gate, as gru_update_w and gru_out_w, with biases gru_reset_b [D] and so on"},
		}, predictorInputs...),
		Params: []Param{{"pred_step", 3, "P blocks to predict"}}, Outputs: "loss score target mask top1",
		Evaluate: func(c *golden.Case) golden.Outputs {
			r := objective.DPC(c.In("feature"), convGRU(c, "gru_"), blockPredictor(c), c.Int("pred_step"))
			return golden.Outputs{"loss": r.Loss, "score": r.Scores, "target": r.Target, "mask": r.Mask, "top1": r.Top1}
		},
	}, Entry{
		Name: "predictive.memdpc", About: "memory-augmented dense predictive coding, both directions", Paper: "2008.01065",
		Inputs: append([]Input{{"feature", "[B, N, D, S, S]", "of blocks, before ReLU"}, {"memory", "[M, D]", "slots"},
			{"gru_f_reset_w", "[D, 2D, 1, 1]", "gate of the forward cell, as update, out and the biases; gru_b_ backward"},
		}, predictorInputs...),
		Params: []Param{{"pred_step", 3, "P blocks to predict"}}, Outputs: "loss losses context",
		Evaluate: func(c *golden.Case) golden.Outputs {
			r := objective.MemDPC(c.In("feature"), objective.MemDPCConfig{
				Forward: convGRU(c, "gru_f_"), Backward: convGRU(c, "gru_b_"),
				Memory: c.In("memory"), Predictor: blockPredictor(c), Steps: c.Int("pred_step")})
			return golden.Outputs{"loss": r.Loss, "losses": r.Losses, "context": r.Context}
		},
	}, Entry{
		Name: "predictive.vivi_nce", About: "VIVI's prediction of shots", Paper: "1912.02783",
		Inputs: []Input{{"frames", "[N, K, L, D]", "frame embeddings of shots"},
			{"pred", "[N, M, D]", "predictions of the last shots"}},
		Params:  []Param{{"steps", nil, "M shots that are predicted"}},
		Outputs: "loss",
		Evaluate: func(c *golden.Case) golden.Outputs {
			wantSteps(c, "steps", c.Shape("pred")[1])
			return golden.Outputs{"loss": objective.VIVINCE(c.In("frames"), c.In("pred"))}
		},
	}, Entry{
		Name: "predictive.vivi_order", About: "the order of a clip's shots", Paper: "after 1912.02783",
		Inputs: []Input{{"frames", "[N, K, L, D]", "frame embeddings of shots"}, {"w0", "[H, K*D]", "hidden layer, as b0 [H]"},
			{"w1", "[Q, H]", "classifier, as b1 [Q]"},
			{"class", "[N]", "int, order of each clip"}, {"table", "[Q, K]", "int, the orders"}},
		Outputs: "loss logits",
		Evaluate: func(c *golden.Case) golden.Outputs {
			loss, logits := objective.ShotOrder(c.In("frames"), c.In("class"), c.In("table"),
				objective.OrderHead{W0: c.In("w0"), B0: c.In("b0"), W1: c.In("w1"), B1: c.In("b1")})
			return golden.Outputs{"loss": loss, "logits": logits}
		},
	})
}

var predictorInputs = []Input{{"pred0_w", "[D, D, 1, 1]", "predictor's first layer, as pred0_b [D]"},
	{"pred1_w", "[D, D, 1, 1]", "second layer, as pred1_b [D]; M channels where there is a memory"}}

func greedyInfoMax(c *golden.Case) golden.Outputs {
	strides, padding := c.IntList("strides"), c.IntList("padding")
	var modules []objective.GreedyModule
	for m := range strides {
		name := func(format string) *torch.Tensor { return c.In(fmt.Sprintf(format, m)) }
		modules = append(modules, objective.GreedyModule{
			ConvW: name("conv%d_w"), ConvB: name("conv%d_b"), PredW: name("pred%d_w"), Perm: name("perm%d"),
			Stride: strides[m], Padding: padding[m]})
	}
	last := objective.GreedyContext{
		WIH: c.In("gru_w_ih"), WHH: c.In("gru_w_hh"), BIH: c.In("gru_b_ih"), BHH: c.In("gru_b_hh"),
		PredW: c.In(fmt.Sprintf("pred%d_w", len(modules))), Perm: c.In(fmt.Sprintf("perm%d", len(modules)))}
	r := objective.GreedyInfoMax(c.In("x"), modules, last, c.Int("steps"))
	return golden.Outputs{"loss": r.Loss, "losses": r.Losses}
}

func loco(c *golden.Case) golden.Outputs {
	var stages []objective.LoCoStage
	for s := 0; c.HasIn(fmt.Sprintf("stage%d_w", s)); s++ {
		stage := objective.LoCoStage{W: c.In(fmt.Sprintf("stage%d_w", s)), B: c.In(fmt.Sprintf("stage%d_b", s))}
		if s > 0 {
			stage.W0, stage.W1 = c.In(fmt.Sprintf("head%d_w0", s)), c.In(fmt.Sprintf("head%d_w1", s))
		}
		stages = append(stages, stage)
	}
	r := objective.LoCo(c.In("x1"), c.In("x2"), stages, c.Number("temperature"))
	return golden.Outputs{"loss": r.Loss, "losses": r.Losses}
}

func convGRU(c *golden.Case, prefix string) nn.ConvGRUWeights {
	return nn.ConvGRUWeights{
		ResetW: c.In(prefix + "reset_w"), UpdateW: c.In(prefix + "update_w"), OutW: c.In(prefix + "out_w"),
		ResetB: c.In(prefix + "reset_b"), UpdateB: c.In(prefix + "update_b"), OutB: c.In(prefix + "out_b")}
}

func blockPredictor(c *golden.Case) objective.BlockPredictor {
	return objective.BlockPredictor{W0: c.In("pred0_w"), B0: c.In("pred0_b"), W1: c.In("pred1_w"), B1: c.In("pred1_b")}
}

// wantSteps panics where a parameter that counts something and the input that holds it do not agree.
func wantSteps(c *golden.Case, param string, found int) {
	if n := c.Int(param); n != found {
		panic(fmt.Sprintf("%s is %d, but the inputs hold %d", param, n, found))
	}
}

// oneOf is a text parameter that must be one of a few.
func oneOf(c *golden.Case, param string, known ...string) string {
	text := c.Text(param)
	for _, k := range known {
		if text == k {
			return text
		}
	}
	panic(fmt.Sprintf("%s is %q, want one of %q", param, text, known))
}
