package contrastive

// Spatiotemporal Contrastive Video Representation Learning, Qian et al., 2008.03800.
//
// Two clips of one video attract each other, clips of other videos repel. The distance in time between the two is drawn
// from a density that falls with the distance, since clips far apart may show different things; augmentations are drawn
// once a clip and held over its frames, so that motion survives; the network is a 3D ResNet.
//
// Where the paper is silent, the defaults follow the authors' code (tensorflow/models, official/projects/video_ssl): the
// depth and the normalisation of the head, and blur and solarisation that differ between the two views.

import (
	"errors"

	"vssl/clips"
	"vssl/methods"
	"vssl/methods/encoder"
	"vssl/methods/objective"
	"vssl/models"
	"vssl/torch"
)

// CVRLConfig holds the hyperparameters of CVRL.
type CVRLConfig struct {
	Temperature float64        `yaml:"temperature"` // no unit, > 0; the paper's 0.1
	Hidden      int            `yaml:"hidden"`      // features of the head's hidden layers; the paper's 2048
	Layers      int            `yaml:"layers"`      // linear maps of the head, >= 1; the authors' 4
	Output      int            `yaml:"output"`      // features of an embedding; the paper's 128
	Normalize   bool           `yaml:"normalize"`   // bring embeddings to length 1; the paper does
	Interval    clips.Interval `yaml:"interval"`    // law of the distance between the clips; the paper's linear
	Blur        [2]float64     `yaml:"blur"`        // probability by view, in place of augment.blur.p; the authors' 1 and 0.1
	Solarize    [2]float64     `yaml:"solarize"`    // probability by view, in place of augment.solarize.p; the authors' 0 and 0.2
	Consistent  bool           `yaml:"consistent"`  // false: the paper's ablation that augments every frame anew
	Inflated    bool           `yaml:"inflated"`    // the paper's baseline: SimCLR on single frames, as clips of one frame
}

// Validate returns an error that names every value outside its range.
func (c CVRLConfig) Validate() error {
	return errors.Join(methods.Positive("temperature", c.Temperature), methods.Probabilities("blur", c.Blur[:]...),
		methods.Probabilities("solarize", c.Solarize[:]...), encoder.CheckHead(c.Hidden, c.Layers, c.Output), c.Interval.Validate())
}

func cvrlDefaults() CVRLConfig {
	return CVRLConfig{
		Temperature: 0.1, Hidden: 2048, Layers: 4, Output: 128, Normalize: true,
		Interval: clips.Linear, Blur: [2]float64{1, 0.1}, Solarize: [2]float64{0, 0.2}, Consistent: true,
	}
}

func init() {
	methods.Register(methods.Info{
		Name: "cvrl", Family: "contrastive", Paper: "2008.03800", Default: true, Status: methods.Working,
		Title:   "Spatiotemporal Contrastive Video Representation Learning",
		Summary: "two clips of a video at a distance drawn to be short, augmented alike over time, contrasted by NT-Xent",
	}, cvrlDefaults, newCVRL)
}

// hiddenMomentum is the share of a batch in the running statistics of the authors' head.
const hiddenMomentum = 0.003

type cvrl struct {
	*encoder.Encoder
	config CVRLConfig
	recipe clips.Recipe
}

var (
	_ methods.Method      = (*cvrl)(nil)
	_ methods.HasBackbone = (*cvrl)(nil)
)

func newCVRL(c CVRLConfig, env methods.Env) (methods.Method, error) {
	e, err := encoder.New(env, models.HeadConfig{
		Hidden: c.Hidden, Out: c.Output, Layers: c.Layers, Norm: true, NormMomentum: hiddenMomentum})
	if err != nil {
		return nil, err
	}
	r := clips.Pair(env.Clip.Frames, env.Clip.Stride, env.Augment)
	r.Interval = c.Interval
	if c.Inflated {
		r.Frames, r.Stride, r.Interval = 1, 1, clips.Zero
	}
	for i := range r.Views {
		a := &r.Views[i].Augment
		a.Blur.P, a.Solarize.P = c.Blur[i], c.Solarize[i]
		a.PerFrame = a.PerFrame || !c.Consistent
	}
	return &cvrl{e, c, r}, nil
}

// Recipe is two cuts of a video with one view each.
func (m *cvrl) Recipe() clips.Recipe { return m.recipe }

// Loss is equation 1 of the paper, summed over its two directions.
func (m *cvrl) Loss(_ methods.Step, b methods.Batch) (l methods.Losses) {
	z1BD, z2BD := m.Embed(b.Views[0], b.Views[1])
	torch.NoAutocast(func() {
		terms := objective.CVRL(z1BD, z2BD, m.config.Temperature, m.config.Normalize)
		l = methods.Losses{Total: terms.Loss, Features: encoder.Both(z1BD, z2BD), Figures: map[string]*torch.Tensor{
			"contrast_accuracy": terms.Accuracy, "contrast_entropy": terms.Entropy}}
	})
	return l
}
