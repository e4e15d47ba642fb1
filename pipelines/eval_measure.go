package pipelines

import (
	"context"
	"fmt"
	"slices"
	"strconv"
)

// parts are the features that an evaluation learns from and those that it is measured on.
type parts struct{ train, test *features }

// parts reads both parts through the frozen network.
func (e extractor) parts(ctx context.Context, s evalSets) (p parts, err error) {
	e.net.Node().SetTraining(false)
	if p.test, err = e.run(ctx, s.test); err != nil {
		return p, err
	}
	p.train = p.test
	if s.train != s.test {
		if p.train, err = e.run(ctx, s.train); err != nil {
			return p, err
		}
	}
	return p, checkParts(p.train, p.test)
}

func (p parts) skipped() int {
	if p.train == p.test {
		return len(p.test.skips)
	}
	return len(p.train.skips) + len(p.test.skips)
}

// size is the number of classes that labels of either part can have.
func (p parts) size() int {
	_, size := countClasses(slices.Concat(p.train.labels, p.test.labels))
	return size
}

// measure is what the kind of evaluation says of one network. The settings are added with the trained one.
func (e *evaluator) measure(ctx context.Context, network string, ex extractor, p parts) ([]value, error) {
	switch e.opts.Kind {
	case knnKind:
		return e.knn(ctx, network, p)
	case linearKind:
		return e.linear(ctx, network, ex, p)
	case fewShotKind:
		return e.fewShot(ctx, network, p)
	default:
		return e.retrieval(ctx, network, p)
	}
}

// set adds settings once.
func (e *evaluator) set(network string, settings ...Setting) {
	if network == trainedNetwork {
		e.out.Settings = append(e.out.Settings, settings...)
	}
}

// note adds a sentence once.
func (e *evaluator) note(network, format string, args ...any) {
	if network == trainedNetwork {
		e.out.Notes = append(e.out.Notes, fmt.Sprintf(format, args...))
	}
}

// topValues names the estimates of topCounts: KIND, and KIND_top5.
func topValues(kind string, estimates []Estimate) []value {
	out := []value{{kind, estimates[0]}}
	if len(estimates) > 1 {
		out = append(out, value{kind + "_top5", estimates[1]})
	}
	return out
}

func (e *evaluator) knn(ctx context.Context, network string, p parts) ([]value, error) {
	c := e.cfg.Eval
	show := e.opts.Progress.of("neighbours searched")
	tops := topCounts(differentClasses(p.train.labels, p.test.labels))
	got, err := knnAccuracy(ctx, p.train, p.test, vote{c.K, c.Temperature, p.size()}, show, tops...)
	if err != nil {
		return nil, err
	}
	e.set(network, Setting{"k", c.K}, Setting{"temperature", c.Temperature})
	if c.K > len(p.train.labels) {
		e.note(network, "there are only %d samples to be neighbours, fewer than k", len(p.train.labels))
	}
	return topValues(knnKind, got), nil
}

func (e *evaluator) linear(ctx context.Context, network string, ex extractor, p parts) ([]value, error) {
	o := e.opts.Linear
	show := e.opts.Progress.of("fits of the " + network + " network's features")
	var r ranked
	var s Sweep
	var err error
	if o.Solver == lbfgsSolver {
		r, s, err = linearRegression(ctx, p.train, p.test, o.C, e.opts.Seed, show)
	} else {
		show = e.opts.Progress.of("epochs on the " + network + " network's features")
		r, s, err = sgdProbe{opts: o, seed: e.opts.Seed, ex: ex, train: e.sets.train, show: show}.run(ctx, p.train, p.test)
	}
	if err != nil {
		return nil, err
	}
	s.Network = network
	e.out.Sweeps = append(e.out.Sweeps, s)
	e.set(network, Setting{"solver", o.Solver}, Setting{s.Name, s.Chosen})
	if o.Solver == sgdSolver {
		e.set(network, Setting{"epochs", o.Epochs}, Setting{"batch", o.Batch}, Setting{"momentum", headMomentum},
			Setting{"augmented", o.Augment})
	}
	e.set(network, Setting{"seed", e.opts.Seed})
	return topValues(linearKind, r.estimates()), nil
}

func (e *evaluator) fewShot(ctx context.Context, network string, p parts) (out []value, err error) {
	o := e.opts.FewShot
	fewest := 0
	for _, shots := range o.Shots {
		ep, err := newEpisodes(p.test, o, shots, e.opts.Seed)
		if err != nil {
			return nil, err
		}
		got, err := ep.accuracy(ctx, e.opts.Progress.of(fmt.Sprintf("episodes of %d shots", shots)))
		if err != nil {
			return nil, err
		}
		out = append(out, value{fewShotName(shots), got})
		for _, rows := range ep.classes {
			if n := len(rows) - shots; n < o.Queries && (fewest == 0 || n < fewest) {
				fewest = n
			}
		}
	}
	e.out.Main, e.out.Interval = fewShotName(o.Shots[0]), "95 %, over episodes"
	e.set(network, Setting{"ways", o.Ways}, Setting{"shots", o.Shots}, Setting{"queries", o.Queries},
		Setting{"episodes", o.Episodes},
		Setting{"classifier", o.Classifier}, Setting{"seed", e.opts.Seed})
	if fewest > 0 {
		e.note(network, "some classes have fewer samples than shots and queries take: as few as %d queries of a class are asked", fewest)
	}
	return out, nil
}

func fewShotName(shots int) string { return fewShotKind + "_" + strconv.Itoa(shots) }

func (e *evaluator) retrieval(ctx context.Context, network string, p parts) ([]value, error) {
	r := retrieval{self: e.opts.Gallery == selfGallery, ks: []int{1, 5, 10}, show: e.opts.Progress.of("neighbours searched")}
	recall, err := r.recall(ctx, p.train, p.test)
	if err != nil {
		return nil, err
	}
	out := []value{{retrievalKind, recall[0]}, {retrievalKind + "_at_5", recall[1]}, {retrievalKind + "_at_10", recall[2]}}
	e.set(network, Setting{"gallery", e.opts.Gallery})
	if !canRank(len(p.train.labels), len(p.test.labels)) {
		e.note(network, "the mean average precision is left out: it orders all of %d x %d pairs",
			len(p.test.labels), len(p.train.labels))
		return out, nil
	}
	e.out.Interval = wilsons + "; of the mean average precision over queries"
	precision, err := r.meanPrecision(ctx, p.train, p.test)
	return append(out, value{retrievalKind + "_map", precision}), err
}
