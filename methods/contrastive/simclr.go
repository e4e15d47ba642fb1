package contrastive

// A Simple Framework for Contrastive Learning of Visual Representations, Chen et al., 2002.05709.
//
// Two views of a picture attract each other, the views of all other pictures of the batch repel. What makes it work is the
// composition of crop and colour distortion, a head that is dropped after training, and large batches.
//
// Where the paper is silent, the defaults follow the authors' code (google-research/simclr): every linear map of the head is
// without bias and is followed by batch normalisation, the last one by one without a shift.

import (
	"errors"

	"vssl/clips"
	"vssl/methods"
	"vssl/methods/encoder"
	"vssl/methods/objective"
	"vssl/models"
	"vssl/torch"
)

// SimCLRConfig holds the hyperparameters of SimCLR on pictures.
type SimCLRConfig struct {
	Temperature float64 `yaml:"temperature"` // no unit, > 0; the paper's 0.1 (0.5 for CIFAR-10)
	Hidden      int     `yaml:"hidden"`      // features of the head's hidden layers; the paper's 2048
	Layers      int     `yaml:"layers"`      // linear maps of the head, >= 1; the paper's 2
	Output      int     `yaml:"output"`      // features of an embedding; the paper's 128
	Norm        bool    `yaml:"norm"`        // batch normalisation in the head in place of biases; the authors have it
}

// Validate returns an error that names every value outside its range.
func (c SimCLRConfig) Validate() error {
	return errors.Join(methods.Positive("temperature", c.Temperature), encoder.CheckHead(c.Hidden, c.Layers, c.Output))
}

func simCLRDefaults() SimCLRConfig {
	return SimCLRConfig{Temperature: 0.1, Hidden: 2048, Layers: 2, Output: 128, Norm: true}
}

func init() {
	methods.Register(methods.Info{
		Name: "simclr", Family: "contrastive", Paper: "2002.05709", Medium: methods.Image, Default: true, Status: methods.Working,
		Title:   "A Simple Framework for Contrastive Learning of Visual Representations",
		Summary: "two views of a picture, contrasted with all others of the batch by NT-Xent",
	}, simCLRDefaults, newSimCLR)
}

type simCLR struct {
	*encoder.Encoder
	config SimCLRConfig
	recipe clips.Recipe
}

var (
	_ methods.Method      = (*simCLR)(nil)
	_ methods.HasBackbone = (*simCLR)(nil)
)

func newSimCLR(c SimCLRConfig, env methods.Env) (methods.Method, error) {
	e, err := encoder.New(env, models.HeadConfig{
		Hidden: c.Hidden, Out: c.Output, Layers: c.Layers, Norm: c.Norm, NormOut: c.Norm, NoBias: c.Norm})
	if err != nil {
		return nil, err
	}
	return &simCLR{e, c, encoder.TwoViews(env)}, nil
}

// Recipe is one cut with two views.
func (m *simCLR) Recipe() clips.Recipe { return m.recipe }

// Loss is equation 1 of the paper.
func (m *simCLR) Loss(_ methods.Step, b methods.Batch) (l methods.Losses) {
	z1BD, z2BD := m.Embed(b.Views[0], b.Views[1])
	torch.NoAutocast(func() {
		terms := objective.NTXentTerms(z1BD, z2BD, m.config.Temperature)
		l = methods.Losses{Total: terms.Loss, Features: encoder.Both(z1BD, z2BD),
			Figures: map[string]*torch.Tensor{"contrast_accuracy": terms.Accuracy}}
	})
	return l
}
