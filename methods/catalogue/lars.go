package catalogue

import (
	"vssl/internal/golden"
	"vssl/torch"
	"vssl/torch/optim"
)

// the optimiser of large batches, as training uses it

func init() {
	register(Entry{
		Name: "contrastive.lars", About: "steps of the LARS optimiser of SimCLR's authors", Paper: "1708.03888",
		Inputs: []Input{
			{"weight", "[O, I]", "before the first step"}, {"bias", "[O]", "before the first step"},
			{"grads_weight", "[S, O, I]", "gradient at each step"}, {"grads_bias", "[S, O]", "gradient at each step"},
		},
		Params: []Param{
			{"lr", nil, "rate"}, {"momentum", 0.9, "0..1, 1 not included"}, {"weight_decay", 0, ">= 0"},
			{"eta", 0.001, "trust coefficient, > 0"},
			{"classic_momentum", true, "the trust ratio scales each gradient; false: the momentum's sum"},
			{"nesterov", false, "the gradient ahead"},
			{"exclude_1d", true, "no weight decay and no trust ratio for tensors of one dimension"},
		},
		Outputs: "weight bias", Evaluate: lars,
	})
}

func lars(c *golden.Case) golden.Outputs {
	names := []string{"weight", "bias"}
	group := optim.Group{Names: names}
	grads, steps := map[string]*torch.Tensor{}, map[string][]*torch.Tensor{}
	for _, n := range names {
		group.Params = append(group.Params, c.In(n).Clone().RequireGrad(true))
		grads[n] = c.In("grads_" + n)
	}
	o := optim.New(optim.Config{
		Kind: optim.LARS, Momentum: c.Number("momentum"), WeightDecay: c.Number("weight_decay"), Eta: c.Number("eta"),
		LateTrust: !c.Bool("classic_momentum"), Nesterov: c.Bool("nesterov"), AdaptAll: !c.Bool("exclude_1d"),
	}, []optim.Group{group})
	defer o.Close()
	for s := range grads["weight"].Dim(0) {
		for i, n := range names {
			group.Params[i].SetGrad(grads[n].Select(0, s))
		}
		o.Step(c.Number("lr"))
		for i, n := range names {
			steps[n] = append(steps[n], group.Params[i].Detach().Clone())
		}
	}
	return golden.Outputs{"weight": torch.Stack(steps["weight"], 0), "bias": torch.Stack(steps["bias"], 0)}
}
