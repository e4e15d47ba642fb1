package optim

import (
	"errors"
	"fmt"
)

// Kind names an update rule.
type Kind string

// The update rules. Those of PyTorch have its semantics; LARS is that of SimCLR's authors.
const (
	SGD     Kind = "sgd"
	Adam    Kind = "adam"  // weight decay is added to the gradient
	AdamW   Kind = "adamw" // weight decay shrinks the weight directly
	LARS    Kind = "lars"
	RMSProp Kind = "rmsprop"
)

// Kinds lists the update rules.
var Kinds = []Kind{SGD, Adam, AdamW, LARS, RMSProp}

// ParseKind reads the name of an update rule.
func ParseKind(name string) (Kind, error) {
	for _, k := range Kinds {
		if string(k) == name {
			return k, nil
		}
	}
	return "", fmt.Errorf("optimizer %q is not known; one of sgd, adam, adamw, lars, rmsprop", name)
}

// Config holds the numbers of an update rule. Each rule reads its own; a zero Eps, Beta1, Beta2, Alpha or Eta stands for its
// default. The numbers have no unit. The rate is given to [Optimizer.Step].
type Config struct {
	Kind        Kind
	Momentum    float64 // sgd, lars, rmsprop; 0 for none
	Nesterov    bool    // sgd, lars
	WeightDecay float64 // all; a group may have its own
	Beta1       float64 // adam, adamw: decay of the mean, default 0.9
	Beta2       float64 // adam, adamw: decay of the mean square, default 0.999
	Alpha       float64 // rmsprop: decay of the mean square, default 0.99
	Eps         float64 // adam, adamw, rmsprop: added to the root, default 1e-8
	Eta         float64 // lars: trust coefficient, default 0.001
	LateTrust   bool    // lars: the trust ratio scales the momentum's sum, not each gradient
	AdaptAll    bool    // lars: tensors of one dimension get weight decay and the trust ratio too
}

// Validate reports values that no rule can work with.
func (c Config) Validate() error {
	_, err := ParseKind(string(c.Kind))
	bad := func(name string, v float64, ok bool) error {
		if ok {
			return nil
		}
		return fmt.Errorf("optimizer %s: %s is %g, out of range", c.Kind, name, v)
	}
	return errors.Join(err,
		bad("momentum", c.Momentum, c.Momentum >= 0 && c.Momentum < 1),
		bad("weight_decay", c.WeightDecay, c.WeightDecay >= 0),
		bad("beta1", c.Beta1, c.Beta1 >= 0 && c.Beta1 < 1),
		bad("beta2", c.Beta2, c.Beta2 >= 0 && c.Beta2 < 1),
		bad("alpha", c.Alpha, c.Alpha >= 0 && c.Alpha < 1),
		bad("eps", c.Eps, c.Eps >= 0),
		bad("eta", c.Eta, c.Eta >= 0))
}

func orDefault(v, def float64) float64 {
	if v == 0 {
		return def
	}
	return v
}

// withDefaults fills the zero values that stand for defaults.
func (c Config) withDefaults() Config {
	c.Beta1, c.Beta2 = orDefault(c.Beta1, 0.9), orDefault(c.Beta2, 0.999)
	c.Alpha, c.Eta = orDefault(c.Alpha, 0.99), orDefault(c.Eta, 0.001)
	c.Eps = orDefault(c.Eps, 1e-8)
	return c
}

// slots names the state tensors that the rule keeps for each parameter.
func (c Config) slots() []string {
	switch c.Kind {
	case Adam, AdamW:
		return []string{"mean", "square"}
	case RMSProp:
		return []string{"square", "momentum"}
	case LARS:
		return []string{"momentum"}
	case SGD:
		if c.Momentum != 0 {
			return []string{"momentum"}
		}
	}
	return nil
}
