package catalogue

import (
	"vssl/internal/golden"
	"vssl/methods/objective"
	"vssl/torch"
)

// a batch against a queue of keys, or against a slowly moving copy of the network

func init() {
	register(Entry{
		Name: "contrastive.info_nce_queue", About: "InfoNCE against a queue, the loss of MoCo", Paper: "1911.05722",
		Inputs: []Input{
			{"q", "[B, D]", "any length, queries"}, {"k", "[B, D]", "any length, keys"},
			{"queue", "[K, D]", "length 1, one key a row"}, {"ptr", "[1]", "int, place of the oldest key"},
		},
		Params: []Param{{"T", 0.07, "temperature, no unit, > 0"}}, Outputs: "loss logits queue ptr",
		Evaluate: func(c *golden.Case) golden.Outputs {
			r := objective.InfoNCEQueue(c.In("q"), c.In("k"), c.In("queue"), c.In("ptr"), c.Number("T"))
			return golden.Outputs{"loss": r.Loss, "logits": r.Logits, "queue": r.Queue, "ptr": r.Ptr}
		},
	}, Entry{
		Name: "contrastive.unmix", About: "InfoNCE against a queue with mixed images", Paper: "2003.05438",
		Inputs: []Input{
			{"q1", "[B, D]", "any length, query of view 1"}, {"q_mixed", "[B, D]", "any length, query of the mixture"},
			{"k2", "[B, D]", "any length, key of view 2"}, {"queue", "[K, D]", "length 1, one key a row"},
			{"q2", "[B, D]", "when symmetric: query of view 2"}, {"k1", "[B, D]", "when symmetric: key of view 1"},
		},
		Params: []Param{
			{"T", 0.1, "temperature, no unit, > 0"}, {"lam", nil, "0..1, share of the image itself in the mixture"},
			{"symmetric", false, "both directions"},
		},
		Outputs: "loss",
		Evaluate: func(c *golden.Case) golden.Outputs {
			b := objective.UnMixBatch{Q1: c.In("q1"), K2: c.In("k2"), Mixed: c.In("q_mixed"), Queue: c.In("queue")}
			if c.Bool("symmetric") {
				b.Q2, b.K1 = c.In("q2"), c.In("k1")
			}
			return golden.Outputs{"loss": objective.UnMix(b, c.Number("lam"), c.Number("T"))}
		},
	}, Entry{
		Name: "contrastive.clsa", About: "InfoNCE for weak views, their distribution for strong ones", Paper: "2104.07713",
		Inputs: []Input{
			{"q_weak", "[W, B, D]", "any length, queries of weak views"}, {"q_strong", "[S, B, D]", "any length, of strong views"},
			{"k", "[B, D]", "any length, keys"}, {"queue", "[K, D]", "length 1, one key a row"},
		},
		Params: []Param{
			{"T", 0.2, "temperature, no unit, > 0"}, {"T2", 0.2, "temperature of the distributions, no unit, > 0"},
			{"alpha", 1, "weight of the divergence"},
		},
		Outputs: "loss queue", Constant: "the distributions of weak views", Evaluate: clsa,
	}, Entry{
		Name: "contrastive.byol", About: "squared distance of predictions to a target network's projections", Paper: "2006.07733",
		Inputs: []Input{
			{"p1", "[B, D]", "any length, online prediction of view 1"}, {"p2", "[B, D]", "of view 2"},
			{"z1", "[B, D]", "any length, target projection of view 1"}, {"z2", "[B, D]", "of view 2"},
		},
		Outputs: "loss",
		Evaluate: func(c *golden.Case) golden.Outputs {
			return golden.Outputs{"loss": objective.BYOL(c.In("p1"), c.In("p2"), c.In("z1"), c.In("z2"))}
		},
	}, Entry{
		Name: "contrastive.byol.ema", About: "the moving average that BYOL's target network is", Paper: "2006.07733",
		Inputs: []Input{
			{"online", "[S, P]", "online weights at each step"}, {"target", "[P]", "the target's before them"},
		},
		Params: []Param{
			{"base_tau", 0.996, "0..1, share that the target keeps at step 0"}, {"final_tau", 1.0, "0..1, at step max_steps"},
			{"start_step", nil, "step of the first row"}, {"max_steps", nil, "steps of the run, > 0"},
		},
		Outputs: "target tau", Evaluate: average,
	})
}

func clsa(c *golden.Case) golden.Outputs {
	b := objective.CLSABatch{Weak: c.In("q_weak"), Strong: c.In("q_strong"), Keys: c.In("k"), Queue: c.In("queue")}
	config := objective.CLSAConfig{Temperature: c.Number("T"), Distribution: c.Number("T2"), Alpha: c.Number("alpha")}
	loss := objective.CLSA(b, config)
	queue, _ := objective.Enqueue(b.Queue, objective.UnitRows(b.Keys), torch.FromInts([]int{0}, 1))
	return golden.Outputs{"loss": loss, "queue": queue}
}

func average(c *golden.Case) golden.Outputs {
	online, target := c.In("online"), c.In("target").Clone()
	start, steps := c.Int("start_step"), c.Int("max_steps")
	var targets []*torch.Tensor
	var taus []float64
	for s := range online.Dim(0) {
		tau := objective.CosineTau(c.Number("base_tau"), c.Number("final_tau"), start+s, steps)
		objective.WriteAverage(target, online.Select(0, s), tau)
		targets, taus = append(targets, target.Clone()), append(taus, tau)
	}
	return golden.Outputs{"target": torch.Stack(targets, 0), "tau": numbers(taus)}
}
