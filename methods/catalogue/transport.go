package catalogue

import (
	"context"
	"fmt"
	"slices"

	"vssl/internal/golden"
	"vssl/methods/objective"
	"vssl/torch"
)

// self-labelling by optimal transport: SwAV and SeLa

var (
	epsilonParam    = Param{"epsilon", 0.05, "weight of the codes' entropy, no unit, > 0"}
	iterationsParam = Param{"iterations", 3, "of the codes' normalisation"}
	swavParams      = []Param{
		{"temperature", 0.1, "of the predictions, no unit, > 0"}, epsilonParam, iterationsParam,
		{"crops_for_assign", []int{0, 1}, "crops whose codes the others predict"},
		{"global_crops", 2, "views of large crops, first in z"}, {"local_crops", 0, "views of small crops"},
	}
	swavInputs = []Input{
		{"z", "[crops * B, D]", "any length, crop by crop"}, {"prototypes", "[K, D]", "unit rows"},
	}
	checkParam = Param{"check_every", 10, "passes from one look at the tolerance to the next"}
	noptsParam = Param{"nopts", 100, "how often labels are computed"}
)

func init() {
	register(Entry{
		Name: "clustering.sinkhorn_swav", About: "soft codes that use all prototypes alike", Paper: "2006.09882",
		Inputs: []Input{{"scores", "[B, K]", "cosines with the prototypes"}},
		Params: []Param{epsilonParam, iterationsParam}, Outputs: "codes",
		Evaluate: func(c *golden.Case) golden.Outputs {
			return golden.Outputs{"codes": objective.SinkhornCodes(c.In("scores"), c.Number("epsilon"), c.Int("iterations"))}
		},
	}, Entry{
		Name: "clustering.swav", About: "SwAV: codes of one crop predicted from the others", Paper: "2006.09882",
		Inputs: swavInputs, Params: swavParams, Outputs: "loss codes", Constant: "the codes", Evaluate: swav,
	}, Entry{
		Name: "clustering.swav_queue", About: "SwAV with a queue of earlier embeddings", Paper: "2006.09882",
		Inputs: append(slices.Clone(swavInputs), Input{"queue", "[assigning crops, L, D]", "unit rows, newest first"}),
		Params: swavParams, Outputs: "loss codes queue", Constant: "the codes", Evaluate: swav,
	}, Entry{
		Name: "clustering.sinkhorn_sela", About: "SeLa's labels by optimal transport", Paper: "1911.05371",
		Inputs: []Input{{"log_probs", "[N, K]", "logarithms of a softmax"}},
		Params: []Param{
			{"lamb", 10, "power of the probabilities, no unit, > 0; 25 for ImageNet"},
			{"tol", 0.01, "sum of relative changes to stop at; 0.1 for ImageNet"}, checkParam,
		},
		Outputs: "labels cost iterations plan", Evaluate: sinkhornSeLa,
	}, Entry{
		Name: "clustering.sela.multi_head", About: "SeLa's loss over several heads", Paper: "1911.05371",
		Inputs: []Input{
			{"logits", "[H, B, K]", "of each head"}, {"labels", "[H, N]", "int, 0..K-1"},
			{"indices", "[B]", "int, data that the batch holds"},
		},
		Outputs: "loss",
		Evaluate: func(c *golden.Case) golden.Outputs {
			labelsHB := c.In("labels").IndexSelect(1, c.In("indices"))
			return golden.Outputs{"loss": objective.SeLaLoss(c.In("logits"), labelsHB)}
		},
	}, Entry{
		Name: "clustering.sela.schedule", About: "when SeLa computes its labels", Paper: "1911.05371",
		Inputs:  []Input{{"num_images", "[1]", "int, size of the data set"}},
		Params:  []Param{{"epochs", nil, "of training"}, noptsParam, {"batch_size", nil, "images an iteration"}},
		Outputs: "schedule steps",
		Evaluate: func(c *golden.Case) golden.Outputs {
			s := objective.NewSeLaSchedule(c.Ints("num_images")[0], c.Int("batch_size"), c.Int("epochs"), c.Int("nopts"))
			return golden.Outputs{"schedule": numbers(s.Times), "steps": numbers(s.At())}
		},
	})
}

// swav answers with a queue where the case brings one.
func swav(c *golden.Case) golden.Outputs {
	var queue *torch.Tensor
	if c.HasIn("queue") {
		queue = c.In("queue")
	}
	r := objective.SwAV(c.In("z"), c.In("prototypes"), queue, objective.SwAVConfig{
		Temperature: c.Number("temperature"), Epsilon: c.Number("epsilon"), Iterations: c.Int("iterations"),
		Crops: c.Int("global_crops") + c.Int("local_crops"), Assign: c.IntList("crops_for_assign"),
	})
	outputs := golden.Outputs{"loss": r.Loss, "codes": r.Codes}
	if queue != nil {
		outputs["queue"] = r.Queue
	}
	return outputs
}

func sinkhornSeLa(c *golden.Case) golden.Outputs {
	rows := objective.MatrixRows(c.In("log_probs"))
	r := transported(rows, objective.TransportConfig{
		Power: c.Number("lamb"), Tolerance: c.Number("tol"), CheckEvery: c.Int("check_every"),
	})
	n, _ := rows.Size()
	return golden.Outputs{
		"labels": numbers(r.Labels), "cost": one(r.Cost), "iterations": one(r.Passes), "plan": r.Plan(rows, 0, n),
	}
}

// transported panics with what went wrong, which the check of a case reports.
func transported(rows objective.LogRows, c objective.TransportConfig) objective.TransportResult {
	r, err := objective.Transport(context.Background(), rows, c)
	if err != nil {
		panic(fmt.Sprint(err))
	}
	return r
}
