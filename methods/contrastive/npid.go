package contrastive

// Unsupervised Feature Learning via Non-Parametric Instance Discrimination, Wu et al., 1805.01978.
//
// Every sample is a class of its own, and its weight vector is its feature as it was when it was last seen, in a memory bank.
// The softmax over all samples is estimated by noise-contrastive estimation with a normalising constant that the first step
// fixes, or computed in full where the set is small.
//
// The paper holds features near their bank rows by a proximal term; in the authors' code (zhirongw/lemniscate.pytorch) the
// momentum of the bank takes its place. Both are here; the defaults are the code's.

import (
	"errors"

	"vssl/clips"
	"vssl/methods"
	"vssl/methods/encoder"
	"vssl/methods/memory"
	"vssl/methods/objective"
	"vssl/models"
	"vssl/torch"
)

// NPIDConfig holds the hyperparameters of instance discrimination.
type NPIDConfig struct {
	Loss        NPIDLoss `yaml:"loss"`        // nce (the paper's for ImageNet) or softmax (over all samples)
	Temperature float64  `yaml:"temperature"` // no unit, > 0; the paper's 0.07
	Output      int      `yaml:"output"`      // features of an embedding; the paper's 128
	Noise       int      `yaml:"noise"`       // nce: rows drawn for a sample, >= 1; the paper's 4096
	Momentum    float64  `yaml:"momentum"`    // share that a bank row keeps of itself, 0..1; the authors' 0.5
	Proximal    float64  `yaml:"proximal"`    // weight of the squared distance to the own row, >= 0; the authors' code has none
}

// NPIDLoss is how the softmax over all samples is computed.
type NPIDLoss string

// The losses.
const (
	Estimated NPIDLoss = "nce"     // against drawn rows, with a constant for the sum over all
	Exact     NPIDLoss = "softmax" // over all rows
)

// Validate returns an error that names every value outside its range.
func (c NPIDConfig) Validate() error {
	return errors.Join(methods.OneOf("loss", c.Loss, Estimated, Exact), methods.Positive("temperature", c.Temperature),
		methods.AtLeast("output", c.Output, 1), methods.AtLeast("noise", c.Noise, 1), methods.Between("momentum", c.Momentum, 0, 1),
		methods.Weight("proximal", c.Proximal))
}

func npidDefaults() NPIDConfig {
	return NPIDConfig{Loss: Estimated, Temperature: 0.07, Output: 128, Noise: 4096, Momentum: 0.5}
}

func init() {
	methods.Register(methods.Info{
		Name: "npid", Medium: methods.Image, Family: "contrastive", Paper: "1805.01978", Status: methods.Working,
		Title:   "Unsupervised Feature Learning via Non-Parametric Instance Discrimination",
		Summary: "every picture is a class of its own, told from others by a bank that remembers a feature of each",
	}, npidDefaults, newNPID)
}

type npid struct {
	*encoder.Encoder
	bank   *memory.Bank
	config NPIDConfig
	recipe clips.Recipe
	seen   []seen
}

// seen is a batch whose rows are renewed after the step. It lies in Go memory, which a step that fails leaves to the collector.
type seen struct {
	index    []int64
	features []float32 // [B, D]
}

var (
	_ methods.Method       = (*npid)(nil)
	_ methods.HasBackbone  = (*npid)(nil)
	_ methods.FollowsSteps = (*npid)(nil)
)

func newNPID(c NPIDConfig, env methods.Env) (methods.Method, error) {
	e, err := encoder.New(env, models.HeadConfig{Out: c.Output, Layers: 1})
	if err != nil {
		return nil, err
	}
	bank := memory.NewBank(e.Modules().Child("bank"), env.Samples, c.Output)
	return &npid{Encoder: e, bank: bank, config: c, recipe: encoder.OneView(env)}, nil
}

// Recipe is one cut with one view.
func (m *npid) Recipe() clips.Recipe { return m.recipe }

// Loss is equation 7 of the paper, or equation 2, with the proximal term of equation 10. The bank stays as it is until the step
// is done: batches of one step all see the same, and so do their backward passes.
func (m *npid) Loss(_ methods.Step, b methods.Batch) (l methods.Losses) {
	zBD := m.Project(b.Views[0])
	torch.NoAutocast(func() {
		xBD := zBD.Normalize(1, 1e-12)
		total := m.discriminate(xBD, b.Index)
		moved := xBD.Sub(m.bank.Lookup(b.Index)).Square().SumDims(false, 1).Mean()
		if m.config.Proximal > 0 {
			total = total.AddScaled(moved, m.config.Proximal)
		}
		m.seen = append(m.seen, seen{b.Index.Int64s(), xBD.Detach().Float32s()})
		l = methods.Losses{Total: total, Features: xBD.Detach(), Figures: map[string]*torch.Tensor{"bank_distance": moved.Detach()}}
	})
	return l
}

// discriminate is the loss of telling the rows of a batch, xBD of norm 1, from all others.
func (m *npid) discriminate(xBD, indicesB *torch.Tensor) *torch.Tensor {
	if m.config.Loss == Exact {
		return torch.CrossEntropy(xBD.MatMul(m.bank.Rows().T()).DivScalar(m.config.Temperature), indicesB)
	}
	noiseBK := m.bank.Noise(xBD.Dim(0), m.config.Noise)
	candidates := torch.Cat([]*torch.Tensor{indicesB.Unsqueeze(1), noiseBK}, 1)
	scores := objective.BankScores(xBD, m.bank.Rows(), candidates).DivScalar(m.config.Temperature)
	z := m.bank.Z()
	logP, used := objective.LogProbabilities(scores, z, m.bank.Len())
	if z < 0 {
		torch.NoGrad(func() { m.bank.KeepZ(used) })
	}
	return objective.NCE(logP, m.bank.Len())
}

// AfterStep renews the bank rows of the samples of the step.
func (m *npid) AfterStep(methods.Step) {
	device := m.bank.Rows().Device()
	for _, s := range m.seen {
		x := torch.FromFloat32(s.features, len(s.index), m.config.Output)
		m.bank.Update(torch.FromInt64(s.index).ToDevice(device), x.ToDevice(device), m.config.Momentum)
	}
	m.seen = nil
}
