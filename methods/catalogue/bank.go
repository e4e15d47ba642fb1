package catalogue

import (
	"fmt"

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
	}, Entry{
		Name: "contrastive.crd", About: "student and teacher by NCE against each other's banks", Paper: "1910.10699",
		Inputs: append([]Input{
			{"v_s", "[B, D]", "length 1, student"}, {"v_t", "[B, D]", "length 1, teacher"},
			{"memory_s", "[N, D]", "bank of the student"}, {"memory_t", "[N, D]", "bank of the teacher"},
		}, candidateInputs...),
		Params: append([]Param{
			{"Z_s", -1, "constant of the student's scores; below 0 to estimate it"}, {"Z_t", -1, "that of the teacher's"},
		}, crossedParams...),
		Outputs: "loss Z_s Z_t memory_s memory_t", Constant: "Z",
		Evaluate: func(c *golden.Case) golden.Outputs {
			return crossed(c, [2]string{"v_s", "v_t"}, [2]string{"s", "t"}, false)
		},
	}, Entry{
		Name: "contrastive.cmc", About: "two views of an image against each other's banks", Paper: "1906.05849",
		Inputs: append([]Input{
			{"l", "[B, D]", "length 1, lightness"}, {"ab", "[B, D]", "length 1, colour"},
			{"memory_l", "[N, D]", "bank of lightness"}, {"memory_ab", "[N, D]", "bank of colour"},
		}, candidateInputs...),
		Params: append([]Param{
			{"softmax", false, "cross-entropy over the candidates rather than NCE"},
			{"Z_l", -1, "constant of the scores of l; below 0 to estimate it"}, {"Z_ab", -1, "that of ab"},
		}, crossedParams...),
		Outputs: "loss Z_l Z_ab memory_l memory_ab", Constant: "Z, unless softmax",
		Evaluate: func(c *golden.Case) golden.Outputs {
			return crossed(c, [2]string{"l", "ab"}, [2]string{"l", "ab"}, c.Bool("softmax"))
		},
	}, Entry{
		Name: "contrastive.pirl", About: "patches and images against a bank of images", Paper: "1912.01991",
		Inputs: []Input{
			{"patches", "[B, D]", "any length, of the transformed image"}, {"images", "[B, D]", "any length"},
			{"indices", "[B]", "int, bank row of each sample"},
			{"noise_patches", "[B, K]", "int, bank rows drawn for the patches"},
			{"noise_images", "[B, K]", "int, bank rows drawn for the images"},
			{"memory", "[N, D]", "length 1, the bank of images"},
		},
		Params: []Param{
			{"K", 32000, "columns of noise; the input's shape counts"},
			{"temperature", 0.07, "no unit, > 0"},
			{"momentum", 0.5, "0..1, share of the old bank row"},
			{"Z", -1, "the constant, > 0; below 0 to estimate it from the patches"},
			{"loss_weights", []float64{0.5, 0.5}, "of patches and images"},
			{"loss_type", "nce", "nce or cross_entropy"},
		},
		Outputs: "loss memory Z", Constant: "Z, with nce", Evaluate: pirl,
	}, Entry{
		Name: "contrastive.okd_mcl", About: "branches of a network against each other's banks, with an ensemble", Paper: "2006.04093",
		Inputs: append([]Input{
			{"embeddings", "[V, B, D]", "length 1, by branch"}, {"logits", "[V, B, C]", "by branch"},
			{"labels", "[B]", "int, classes"}, {"memory", "[V, N, D]", "a bank a branch"},
		}, candidateInputs...),
		Params: []Param{
			{"K", 16384, "candidates less one; the input's shape counts"},
			{"T", 0.1, "temperature of the contrast, no unit, > 0"},
			{"momentum", 0.5, "0..1, share of the old bank row"},
			{"kd_T", 3, "temperature of the ensemble, no unit, > 0"},
			{"gamma", 1, "weight of the classes"}, {"alpha", 1, "weight of the ensemble"}, {"beta", 0.025, "weight of the contrast"},
		},
		Outputs: "loss loss_cls loss_div loss_mcl memory", Constant: "Z and the ensemble",
		Evaluate: mutual,
	}, Entry{
		Name: "contrastive.local_aggregation", About: "close against background rows of a bank, by clusterings", Paper: "1903.12355",
		Inputs: []Input{
			{"features", "[B, D]", "any length"}, {"indices", "[B]", "int, bank row of each sample"},
			{"memory", "[N, D]", "length 1, the bank"}, {"cluster_labels", "[M, N]", "int, M clusterings of the bank"},
		},
		Params: []Param{
			{"k", 4096, "background rows a sample"}, {"t", 0.07, "temperature, no unit, > 0"},
			{"m", 0.5, "0..1, share of the old bank row"},
		},
		Outputs: "loss new_memory",
		Evaluate: func(c *golden.Case) golden.Outputs {
			loss, rows := objective.LocalAggregation(c.In("features"), c.In("indices"), c.In("memory"), c.In("cluster_labels"),
				objective.AggregationConfig{Background: c.Int("k"), Temperature: c.Number("t"), Momentum: c.Number("m")})
			return golden.Outputs{"loss": loss, "new_memory": rows}
		},
	})
}

