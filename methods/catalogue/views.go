package catalogue

import (
	"vssl/internal/golden"
	"vssl/methods/objective"
)

// two views of a batch against each other

func init() {
	register(Entry{
		Name: "contrastive.nt_xent", About: "NT-Xent, the loss of SimCLR", Paper: "2002.05709",
		Inputs: []Input{{"z1", "[B, D]", "any length, first view"}, {"z2", "[B, D]", "any length, second view"}},
		Params: []Param{{"temperature", 0.5, "no unit, > 0"}}, Outputs: "loss",
		Evaluate: func(c *golden.Case) golden.Outputs {
			return golden.Outputs{"loss": objective.NTXent(c.In("z1"), c.In("z2"), c.Number("temperature"))}
		},
	}, Entry{
		Name: "predictive.cvrl", About: "CVRL's sum of two directions", Paper: "2008.03800",
		Inputs:  []Input{{"z1", "[B, D]", "first clip of each video"}, {"z2", "[B, D]", "second clip"}},
		Params:  []Param{{"temperature", 0.1, "no unit, > 0"}, {"normalize", true, "rows to length 1 first"}},
		Outputs: "loss contrast_acc contrast_entropy",
		Evaluate: func(c *golden.Case) golden.Outputs {
			r := objective.CVRL(c.In("z1"), c.In("z2"), c.Number("temperature"), c.Bool("normalize"))
			return golden.Outputs{"loss": r.Loss, "contrast_acc": r.Accuracy, "contrast_entropy": r.Entropy}
		},
	}, Entry{
		Name: "contrastive.supcon", About: "the supervised contrastive loss", Paper: "2004.11362",
		Inputs: []Input{
			{"features", "[B, V, D]", "length 1, V views of each sample"}, {"labels", "[B]", "int; 0..B-1 where unknown"},
		},
		Params: []Param{
			{"temperature", 0.07, "no unit, > 0"}, {"base_temperature", 0.07, "no unit, > 0"},
			{"contrast_mode", "all", "anchors: all views, or one, the first"},
		},
		Outputs: "loss",
		Evaluate: func(c *golden.Case) golden.Outputs {
			return golden.Outputs{"loss": objective.SupCon(c.In("features"), c.In("labels"), objective.SupConConfig{
				Temperature: c.Number("temperature"), BaseTemperature: c.Number("base_temperature"),
				FirstViewOnly: oneOf(c, "contrast_mode", "all", "one") == "one",
			})}
		},
	}, Entry{
		Name: "contrastive.debiased", About: "contrast without what the anchor's class adds to the negatives", Paper: "2007.00224",
		Inputs:  []Input{{"out_1", "[B, D]", "length 1, first view"}, {"out_2", "[B, D]", "length 1, second view"}},
		Params:  []Param{{"temperature", 0.5, "no unit, > 0"}, {"tau_plus", 0.1, "0..1, 1 not included: share of the class"}},
		Outputs: "loss",
		Evaluate: func(c *golden.Case) golden.Outputs {
			loss := objective.Debiased(c.In("out_1"), c.In("out_2"), c.Number("temperature"), c.Number("tau_plus"))
			return golden.Outputs{"loss": loss}
		},
	}, Entry{
		Name: "contrastive.n_pair", About: "the N-pair loss", Paper: "Sohn, NIPS 2016",
		Inputs:  []Input{{"anchors", "[N, D]", "any length, row i of class i"}, {"positives", "[N, D]", "any length, the same"}},
		Params:  []Param{{"normalize", false, "rows to length 1 for the scores"}, {"l2_reg", 0, "weight of the mean squared length"}},
		Outputs: "loss",
		Evaluate: func(c *golden.Case) golden.Outputs {
			config := objective.NPairConfig{Normalize: c.Bool("normalize"), L2: c.Number("l2_reg")}
			return golden.Outputs{"loss": objective.NPair(c.In("anchors"), c.In("positives"), config)}
		},
	}, Entry{
		Name: "contrastive.negative_sampling", About: "skip-gram's loss with negative sampling", Paper: "1310.4546",
		Inputs: []Input{
			{"center", "[B, D]", "any length"}, {"positive", "[B, D]", "any length"}, {"negatives", "[B, K, D]", "any length"},
		},
		Outputs: "loss",
		Evaluate: func(c *golden.Case) golden.Outputs {
			return golden.Outputs{"loss": objective.NegativeSampling(c.In("center"), c.In("positive"), c.In("negatives"))}
		},
	}, Entry{
		Name: "contrastive.simclr2_distill", About: "distillation of SimCLRv2", Paper: "2006.10029",
		Inputs: []Input{{"student", "[B, C]", "logits"}, {"teacher", "[B, C]", "logits"}},
		Params: []Param{
			{"temperature", 1, "no unit, > 0"}, {"scale_by_t2", true, "times the squared temperature, as the code; false: the paper"},
		},
		Outputs: "loss",
		Evaluate: func(c *golden.Case) golden.Outputs {
			loss := objective.Distill(c.In("student"), c.In("teacher"), c.Number("temperature"), c.Bool("scale_by_t2"))
			return golden.Outputs{"loss": loss}
		},
	}, Entry{
		Name: "contrastive.infomin", About: "information that pairs of views share", Paper: "2005.10243",
		Inputs:  []Input{{"scores", "[S, B, K]", "logits of K candidates, the positive first, for S pairs of views"}},
		Outputs: "loss losses mi best",
		Evaluate: func(c *golden.Case) golden.Outputs {
			r := objective.InfoMin(c.In("scores"))
			return golden.Outputs{"loss": r.Loss, "losses": r.Losses, "mi": r.Mutual, "best": r.Best}
		},
	})
}
