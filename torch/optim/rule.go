package optim

import "vssl/torch"

// ruleKinds are the shim's numbers of the rules.
var ruleKinds = map[Kind]torch.RuleKind{
	SGD: torch.RuleSGD, Adam: torch.RuleAdam, AdamW: torch.RuleAdamW, LARS: torch.RuleLARS, RMSProp: torch.RuleRMSProp,
}

// rule is the form that the native step takes.
func (c Config) rule(lr float64) torch.Rule {
	return torch.Rule{
		Kind: ruleKinds[c.Kind], LR: lr, Momentum: c.Momentum, Nesterov: c.Nesterov,
		Beta1: c.Beta1, Beta2: c.Beta2, Eps: c.Eps, Alpha: c.Alpha, Eta: c.Eta, Classic: !c.LateTrust,
	}
}
