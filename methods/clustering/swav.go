package clustering

// Unsupervised Learning of Visual Features by Contrasting Cluster Assignments, Caron et al., 2006.09882.
//
// Each crop of a picture has to predict to which prototypes another crop of it was assigned. Assignments are computed online
// by optimal transport, so that all prototypes are used alike; besides two large crops there are small ones, which cost little
// and predict the large ones' assignments only.
//
// Where the paper is silent, the defaults follow the authors' code (facebookresearch/swav) for 200 epochs at a batch of 256.

import (
	"errors"
	"fmt"

	"vssl/clips"
	"vssl/methods"
	"vssl/methods/encoder"
	"vssl/methods/objective"
	"vssl/models"
	"vssl/models/nn"
	"vssl/torch"
)

// Crop is a kind of view: so many crops of one size.
type Crop struct {
	Views int        `yaml:"views"`      // crops a sample, >= 1
	Size  int        `yaml:"size"`       // height and width in pixels; 0 is augment.size
	Scale [2]float64 `yaml:"scale,flow"` // area as a share of the picture, 0 < low <= high <= 1
}

// SwAVConfig holds the hyperparameters of SwAV.
type SwAVConfig struct {
	Crops       []Crop  `yaml:"crops"`       // in the order in which they are numbered; the paper's 2 at 224 pixels and 6 at 96
	Assign      []int   `yaml:"assign,flow"` // crops whose assignments the others predict; the paper's two large ones
	Hidden      int     `yaml:"hidden"`      // features of the head's hidden layer; the paper's 2048
	Output      int     `yaml:"output"`      // features of an embedding; the paper's 128
	Prototypes  int     `yaml:"prototypes"`  // the paper's 3000
	Temperature float64 `yaml:"temperature"` // of the predictions, no unit, > 0; the paper's 0.1
	Epsilon     float64 `yaml:"epsilon"`     // of the assignments, no unit, > 0: the smaller, the harder; the paper's 0.05
	Iterations  int     `yaml:"iterations"`  // of the assignments, >= 1; the paper's 3
	Queue       int     `yaml:"queue"`       // embeddings of earlier batches that are assigned with each large crop's; 0 for none
	QueueEpoch  int     `yaml:"queue_epoch"` // epoch in which the queue begins to fill; the authors' 15
	Freeze      int     `yaml:"freeze"`      // optimiser steps in which prototypes stay; the authors' 5005, an epoch of ImageNet
}

// Validate returns an error that names every value outside its range.
func (c SwAVConfig) Validate() error {
	errs := []error{methods.Positive("temperature", c.Temperature), methods.Positive("epsilon", c.Epsilon)}
	for _, size := range []struct {
		name         string
		value, least int
	}{
		{"hidden", c.Hidden, 1}, {"output", c.Output, 1}, {"prototypes", c.Prototypes, 2}, {"iterations", c.Iterations, 1},
		{"queue", c.Queue, 0}, {"queue_epoch", c.QueueEpoch, 0}, {"freeze", c.Freeze, 0}, {"number of crops", c.views(), 2},
		{"number of assign", len(c.Assign), 1},
	} {
		errs = append(errs, methods.AtLeast(size.name, size.value, size.least))
	}
	for i, crop := range c.Crops {
		name := fmt.Sprintf("crops[%d].", i)
		errs = append(errs, methods.AtLeast(name+"views", crop.Views, 1), methods.AtLeast(name+"size", crop.Size, 0))
		if s := crop.Scale; !(s[0] > 0 && s[0] <= s[1] && s[1] <= 1) {
			errs = append(errs, fmt.Errorf("%sscale is %v, want 0 < low <= high <= 1", name, s))
		}
	}
	for _, a := range c.Assign {
		if a < 0 || a >= c.views() {
			errs = append(errs, fmt.Errorf("assign has crop %d of %d, want 0 to %d", a, c.views(), c.views()-1))
		}
	}
	return errors.Join(errs...)
}

// views is the number of crops a sample.
func (c SwAVConfig) views() (n int) {
	for _, crop := range c.Crops {
		n += crop.Views
	}
	return n
}

func swavDefaults() SwAVConfig {
	return SwAVConfig{
		Crops:  []Crop{{Views: 2, Scale: [2]float64{0.14, 1}}, {Views: 6, Size: 96, Scale: [2]float64{0.05, 0.14}}},
		Assign: []int{0, 1}, Hidden: 2048, Output: 128, Prototypes: 3000, Temperature: 0.1, Epsilon: 0.05, Iterations: 3,
		Queue: 3840, QueueEpoch: 15, Freeze: 5005,
	}
}

