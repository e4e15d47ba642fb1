package semi

// Rethinking the Inception Architecture for Computer Vision, Szegedy et al., 1512.00567.
//
// Learning from labels alone: a linear classifier on the features, and the cross-entropy with smoothed labels of the paper's
// section 7. It is the baseline that learning without labels is measured against, and what evaluation by finetuning trains
// on a part of the labels.

import (
	"errors"
	"fmt"
	"strings"

	"vssl/clips"
	"vssl/methods"
	"vssl/methods/encoder"
	"vssl/models/nn"
	"vssl/torch"
)

// SupervisedConfig holds the hyperparameters of learning from labels.
type SupervisedConfig struct {
	LabelSmoothing float64 `yaml:"label_smoothing"` // mass spread over all classes, 0..1, 1 excluded; 0 for none, the paper's 0.1
	BackboneRate   float64 `yaml:"backbone_rate"`   // factor of the learning rate below the classifier, > 0
}

// Validate returns an error that names every value outside its range.
func (c SupervisedConfig) Validate() error {
	return errors.Join(methods.BelowOne("label_smoothing", c.LabelSmoothing), methods.Positive("backbone_rate", c.BackboneRate))
}

func supervisedDefaults() SupervisedConfig { return SupervisedConfig{BackboneRate: 1} }

func init() {
	methods.Register(methods.Info{
		Name: "supervised", Family: "semi", Paper: "1512.00567", Medium: methods.Image, Status: methods.Working, Supervised: true,
		Title:   "Rethinking the Inception Architecture for Computer Vision",
		Summary: "the baseline that learns from labels: cross-entropy, with smoothed labels if asked for",
	}, supervisedDefaults, newSupervised)
}

type supervised struct {
	*encoder.Encoder
	classifier *nn.Linear
	config     SupervisedConfig
	recipe     clips.Recipe
}

var (
	_ methods.Method      = (*supervised)(nil)
	_ methods.HasBackbone = (*supervised)(nil)
	_ methods.Classifies  = (*supervised)(nil)
	_ methods.ScalesRates = (*supervised)(nil)
)

func newSupervised(c SupervisedConfig, env methods.Env) (methods.Method, error) {
	if env.Classes < 2 {
		return nil, fmt.Errorf("it learns from labels of two classes or more, and the data set has %d: "+
			"put each class in a folder of its own, or use a list with labels", env.Classes)
	}
	e, err := encoder.Bare(env)
	if err != nil {
		return nil, err
	}
	classifier := nn.NewLinear(e.Modules().Child("head"), nn.LinearConfig{In: e.Backbone().Features(), Out: env.Classes, Bias: true})
	return &supervised{e, classifier, c, encoder.OneView(env)}, nil
}

// Recipe is one cut with one view.
func (m *supervised) Recipe() clips.Recipe { return m.recipe }

// Logits maps features [B, F] to [B, classes].
func (m *supervised) Logits(featuresBF *torch.Tensor) *torch.Tensor {
	return m.classifier.Forward(featuresBF)
}

// RateScale is backbone_rate below the classifier.
func (m *supervised) RateScale(name string) float64 {
	if strings.HasPrefix(name, m.Backbone().Node().Path()+".") {
		return m.config.BackboneRate
	}
	return 1
}

// Loss is the cross-entropy over the samples that have a label.
func (m *supervised) Loss(_ methods.Step, b methods.Batch) (l methods.Losses) {
	featuresBF := m.Features(b.Views[0])
	logitsBC := m.classifier.Forward(featuresBF)
	torch.NoAutocast(func() {
		loss, accuracy := smoothedCrossEntropy(logitsBC.To(torch.Float32), b.Labels, m.config.LabelSmoothing)
		l = methods.Losses{Total: loss, Features: featuresBF.Detach().To(torch.Float32),
			Figures: map[string]*torch.Tensor{"train_accuracy": accuracy}}
	})
	return l
}

// smoothedCrossEntropy is the cross-entropy of the paper's section 7.
//
//	logitsBC  [B, C] float
//	labelsB   [B] int64, -1 where unknown: those samples count for nothing
//	epsilon   mass that is spread over all classes, 0..1
//
// The loss is a scalar in nats, the mean over the samples with a label, 0 where none has one; so is the accuracy, the share of
// labels that have the largest logit.
func smoothedCrossEntropy(logitsBC, labelsB *torch.Tensor, epsilon float64) (loss, accuracy *torch.Tensor) {
	classes := logitsBC.Dim(1)
	knownB := labelsB.GeScalar(0).To(logitsBC.DType())
	count := knownB.Sum().ClampMin(1)
	targetsBC := labelsB.ClampMin(0).OneHot(classes).To(logitsBC.DType())
	targetsBC = targetsBC.MulScalar(1 - epsilon).AddScalar(epsilon / float64(classes))
	loss = torch.CrossEntropyReduce(logitsBC, targetsBC, torch.ReduceNone).Mul(knownB).Sum().Div(count)
	rightB := logitsBC.Detach().ArgMax(1).Eq(labelsB).To(logitsBC.DType())
	return loss, rightB.Sum().Div(count)
}
