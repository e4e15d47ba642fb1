package contrastive

// Momentum Contrast for Unsupervised Visual Representation Learning, He et al., 1911.05722.
//
// Contrast as looking a word up in a dictionary: the query of one view has to find the key of the other among the keys of
// earlier batches, which wait in a queue. Keys come from a second network that follows the first slowly, so that old keys
// still fit new queries.
//
// Both networks normalise each of `groups` parts of a batch alone, as so many devices do, and keys are made of the batch in
// another order (section 3.3): else the statistics that a query shares with its key would give the key away.

import (
	"errors"
	"fmt"

	"vssl/clips"
	"vssl/methods"
	"vssl/methods/encoder"
	"vssl/methods/memory"
	"vssl/methods/objective"
	"vssl/models"
	"vssl/torch"
)

// MoCoConfig holds the hyperparameters of both versions of MoCo.
type MoCoConfig struct {
	Temperature float64 `yaml:"temperature"` // no unit, > 0; the papers' 0.07 and 0.2
	Queue       int     `yaml:"queue"`       // keys held, >= 1; the papers' 65536
	Momentum    float64 `yaml:"momentum"`    // 0..1, share that the network of the keys keeps of itself a step; the papers' 0.999
	Groups      int     `yaml:"groups"`      // parts of a batch with their own statistics, >= 1; the papers' 8; 1: not shuffled
	Hidden      int     `yaml:"hidden"`      // features of the head's hidden layers, where there are any; the second paper's 2048
	Layers      int     `yaml:"layers"`      // linear maps of the head, >= 1; the papers' 1 and 2
	Output      int     `yaml:"output"`      // features of a query or key; the papers' 128
}

// Validate returns an error that names every value outside its range.
func (c MoCoConfig) Validate() error {
	return errors.Join(methods.Positive("temperature", c.Temperature), methods.AtLeast("queue", c.Queue, 1),
		methods.Share("momentum", c.Momentum), methods.AtLeast("groups", c.Groups, 1), encoder.CheckHead(c.Hidden, c.Layers, c.Output))
}

func moCoDefaults() MoCoConfig {
	return MoCoConfig{Temperature: 0.07, Queue: 65536, Momentum: 0.999, Groups: 8, Hidden: 2048, Layers: 1, Output: 128}
}

func init() {
	methods.Register(methods.Info{
		Name: "moco", Family: "contrastive", Paper: "1911.05722", Medium: methods.Image, Status: methods.Working,
		Title:   "Momentum Contrast for Unsupervised Visual Representation Learning",
		Summary: "a query finds its key in a queue of the keys of earlier batches, made by a network that follows slowly",
	}, moCoDefaults, newMoCo)
}

type moCo struct {
	*encoder.Encoder // of the queries

	keys   *encoder.Follower
	queue  *memory.Queue
	config MoCoConfig
	recipe clips.Recipe
}

var (
	_ methods.Method       = (*moCo)(nil)
	_ methods.HasBackbone  = (*moCo)(nil)
	_ methods.FollowsSteps = (*moCo)(nil)
)

func newMoCo(c MoCoConfig, env methods.Env) (methods.Method, error) {
	if env.Batch%c.Groups != 0 || env.Batch > 0 && env.Batch/c.Groups < 2 {
		return nil, fmt.Errorf("groups is %d, want a number that cuts the batch of %d into equal parts of 2 samples or more",
			c.Groups, env.Batch)
	}
	e, err := encoder.New(env, models.HeadConfig{Hidden: c.Hidden, Out: c.Output, Layers: c.Layers})
	if err != nil {
		return nil, err
	}
	keys, err := encoder.NewFollower(e, memory.TargetConfig{Base: c.Momentum, Final: c.Momentum})
	if err != nil {
		return nil, err
	}
	e.Modules().SetNormGroups(c.Groups)
	queue := memory.NewQueue(e.Modules().Child("queue"), c.Queue, c.Output)
	return &moCo{e, keys, queue, c, encoder.TwoViews(env)}, nil
}

// Recipe is one cut with two views.
func (m *moCo) Recipe() clips.Recipe { return m.recipe }

// Loss is equation 1 of the paper; the batch's keys then take the places of the oldest ones.
func (m *moCo) Loss(s methods.Step, b methods.Batch) (l methods.Losses) {
	m.keys.Begin(s)
	qBD, kBD := m.Project(b.Views[0]), m.shuffled(b.Views[1])
	torch.NoAutocast(func() {
		scoresBK := objective.QueueLogits(qBD, kBD, m.queue.Keys(), m.config.Temperature)
		l = methods.Losses{Total: objective.CandidateEntropy(scoresBK), Features: qBD.Detach(),
			Figures: map[string]*torch.Tensor{"contrast_accuracy": objective.CandidateAccuracy(scoresBK)}}
		m.queue.Push(kBD)
	})
	return l
}

// shuffled makes the keys of a view, each normalised together with other samples than its query.
func (m *moCo) shuffled(view *torch.Tensor) *torch.Tensor {
	if m.config.Groups == 1 {
		return m.keys.Project(view)
	}
	orderB := torch.RandPerm(view.Dim(0), torch.CPU).ToDevice(view.Device())
	backB := orderB.ArgSort(0, false)
	return m.keys.Project(view.IndexSelect(0, orderB)).IndexSelect(0, backB)
}

// AfterStep is equation 2 of the paper.
func (m *moCo) AfterStep(s methods.Step) { m.keys.Update(s) }
