package catalogue

import (
	"strings"

	"vssl/internal/golden"
	"vssl/models"
	"vssl/models/nn"
	"vssl/torch"
)

// network is an entry about a network with weights made by rule.
type network struct {
	name, about, paper string
	x                  string // shape of the input
	params             []Param
	outputs            string // names; the case is differentiated through the first of them that has the shape of in.proj
	// single evaluates in float32, for a network whose weights and gradients take a gigabyte in float64. Training gradients of
	// deep networks need float64: these weights make the variance of some channels tiny, and rounding moves the norms by 1 %.
	single bool
	// build registers the network in n.
	build builder
}

// entry adds what all networks have in common.
func (w network) entry() Entry {
	mode := Param{"mode", "eval", "eval: running statistics, train: those of the batch; no dropout in either"}
	return Entry{
		Name: "networks." + w.name, About: w.about, Paper: w.paper,
		Inputs: []Input{{"x", w.x, "any values"},
			{"proj", "[...]", "of the shape of an output: the loss is the sum of their products"}},
		Params:   append([]Param{mode}, w.params...),
		Outputs:  "loss gradnorm gradnorm_x log_gradnorm log_gradnorm_x buffernorm " + w.outputs,
		Single:   w.single,
		Evaluate: w.evaluate,
	}
}

// evaluate builds the network, answers the case and frees the network.
func (w network) evaluate(c *golden.Case) golden.Outputs {
	scope := torch.NewScope()
	defer scope.Close()
	root := nn.NewRoot(scope)
	var forward golden.Forward
	torch.In(func(*torch.Scope) {
		var err error
		if forward, err = w.build(c, root); err != nil {
			panic(err)
		}
	})
	golden.Fill(models.Tensors(root))
	root.ToType(c.Float)
	switch mode := c.Text("mode"); mode {
	case "eval":
		root.SetTraining(false)
	case "train":
	default:
		panic(`mode is "` + mode + `", want eval or train`)
	}
	return c.RunNetwork(models.Tensors(root), forward, strings.Fields(w.outputs)...)
}

// registerNetworks adds entries; it is called from init functions.
func registerNetworks(list ...network) {
	for _, w := range list {
		register(w.entry())
	}
}
