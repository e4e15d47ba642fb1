package catalogue

import (
	"fmt"

	"vssl/internal/golden"
	"vssl/methods/objective"
	"vssl/torch"
)

// few labels and many pictures without

func init() {
	register(Entry{
		Name: "predictive.s4l_rotation", About: "S4L: labels and rotations together", Paper: "1905.03670",
		Inputs: []Input{
			{"class_logits", "[4*S, C]", "of the four rotations of each labelled picture"}, {"labels", "[S]", "int, classes"},
			{"rot_unsup", "[4*U, 4]", "rotation logits of pictures without labels; may be absent"},
			{"rot_sup", "[4*S, 4]", "of those with labels; may be absent"},
		},
		Params: []Param{{"weight", 1, "of the rotations"}}, Outputs: "loss loss_class loss_rot",
		Evaluate: func(c *golden.Case) golden.Outputs {
			var sets []*torch.Tensor
			for _, name := range []string{"rot_unsup", "rot_sup"} {
				if c.HasIn(name) {
					sets = append(sets, c.In(name))
				}
			}
			r := objective.S4LRotation(c.In("class_logits"), c.In("labels"), c.Number("weight"), sets...)
			return golden.Outputs{"loss": r.Loss, "loss_class": r.Class, "loss_rot": r.Self}
		},
	}, Entry{
		Name: "predictive.s4l_exemplar", About: "S4L: labels and triplets of exemplars together", Paper: "1905.03670",
		Inputs: []Input{
			{"embeddings", "[I*E, D]", "any length"}, {"instance", "[I*E]", "int, which picture a row is a view of"},
			{"class_logits", "[I*E, C]", "of the same rows"}, {"labels", "[I]", "int, classes"},
		},
		Params: []Param{
			{"weight", 1, "of the triplets"}, {"variant", "batch_hard", "batch_hard or semihard"},
			{"margin", 1, "semihard: in squared distance, > 0"},
		},
		Outputs: "loss loss_class loss_triplet",
		Evaluate: func(c *golden.Case) golden.Outputs {
			logits, labels, z, instance := c.In("class_logits"), c.In("labels"), c.In("embeddings"), c.In("instance")
			var r objective.S4LTerms
			switch variant := c.Text("variant"); variant {
			case "batch_hard":
				r = objective.S4LExemplarHard(logits, labels, z, instance, c.Number("weight"))
			case "semihard":
				r = objective.S4LExemplarSemihard(logits, labels, z, instance, c.Number("weight"), c.Number("margin"))
			default:
				panic(fmt.Sprintf("parameter %q is %q, want batch_hard or semihard", "variant", variant))
			}
			return golden.Outputs{"loss": r.Loss, "loss_class": r.Class, "loss_triplet": r.Self}
		},
	}, Entry{
		Name: "predictive.vat", About: "virtual adversarial training of a network of two layers", Paper: "1704.03976",
		Inputs: []Input{
			{"x", "[B, D]", "inputs"}, {"noise", "[B, D]", "first direction"}, {"w1", "[H, D]", "of w2 tanh(w1 x + b1) + b2"},
			{"b1", "[H]", "likewise"}, {"w2", "[C, H]", "likewise"}, {"b2", "[C]", "likewise"},
		},
		Params: []Param{
			{"xi", 10, "length of the trial step, > 0; 1e-6 in S4L"}, {"eps", 1, "length of the perturbation, > 0"},
			{"iterations", 1, "of the power method"}, {"direction", "clean||perturbed", "clean||perturbed or perturbed||clean"},
		},
		Outputs: "loss", Constant: "the clean answer and the perturbation",
		Evaluate: evaluateVAT,
	}, Entry{
		Name: "predictive.entmin", About: "entropy of the classes of pictures without labels", Paper: "NeurIPS 2004",
		Inputs: []Input{{"logits", "[B, C]", "of pictures without labels"}}, Outputs: "loss",
		Evaluate: func(c *golden.Case) golden.Outputs {
			return golden.Outputs{"loss": objective.EntropyMinimisation(c.In("logits"))}
		},
	}, Entry{
		Name: "predictive.pseudo_label", About: "a teacher's classes as labels where it is sure", Paper: "ICML 2013 workshop",
		Inputs:  []Input{{"logits", "[B, C]", "of the student"}, {"teacher", "[B, C]", "logits"}},
		Params:  []Param{{"threshold", 0, "least probability of the teacher's class, 0..1"}},
		Outputs: "loss label mask",
		Evaluate: func(c *golden.Case) golden.Outputs {
			r := objective.PseudoLabel(c.In("logits"), c.In("teacher"), c.Number("threshold"))
			return golden.Outputs{"loss": r.Loss, "label": r.LabelB, "mask": r.MaskB}
		},
	})
}

func evaluateVAT(c *golden.Case) golden.Outputs {
	w1, b1, w2, b2 := c.In("w1"), c.In("b1"), c.In("w2"), c.In("b2")
	network := func(x *torch.Tensor) *torch.Tensor { return torch.Linear(torch.Linear(x, w1, b1).Tanh(), w2, b2) }
	config := objective.VATConfig{Xi: c.Number("xi"), Eps: c.Number("eps"), Iterations: c.Int("iterations")}
	switch direction := c.Text("direction"); direction {
	case "clean||perturbed":
	case "perturbed||clean":
		config.FromPerturbed = true
	default:
		panic(fmt.Sprintf("parameter %q is %q, want clean||perturbed or perturbed||clean", "direction", direction))
	}
	return golden.Outputs{"loss": objective.VAT(network, c.In("x"), c.In("noise"), config)}
}