var candidateInputs = []Input{
	{"indices", "[B]", "int, bank row of each sample"},
	{"contrast_idx", "[B, 1+K]", "int, bank rows; column 0 equals indices"},
}

var crossedParams = []Param{
	{"K", 16384, "candidates less one; the input's shape counts"},
	{"T", 0.07, "temperature, no unit, > 0"},
	{"momentum", 0.5, "0..1, share of the old bank row"},
}

func candidates(c *golden.Case) objective.Candidates {
	return objective.Candidates{Indices: c.In("indices"), Rows: c.In("contrast_idx")}
}

// crossed answers for two features whose banks and constants end in the given names.
func crossed(c *golden.Case, features, ends [2]string, softmax bool) golden.Outputs {
	var views [2]objective.BankView
	for i, end := range ends {
		views[i] = objective.BankView{Features: c.In(features[i]), Bank: c.In("memory_" + end), Z: c.Number("Z_" + end)}
	}
	r := objective.Crossed(views[0], views[1], candidates(c),
		objective.CrossedConfig{Temperature: c.Number("T"), Momentum: c.Number("momentum"), Softmax: softmax})
	out := golden.Outputs{"loss": r.Loss, "memory_" + ends[0]: r.Bank1ND, "memory_" + ends[1]: r.Bank2ND}
	if !softmax {
		out["Z_"+ends[0]], out["Z_"+ends[1]] = r.ZFirst, r.ZSecond
	}
	return out
}

func pirl(c *golden.Case) golden.Outputs {
	weights := c.Numbers("loss_weights")
	if len(weights) != 2 {
		panic(fmt.Sprintf("loss_weights has %d values, want 2", len(weights)))
	}
	r := objective.PIRL(objective.PIRLBatch{
		Patches: c.In("patches"), Images: c.In("images"), Bank: c.In("memory"),
		Indices: c.In("indices"), NoisePatches: c.In("noise_patches"), NoiseImages: c.In("noise_images"),
	}, objective.PIRLConfig{
		Temperature: c.Number("temperature"), Momentum: c.Number("momentum"), Z: c.Number("Z"),
		PatchesWeight: weights[0], ImagesWeight: weights[1],
		Softmax: oneOf(c, "loss_type", "nce", "cross_entropy") == "cross_entropy",
	})
	out := golden.Outputs{"loss": r.Loss, "memory": r.Bank}
	if r.Z != nil {
		out["Z"] = r.Z
	}
	return out
}

func mutual(c *golden.Case) golden.Outputs {
	r := objective.Mutual(objective.MutualBatch{
		Embeddings: c.In("embeddings"), Logits: c.In("logits"), Labels: c.In("labels"), Banks: c.In("memory"),
	}, candidates(c), objective.MutualConfig{
		Temperature: c.Number("T"), Momentum: c.Number("momentum"), DistillTemperature: c.Number("kd_T"),
		Gamma: c.Number("gamma"), Alpha: c.Number("alpha"), Beta: c.Number("beta"),
	})
	return golden.Outputs{
		"loss": r.Loss, "loss_cls": r.Class, "loss_div": r.Ensemble, "loss_mcl": r.Contrast, "memory": r.Banks,
	}
}
