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
	})
}
