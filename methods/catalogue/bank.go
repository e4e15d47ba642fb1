package catalogue

import (
	"vssl/internal/golden"
	"vssl/methods/objective"
)

// a batch against a memory bank

func init() {
	register(Entry{
		Name: "contrastive.nce", About: "instance discrimination by NCE against a memory bank (NPID)", Paper: "1805.01978",
		Inputs: []Input{
			{"features", "[B, D]", "length 1"},
			{"indices", "[B]", "int, bank row of each sample"},
			{"memory", "[N, D]", "the bank"},
			{"noise", "[B, K]", "int, drawn bank rows; may repeat and hit the positive"},
		},
		Params: []Param{
			{"K", 4096, "columns of noise; the input's shape counts"},
			{"T", 0.07, "temperature, no unit, > 0"},
			{"Z", -1, "the constant, > 0; below 0 to estimate it"},
			{"momentum", 0.5, "0..1, share of the old bank row"},
		},
		Outputs: "loss probs Z memory", Constant: "Z",
		Evaluate: func(c *golden.Case) golden.Outputs {
			r := objective.Instance(c.In("features"), c.In("indices"), c.In("noise"), c.In("memory"),
				objective.NCEConfig{Temperature: c.Number("T"), Z: c.Number("Z"), Momentum: c.Number("momentum")})
			return golden.Outputs{"loss": r.Loss, "probs": r.Probabilities, "Z": r.Z, "memory": r.Bank}
		},
	})
}