func init() {
	methods.Register(methods.Info{
		Name: "swav", Medium: methods.Image, Family: "clustering", Paper: "2006.09882", Status: methods.Working,
		Title:   "Unsupervised Learning of Visual Features by Contrasting Cluster Assignments",
		Summary: "crops of a picture, large and small, predict to which prototypes its large crops are assigned",
	}, swavDefaults, newSwAV)
}

type swav struct {
	*encoder.Encoder
	prototypes *nn.Entry // [K, D], rows of norm 1
	queue      *nn.Entry // [A, L, D], newest first, zeros where nothing was put yet; nil without a queue
	config     SwAVConfig
	recipe     clips.Recipe
}

var (
	_ methods.Method       = (*swav)(nil)
	_ methods.HasBackbone  = (*swav)(nil)
	_ methods.FollowsSteps = (*swav)(nil)
)

func newSwAV(c SwAVConfig, env methods.Env) (methods.Method, error) {
	if c.Queue > 0 && c.Queue < env.Batch {
		return nil, fmt.Errorf("queue is %d, want 0 (none) or no fewer than the batch of %d", c.Queue, env.Batch)
	}
	e, err := encoder.New(env, models.HeadConfig{Hidden: c.Hidden, Out: c.Output, Layers: 2, Norm: true})
	if err != nil {
		return nil, err
	}
	m := &swav{Encoder: e, config: c, recipe: c.recipe(env)}
	rows := objective.UnitRows(torch.Randn([]int{c.Prototypes, c.Output}, torch.Float32, torch.CPU))
	m.prototypes = e.Modules().Child("prototypes").Param("weight", rows)
	if c.Queue > 0 {
		m.queue = e.Modules().Buffer("queue", torch.Zeros([]int{len(c.Assign), c.Queue, c.Output}, torch.Float32, torch.CPU))
	}
	return m, nil
}

// recipe is one cut with all crops as its views.
func (c SwAVConfig) recipe(env methods.Env) clips.Recipe {
	r := clips.Recipe{Cuts: 1, Frames: env.Clip.Frames, Stride: env.Clip.Stride}
	for _, crop := range c.Crops {
		view := clips.View{Augment: env.Augment}
		view.Augment.Scale = crop.Scale
		if crop.Size > 0 {
			view.Augment.Size = crop.Size
		}
		for range crop.Views {
			r.Views = append(r.Views, view)
		}
	}
	return r
}

// Recipe is one cut with a view for every crop.
func (m *swav) Recipe() clips.Recipe { return m.recipe }

// Loss is equation 2 of the paper, with several crops. It puts the batch into the queue.
func (m *swav) Loss(s methods.Step, b methods.Batch) (l methods.Losses) {
	zND := m.Project(b.Views...)
	torch.NoAutocast(func() {
		prototypesKD := m.prototypes.Tensor
		if s.Number < m.config.Freeze {
			prototypesKD = prototypesKD.Detach() // without a gradient the optimiser passes it over
		}
		var queueALD *torch.Tensor
		if m.queue != nil && s.Epoch >= m.config.QueueEpoch {
			queueALD = m.queue.Tensor
		}
		c := m.config
		terms := objective.SwAV(zND, prototypesKD, queueALD, objective.SwAVConfig{Temperature: c.Temperature, Epsilon: c.Epsilon,
			Iterations: c.Iterations, Crops: len(b.Views), Assign: c.Assign})
		if queueALD != nil {
			torch.NoGrad(func() { queueALD.Copy_(terms.Queue) }) // assignments are constant: the backward pass needs no queue
		}
		used := terms.Codes.ArgMax(2).Reshape(-1).Bincount(c.Prototypes).GtScalar(0).To(torch.Float32).Mean()
		l = methods.Losses{Total: terms.Loss, Features: zND.Detach(), Figures: map[string]*torch.Tensor{"prototypes_used": used}}
	})
	return l
}

// AfterStep brings the prototypes back to length 1, unless they were frozen.
func (m *swav) AfterStep(s methods.Step) {
	if s.Number >= m.config.Freeze {
		m.prototypes.Tensor.Copy_(objective.UnitRows(m.prototypes.Tensor))
	}
}
