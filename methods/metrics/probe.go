package metrics

import (
	"context"
	"fmt"

	"vssl/torch"
)

// ProbeConfig holds the numbers of FitProbe. A zero Tolerance or Steps stands for the default.
type ProbeConfig struct {
	C         float64 // weight of the data against the penalty, no unit, > 0; scikit-learn's 1
	Intercept bool    // whether classes have biases, which are not penalised
	Tolerance float64 // largest element of the gradient as a share of the first gradient's, where it stops; 0 is 1e-10
	Steps     int     // most steps; 0 is 10000
}

// Probe is a linear classifier on frozen features.
type Probe struct {
	Classes   []int     // [C] labels, ascending
	Dim       int       // D
	Weight    []float64 // [C, D]
	Bias      []float64 // [C] with mean 0, for only differences count; zeros without intercept
	Objective float64   // C times the summed negative log-likelihood in nats, plus half the squared norm of the weights
	MeanNLL   float64   // nats, mean over the samples it was fitted to
	Steps     int       // that the minimisation took
	Converged bool      // whether it came to the tolerance
}

// FitProbe is multinomial logistic regression: the minimum of C sum nll + |Weight|²/2, which is unique, found by L-BFGS in
// float64. For two classes too both have weights (scikit-learn's binary form has one vector, and so another penalty).
//
//	featuresND  [N, D] float, used as they are
//	labels      [N] any whole numbers; those that occur are the classes
//
// A single class gives weights of 0. The error is ctx's, looked at between steps. It panics if C is not positive, there are no
// samples or their number is not that of the labels. It needs an open scope.
func FitProbe(ctx context.Context, featuresND *torch.Tensor, labels []int, cfg ProbeConfig) (*Probe, error) {
	if !(cfg.C > 0) {
		panic(fmt.Sprintf("metrics: C is %g, want more than 0", cfg.C))
	}
	if len(labels) == 0 || featuresND.Rank() != 2 || featuresND.Dim(0) != len(labels) {
		panic(fmt.Sprintf("metrics: features are %v for %d labels, want [N, D] and N labels, at least 1",
			featuresND.Shape(), len(labels)))
	}
	if cfg.Tolerance == 0 {
		cfg.Tolerance = 1e-10
	}
	if cfg.Steps == 0 {
		cfg.Steps = 10000
	}
	classes := distinct(append([]int(nil), labels...))
	p := &Probe{Classes: classes, Dim: featuresND.Dim(1), Bias: make([]float64, len(classes))}
	torch.In(func(*torch.Scope) {
		torch.NoGrad(func() { p.fit(ctx, newLikelihood(featuresND, labels, classes, cfg), cfg) })
	})
	return p, ctx.Err()
}

func (p *Probe) fit(ctx context.Context, l *likelihood, cfg ProbeConfig) {
	weights := len(p.Classes) * p.Dim
	size := weights
	if cfg.Intercept {
		size += len(p.Classes)
	}
	m := minimise(ctx, l.objective, make([]float64, size), cfg.Tolerance, cfg.Steps)
	p.Weight, p.Objective, p.Steps, p.Converged = m.x[:weights:weights], m.value, m.steps, m.converged
	copy(p.Bias, m.x[weights:])
	centre := mean(p.Bias)
	for c := range p.Bias {
		p.Bias[c] -= centre
	}
	p.MeanNLL = (m.value - dot(p.Weight, p.Weight)/2) / (cfg.C * float64(l.xND.Dim(0)))
}

// Predict gives the likeliest label of each row [N, D], the lowest of equal ones. It panics with a *torch.Error if D is not that
// of the probe.
func (p *Probe) Predict(featuresND *torch.Tensor) []int {
	labels := make([]int, featuresND.Dim(0))
	torch.In(func(*torch.Scope) {
		torch.NoGrad(func() {
			wCD := torch.FromFloat64(p.Weight, len(p.Classes), p.Dim).ToDevice(featuresND.Device())
			bC := torch.FromFloat64(p.Bias, len(p.Bias)).ToDevice(featuresND.Device())
			for i, c := range torch.Linear(featuresND.To(torch.Float64), wCD, bC).ArgMax(1).Int64s() {
				labels[i] = p.Classes[c]
			}
		})
	})
	return labels
}

// likelihood is the objective of a probe with its data.
type likelihood struct {
	xND, targetsNC *torch.Tensor // float64; rows of targets hold a single 1
	c              float64
}

func newLikelihood(featuresND *torch.Tensor, labels, classes []int, cfg ProbeConfig) *likelihood {
	at := places(classes)
	targets := make([]int, len(labels))
	for i, label := range labels {
		targets[i] = at[label]
	}
	device := featuresND.Device()
	return &likelihood{
		xND:       featuresND.To(torch.Float64),
		targetsNC: torch.FromInts(targets, len(targets)).ToDevice(device).OneHot(len(classes)).To(torch.Float64),
		c:         cfg.C,
	}
}

// objective is the value at w, which holds the weights [C, D] and then, with an intercept, the biases [C]; it writes the
// gradient to g.
func (l *likelihood) objective(w, g []float64) (value float64) {
	classes, dim, device := l.targetsNC.Dim(1), l.xND.Dim(1), l.xND.Device()
	weights := w[:classes*dim]
	torch.In(func(*torch.Scope) {
		wCD := torch.FromFloat64(weights, classes, dim).ToDevice(device)
		var bC *torch.Tensor
		if biases := w[len(weights):]; len(biases) > 0 {
			bC = torch.FromFloat64(biases, classes).ToDevice(device)
		}
		logNC := torch.Linear(l.xND, wCD, bC).LogSoftmax(1)
		value = -l.c*logNC.Mul(l.targetsNC).Sum().Float() + dot(weights, weights)/2
		offNC := logNC.Exp().Sub(l.targetsNC).MulScalar(l.c)
		copy(g, offNC.T().MatMul(l.xND).Add(wCD).Float64s())
		if bC != nil {
			copy(g[len(weights):], offNC.SumDims(false, 0).Float64s())
		}
	})
	return value
}
