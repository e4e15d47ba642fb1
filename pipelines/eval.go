package pipelines

import (
	"context"
	"fmt"
	"math"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"vssl/clips"
	"vssl/methods"
	"vssl/models"
	"vssl/torch"
)

// EvalOptions say what is measured and on what.
type EvalOptions struct {
	Kind       string // knn, linear, retrieval
	Run        string // run folder
	Checkpoint string // last, best, or step-N; "" is last
	Dataset    string // "" for the run's
	Data       string // "" for the run's
	Test       string // folder or list of the test part; "" splits Data by a stated seed
	Set        map[string]any
	Progress   Progress // nil for none
}

// Progress makes a counter for something that takes a while, named by what it counts; the counter is called with what is done and
// how much there is, by one goroutine at a time.
type Progress func(what string) func(done, total int)

// of is the counter for what, one that shows nothing where p is nil.
func (p Progress) of(what string) func(done, total int) {
	if p == nil {
		return func(int, int) {}
	}
	return p(what)
}

// Metrics are fractions of 1 by name, and the counts they were measured on.
type Metrics map[string]float64

// Kinds of evaluation, in the order in which help shows them.
func Kinds() []string { return []string{"knn", "linear", "retrieval"} }

// Eval measures a run's network, and beside it the same network before training.
func Eval(ctx context.Context, opts EvalOptions) (m Metrics, err error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	defer torch.Recover(&err, "eval %s", opts.Kind)
	if err := oneOf("kind of evaluation", opts.Kind, Kinds()...); err != nil {
		return nil, err
	}
	cfg, err := LoadConfig(opts.Run, opts.Set)
	if err != nil {
		return nil, err
	}
	train, test, err := evalSources(ctx, cfg, opts)
	if err != nil {
		return nil, err
	}
	owner := torch.NewScope()
	defer owner.Close()
	device, amp, err := engine(cfg)
	if err != nil {
		return nil, err
	}
	method, net, err := untrained(cfg, train, device, owner)
	if err != nil {
		return nil, err
	}
	ex := extractor{cfg: cfg, net: net, device: device, amp: amp}
	ex.show = opts.Progress.of("samples through the untrained network")
	before, err := ex.parts(ctx, train, test)
	if err != nil {
		return nil, err
	}
	if err := loadRun(opts, cfg, method); err != nil {
		return nil, err
	}
	ex.show = opts.Progress.of("samples through the trained network")
	after, err := ex.parts(ctx, train, test)
	if err != nil {
		return nil, err
	}
	m = Metrics{}
	for _, each := range []struct {
		p      parts
		suffix string
	}{{before, "_random"}, {after, ""}} {
		if err := measure(ctx, opts.Kind, cfg, each.p, m, each.suffix, opts.Progress); err != nil {
			return nil, err
		}
	}
	after.describe(m)
	return m, nil
}

func evalSources(ctx context.Context, cfg *Config, opts EvalOptions) (train, test clips.Source, err error) {
	if opts.Dataset != "" {
		cfg.Dataset, cfg.List, cfg.Split = opts.Dataset, "", ""
	}
	if opts.Data != "" {
		cfg.Data = opts.Data
	}
	if train, err = OpenSource(ctx, cfg, opts.Progress); err != nil || opts.Test == "" {
		return train, nil, err
	}
	held := *cfg
	held.Data = opts.Test
	if test, err = OpenSource(ctx, &held, opts.Progress); err != nil {
		return nil, nil, err
	}
	if !slices.Equal(train.Classes(), test.Classes()) {
		test, err = relabel(test, train.Classes())
	}
	return train, test, err
}

// relabel gives the test source the training source's class numbers, by name.
func relabel(test clips.Source, classes []string) (clips.Source, error) {
	var samples []clips.Sample
	for i := range test.Len() {
		s := test.Sample(i)
		if s.Label >= 0 {
			s.Label = slices.Index(classes, test.Classes()[s.Label])
		}
		samples = append(samples, s)
	}
	if !slices.ContainsFunc(samples, func(s clips.Sample) bool { return s.Label >= 0 }) {
		return nil, &UsageError{fmt.Errorf("no class of the test set (%s) is one of the training set's (%s)",
			strings.Join(test.Classes(), ", "), strings.Join(classes, ", "))}
	}
	return clips.NewSet(test.Name(), samples, classes, test.LeftOut()), nil
}

