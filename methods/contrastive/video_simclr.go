package contrastive

// SimCLR on clips: A Simple Framework for Contrastive Learning of Visual Representations, Chen et al., 2002.05709.
//
// Two views of the same clip attract each other, views of other clips repel. The views differ in nothing but their
// augmentation, which is drawn once a clip and held over its frames.

import (
	"errors"

	"vssl/clips"
	"vssl/methods"
	"vssl/methods/encoder"
	"vssl/methods/objective"
	"vssl/models"
	"vssl/torch"
)

// VideoSimCLRConfig holds the hyperparameters of SimCLR.
type VideoSimCLRConfig struct {
	Temperature float64 `yaml:"temperature"` // no unit, > 0; the paper's 0.1
	Hidden      int     `yaml:"hidden"`      // features of the head's hidden layer; the paper's 2048
	Layers      int     `yaml:"layers"`      // linear maps of the head, >= 1; the paper's 2
	Output      int     `yaml:"output"`      // features of an embedding; the paper's 128
}

// Validate returns an error that names every value outside its range.
func (c VideoSimCLRConfig) Validate() error {
	return errors.Join(encoder.CheckHead(c.Hidden, c.Layers, c.Output), methods.Positive("temperature", c.Temperature))
}

func videoSimCLRDefaults() VideoSimCLRConfig {
	return VideoSimCLRConfig{Temperature: 0.1, Hidden: 2048, Layers: 2, Output: 128}
}

func init() {
	methods.Register(methods.Info{
		Name: "video-simclr", Family: "contrastive", Paper: "2002.05709", Status: methods.Experimental,
		Title:   "A Simple Framework for Contrastive Learning of Visual Representations",
		Summary: "two views of one clip, augmented alike over time, contrasted by NT-Xent",
	}, videoSimCLRDefaults, newVideoSimCLR)
}

type videoSimCLR struct {
	*encoder.Encoder
	config VideoSimCLRConfig
	recipe clips.Recipe
}

var (
	_ methods.Method      = (*videoSimCLR)(nil)
	_ methods.HasBackbone = (*videoSimCLR)(nil)
)

func newVideoSimCLR(c VideoSimCLRConfig, env methods.Env) (methods.Method, error) {
	e, err := encoder.New(env, models.HeadConfig{Hidden: c.Hidden, Out: c.Output, Layers: c.Layers, Norm: true})
	if err != nil {
		return nil, err
	}
	return &videoSimCLR{e, c, encoder.TwoViews(env)}, nil
}

// Recipe is one cut with two views.
func (m *videoSimCLR) Recipe() clips.Recipe { return m.recipe }

// Loss is equation 1 of the paper.
func (m *videoSimCLR) Loss(_ methods.Step, b methods.Batch) (l methods.Losses) {
	z1BD, z2BD := m.Embed(b.Views[0], b.Views[1])
	torch.NoAutocast(func() {
		l = methods.Losses{Total: objective.NTXent(z1BD, z2BD, m.config.Temperature), Features: encoder.Both(z1BD, z2BD)}
	})
	return l
}
