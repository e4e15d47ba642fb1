package pipelines

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"vssl/methods/metrics"
	"vssl/torch"
)

// LinearOptions say how the linear classifier on frozen features is fitted.
type LinearOptions struct {
	Solver  string    // lbfgs or sgd
	C       []float64 // lbfgs: weights of the data against the penalty on the weights, each > 0
	Rates   []float64 // sgd: learning rates, each > 0
	Epochs  int       // sgd: passes over the training part, >= 1
	Batch   int       // sgd: rows a step, >= 1
	Augment bool      // sgd: crops and flips drawn anew in every epoch, in place of features that are read once
}

// The solvers.
const (
	lbfgsSolver = "lbfgs"
	sgdSolver   = "sgd"
)

// DefaultLinear is logistic regression with four strengths of the penalty to choose from.
func DefaultLinear() LinearOptions {
	return LinearOptions{Solver: lbfgsSolver, C: []float64{0.001, 0.01, 0.1, 1, 10},
		Rates: []float64{0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10}, Epochs: 100, Batch: 256}
}

// Validate says in one sentence what is wrong.
func (o LinearOptions) Validate() error {
	for _, list := range []struct {
		name   string
		values []float64
	}{{"--c", o.C}, {"--rates", o.Rates}} {
		if len(list.values) == 0 || slices.ContainsFunc(list.values, func(v float64) bool { return !(v > 0) || !finite(v) }) {
			return &UsageError{fmt.Errorf("%s is %v, want numbers of more than 0", list.name, list.values)}
		}
	}
	switch {
	case o.Epochs < 1:
		return &UsageError{fmt.Errorf("--epochs is %d, want 1 or more", o.Epochs)}
	case o.Batch < 1:
		return &UsageError{fmt.Errorf("--batch is %d, want 1 or more", o.Batch)}
	case o.Augment && o.Solver == lbfgsSolver:
		return &UsageError{errors.New("--augment needs --solver sgd: lbfgs looks at the same features in every step")}
	}
	return oneOf("--solver", o.Solver, lbfgsSolver, sgdSolver)
}

// topCounts are how many of the likeliest classes may hold the right one: 1, and 5 where there are more classes than that.
func topCounts(classes int) []int {
	if classes > 5 {
		return []int{1, 5}
	}
	return []int{1}
}

// ranked is how well classes are named: hits among the likeliest classes, by the counts of topCounts.
type ranked struct {
	hits []int
	of   int
}

func (r ranked) estimates() []Estimate {
	out := make([]Estimate, len(r.hits))
	for i, n := range r.hits {
		out[i] = wilson(n, r.of)
	}
	return out
}

// rankLogits counts the rows whose label is among the largest logits [N, C], for each number of tops, in an open scope. classes
// [C] are the labels that the columns stand for.
func rankLogits(logitsNC *torch.Tensor, classes, labels, tops []int) ranked {
	r := ranked{hits: make([]int, len(tops)), of: len(labels)}
	most := min(slices.Max(tops), len(classes))
	_, order := logitsNC.TopK(most, 1, true)
	found := order.Int64s()
	for i, label := range labels {
		at := slices.IndexFunc(found[i*most:(i+1)*most], func(c int64) bool { return classes[c] == label })
		for j, top := range tops {
			if at >= 0 && at < top {
				r.hits[j]++
			}
		}
	}
	return r
}

// probeTolerance is the share of the first gradient that is left: names of test rows have long stopped changing.
const probeTolerance = 1e-5

// linearRegression fits a linear classifier to frozen features, standardised with the training rows' mean and deviation, by
// logistic regression on the whole training part. C is the one that does best on a held-out fifth of the training part, which
// only that fit leaves out; of equal ones the smaller. The error is ctx's.
func linearRegression(ctx context.Context, train, test *features, values []float64, seed uint64, show func(done, total int)) (
	r ranked, s Sweep, err error) {
	tops := topCounts(differentClasses(train.labels, test.labels))
	s = Sweep{Name: "C", Values: slices.Sorted(slices.Values(values))}
	rest, held := holdOut(train.labels, seed)
	fit, judge := train.pick(rest), train.pick(held)
	if len(s.Values) > 1 && len(held) > 0 {
		for i, c := range s.Values {
			r, err := fitLinear(ctx, fit, judge, c, tops)
			if err != nil {
				return r, s, err
			}
			s.Held = append(s.Held, float64(r.hits[0])/float64(r.of))
			show(i+1, len(s.Values)+1)
		}
	}
	s.choose()
	r, err = fitLinear(ctx, train, test, s.Chosen, tops)
	show(len(s.Values)+1, len(s.Values)+1)
	return r, s, err
}

// choose takes the first of the best values; the middle one where nothing could be held out.
func (s *Sweep) choose() {
	s.Chosen = s.Values[len(s.Values)/2]
	if len(s.Held) > 0 {
		s.Chosen = s.Values[slices.Index(s.Held, slices.Max(s.Held))]
	}
}

// fitLinear learns from the first features and is judged by the second.
func fitLinear(ctx context.Context, train, test *features, c float64, tops []int) (r ranked, err error) {
	torch.In(func(*torch.Scope) {
		x, shift, scale := standardise(train)
		var probe *metrics.Probe
		probe, err = metrics.FitProbe(ctx, x, train.labels, metrics.ProbeConfig{C: c, Intercept: true, Tolerance: probeTolerance})
		if err != nil {
			return
		}
		rows := torch.FromFloat32(test.rows, len(test.labels), test.dim).Sub(shift).Div(scale)
		weights := torch.FromFloat64(probe.Weight, len(probe.Classes), probe.Dim)
		logits := torch.Linear(rows.To(torch.Float64), weights, torch.FromFloat64(probe.Bias, len(probe.Bias)))
		r = rankLogits(logits, probe.Classes, test.labels, tops)
	})
	return r, err
}

// standardise brings features to mean 0 and deviation 1 by column; it returns what was taken off and divided by.
func standardise(f *features) (rowsND, shift1D, scale1D *torch.Tensor) {
	rowsND = torch.FromFloat32(f.rows, len(f.labels), f.dim)
	shift1D = rowsND.MeanDims(true, 0)
	centred := rowsND.Sub(shift1D)
	scale1D = centred.Mul(centred).MeanDims(true, 0).Sqrt().AddScalar(1e-6)
	return centred.Div(scale1D), shift1D, scale1D
}

// differentClasses is how many labels occur in either part.
func differentClasses(train, test []int) int {
	n, _ := countClasses(slices.Concat(train, test))
	return n
}
