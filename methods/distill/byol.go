package distill

// Bootstrap Your Own Latent: A New Approach to Self-Supervised Learning, Grill et al., 2006.07733.
//
// Without negatives: from one view the network predicts what a slow copy of itself, the target, makes of the other view. That
// it does not collapse hangs on the predictor, which the target has not, and on the target's slowness.
//
// Where the paper is silent, the defaults follow the authors' code (deepmind-research/byol): each view has batch statistics of
// its own.

import (
	"errors"

	"vssl/clips"
	"vssl/methods"
	"vssl/methods/encoder"
	"vssl/methods/memory"
	"vssl/methods/objective"
	"vssl/models"
	"vssl/models/nn"
	"vssl/torch"
)

// BYOLConfig holds the hyperparameters of BYOL.
type BYOLConfig struct {
	Momentum float64    `yaml:"momentum"` // 0..1, share that the target keeps of itself at the first step; the paper's 0.996
	Final    float64    `yaml:"final"`    // 0..1, at the last step, along a cosine; the paper's 1
	Hidden   int        `yaml:"hidden"`   // features of the hidden layer of head and predictor; the paper's 4096
	Output   int        `yaml:"output"`   // features of projection and prediction; the paper's 256
	Blur     [2]float64 `yaml:"blur"`     // probability by view, in place of augment.blur.p; the paper's 1 and 0.1
	Solarize [2]float64 `yaml:"solarize"` // probability by view, in place of augment.solarize.p; the paper's 0 and 0.2
}

// Validate returns an error that names every value outside its range.
func (c BYOLConfig) Validate() error {
	return errors.Join(methods.Share("momentum", c.Momentum), methods.Share("final", c.Final),
		methods.AtLeast("hidden", c.Hidden, 1), methods.AtLeast("output", c.Output, 1),
		methods.Probabilities("blur", c.Blur[:]...), methods.Probabilities("solarize", c.Solarize[:]...))
}

func byolDefaults() BYOLConfig {
	return BYOLConfig{Momentum: 0.996, Final: 1, Hidden: 4096, Output: 256, Blur: [2]float64{1, 0.1}, Solarize: [2]float64{0, 0.2}}
}

func init() {
	methods.Register(methods.Info{
		Name: "byol", Family: "distill", Paper: "2006.07733", Medium: methods.Image, Status: methods.Working,
		Title:   "Bootstrap Your Own Latent: A New Approach to Self-Supervised Learning",
		Summary: "one view predicts what a slow copy of the network makes of the other; no negatives",
	}, byolDefaults, newBYOL)
}

type byol struct {
	*encoder.Encoder
	predictor nn.Layer
	target    *encoder.Follower
	recipe    clips.Recipe
}

var (
	_ methods.Method       = (*byol)(nil)
	_ methods.HasBackbone  = (*byol)(nil)
	_ methods.FollowsSteps = (*byol)(nil)
)

func newBYOL(c BYOLConfig, env methods.Env) (methods.Method, error) {
	head := models.HeadConfig{Hidden: c.Hidden, Out: c.Output, Layers: 2, Norm: true, NoBias: true}
	e, err := encoder.New(env, head)
	if err != nil {
		return nil, err
	}
	target, err := encoder.NewFollower(e, memory.TargetConfig{Base: c.Momentum, Final: c.Final})
	if err != nil {
		return nil, err
	}
	head.In = c.Output
	predictor := models.NewMLPHead(e.Modules().Child("predictor"), head)
	r := encoder.TwoViews(env)
	for i := range r.Views {
		r.Views[i].Augment.Blur.P, r.Views[i].Augment.Solarize.P = c.Blur[i], c.Solarize[i]
	}
	return &byol{e, predictor, target, r}, nil
}

// Recipe is one cut with two views, augmented differently.
func (m *byol) Recipe() clips.Recipe { return m.recipe }

// Loss is equation 2 of the paper in both directions, each view predicting the other.
func (m *byol) Loss(s methods.Step, b methods.Batch) (l methods.Losses) {
	m.target.Begin(s)
	online1BD, predicted1BD := m.predict(b.Views[0])
	online2BD, predicted2BD := m.predict(b.Views[1])
	target1BD, target2BD := m.target.Project(b.Views[0]), m.target.Project(b.Views[1])
	torch.NoAutocast(func() {
		l = methods.Losses{
			Total:    objective.BYOL(predicted1BD, predicted2BD, target1BD, target2BD),
			Features: encoder.Both(online1BD, online2BD),
		}
	})
	return l
}

// predict projects a view and predicts the other's projection from it, both [B, D] float32.
func (m *byol) predict(view *torch.Tensor) (zBD, predictedBD *torch.Tensor) {
	zBD = m.Project(view)
	return zBD, m.predictor.Forward(zBD).To(torch.Float32)
}

// AfterStep moves the target.
func (m *byol) AfterStep(s methods.Step) { m.target.Update(s) }