// untrained builds the run's network as it was before its first step.
func untrained(cfg *Config, source clips.Source, device torch.Device, owner *torch.Scope) (methods.Method, models.Backbone, error) {
	method, err := newMethod(cfg, source, device, owner)
	if err != nil {
		return nil, nil, err
	}
	has, ok := method.(methods.HasBackbone)
	if !ok {
		return nil, nil, fmt.Errorf("method %s has no backbone to evaluate", cfg.MethodName())
	}
	if err := startFrom(cfg, method, nil); err != nil {
		return nil, nil, err
	}
	return method, has.Backbone(), nil
}

func loadRun(opts EvalOptions, cfg *Config, method methods.Method) error {
	dir, _, err := wholeCheckpoint(opts.Run, opts.Checkpoint, cfg)
	if err != nil {
		return err
	}
	return loadNetwork(filepath.Join(dir, modelFile), method)
}

// loadNetwork reads the backbone alone from a run's model: what a method remembers of its own samples, such as a row of a
// bank for each, does not fit another set.
func loadNetwork(path string, method methods.Method) error {
	net := method.(methods.HasBackbone).Backbone()
	report, err := models.LoadBackboneUnder(path, net, net.Node().Path()+".")
	if err == nil && len(report.Missing) > 0 {
		err = fmt.Errorf("%s: %w: %q is missing", path, models.ErrMismatch, report.Missing[0])
	}
	return err
}

// parts are the features that an evaluation learns from and those that it is measured on.
type parts struct{ train, test *features }

func (e extractor) parts(ctx context.Context, train, test clips.Source) (p parts, err error) {
	e.net.Node().SetTraining(false)
	all, err := e.run(ctx, train)
	if err != nil {
		return p, err
	}
	if test == nil {
		fit, held := splitByLabel(all.labels)
		p = parts{train: all.pick(fit), test: all.pick(held)}
		return p, checkParts(p.train, p.test)
	}
	held, err := e.run(ctx, test)
	if err != nil {
		return p, err
	}
	p = parts{train: all.pick(labelled(all.labels)), test: held.pick(labelled(held.labels))}
	return p, checkParts(p.train, p.test)
}

// measure adds what the kind of evaluation measures, under its names with the suffix.
func measure(ctx context.Context, kind string, cfg *Config, p parts, m Metrics, suffix string, show Progress) (err error) {
	searched := show.of("neighbours searched")
	_, size := countClasses(append(slices.Clone(p.train.labels), p.test.labels...))
	switch kind {
	case "knn":
		m["knn"+suffix], err = knnAccuracy(ctx, p.train, p.test, vote{cfg.Eval.K, cfg.Eval.Temperature, size}, searched)
	case "linear":
		m["linear"+suffix], err = linearAccuracy(ctx, p.train, p.test)
	case "retrieval":
		var recall []float64
		if recall, err = recallAt(ctx, p.train, p.test, searched, 1, 5, 10); err == nil {
			m["retrieval"+suffix], m["retrieval_at_5"+suffix], m["retrieval_at_10"+suffix] = recall[0], recall[1], recall[2]
		}
	}
	return err
}

// describe adds what a reader needs to judge the numbers: the counts, chance, and half a 95 % interval of a share.
func (p parts) describe(m Metrics) {
	n, _ := countClasses(p.test.labels)
	m["train"], m["test"], m["classes"] = float64(len(p.train.labels)), float64(len(p.test.labels)), float64(n)
	m["chance"] = chance(p.test.labels)
	m["skipped"] = float64(len(p.train.skips) + len(p.test.skips))
	for _, kind := range Kinds() {
		if share, ok := m[kind]; ok {
			m["ci95"] = 1.96 * math.Sqrt(share*(1-share)/float64(len(p.test.labels)))
		}
	}
}
