package pipelines

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strconv"

	"vssl/clips"
	"vssl/methods"
	"vssl/models"
	"vssl/torch"
)

// FinetuneOptions say how the whole network is trained with labels.
type FinetuneOptions struct {
	Fractions      []float64 // of the labels of the training part, each more than 0 to 1
	Seeds          int       // runs a fraction, each with labels of its own, >= 1
	Epochs         int       // passes over the labelled samples, >= 1
	Steps          int       // optimiser steps that each run makes at least, for fractions of a few samples; >= 0
	LR             float64   // peak rate of the classifier, > 0
	BackboneRate   float64   // factor of the rate for a trained network, > 0; untrained weights learn at the full rate
	WeightDecay    float64   // >= 0
	LabelSmoothing float64   // 0..1, 1 excluded
}

// DefaultFinetune is finetuning on 1 %, 10 % and all of the labels.
func DefaultFinetune() FinetuneOptions {
	return FinetuneOptions{Fractions: []float64{0.01, 0.1, 1}, Seeds: 1, Epochs: 30, Steps: 100, LR: 0.05, BackboneRate: 0.2}
}

// Validate says in one sentence what is wrong.
func (o FinetuneOptions) Validate() error {
	outside := func(f float64) bool { return !(f > 0 && f <= 1) }
	switch {
	case len(o.Fractions) == 0 || slices.ContainsFunc(o.Fractions, outside):
		return &UsageError{fmt.Errorf("--fractions is %v, want shares of more than 0 up to 1", o.Fractions)}
	case o.Seeds < 1:
		return &UsageError{fmt.Errorf("--seeds is %d, want 1 or more", o.Seeds)}
	case o.Epochs < 1:
		return &UsageError{fmt.Errorf("--epochs is %d, want 1 or more", o.Epochs)}
	case o.Steps < 0:
		return &UsageError{fmt.Errorf("--min-steps is %d, want 0 or more", o.Steps)}
	case !(o.LR > 0):
		return &UsageError{fmt.Errorf("--lr is %g, want more than 0", o.LR)}
	case !(o.BackboneRate > 0):
		return &UsageError{fmt.Errorf("--backbone-rate is %g, want more than 0", o.BackboneRate)}
	case !(o.WeightDecay >= 0):
		return &UsageError{fmt.Errorf("--weight-decay is %g, want 0 or more", o.WeightDecay)}
	case !(o.LabelSmoothing >= 0 && o.LabelSmoothing < 1):
		return &UsageError{fmt.Errorf("--label-smoothing is %g, want 0 to less than 1", o.LabelSmoothing)}
	}
	return nil
}

// fractionName is the fraction as it stands in names: 0.01, 0.1, 1.
func fractionName(fraction float64) string { return strconv.FormatFloat(fraction, 'g', -1, 64) }

// finetune trains the network with labels, from the checkpoint and from its untrained weights, for every fraction and seed.
func (e *evaluator) finetune(ctx context.Context) error {
	o := e.opts.Finetune
	weights, err := e.exportBackbone()
	if err != nil {
		return err
	}
	tops := topCounts(differentClasses(labelsOf(e.sets.train), labelsOf(e.sets.test)))
	var sizes, steps []int
	tested, skipped := 0, 0
	for _, fraction := range slices.Sorted(slices.Values(o.Fractions)) {
		name := finetuneKind + "_" + fractionName(fraction)
		for _, network := range []string{untrainedNetwork, trainedNetwork} {
			var runs []ranked
			for seed := range o.Seeds {
				f := finetuning{evaluator: e, fraction: fraction, seed: e.opts.Seed + uint64(seed),
					network: network, weights: weights, tops: tops}
				r, err := f.run(ctx)
				if err != nil {
					return err
				}
				runs = append(runs, r)
				tested, skipped = r.of, max(skipped, f.skipped)
				if network == trainedNetwork && seed == 0 {
					sizes, steps = append(sizes, f.size), append(steps, f.steps)
				}
			}
			e.add(network, topValues(name, overSeeds(runs)))
		}
		e.out.Main = name
	}
	if o.Seeds > 1 {
		e.out.Interval = fmt.Sprintf("95 %%, Student's t over %d seeds", o.Seeds)
	}
	e.out.Settings = append(e.out.Settings, Setting{"fractions", o.Fractions}, Setting{"labels", sizes}, Setting{"steps", steps},
		Setting{"epochs", o.Epochs}, Setting{"lr", o.LR}, Setting{"backbone rate", o.BackboneRate},
		Setting{"weight decay", o.WeightDecay}, Setting{"label smoothing", o.LabelSmoothing}, Setting{"seed", e.opts.Seed}, Setting{"seeds", o.Seeds})
	test := labelsOf(e.sets.test)
	n, _ := countClasses(test)
	e.out.Counts = Counts{Train: e.sets.train.Len(), Test: tested, Classes: n, Chance: chance(test), Skipped: skipped}
	return nil
}

// exportBackbone writes the weights of the checkpoint that the finetunings begin with, once a step.
func (e *evaluator) exportBackbone() (path string, err error) {
	if err := e.load(); err != nil {
		return "", err
	}
	path, err = filepath.Abs(filepath.Join(e.opts.Run, evalDir, "weights-"+stepName(e.out.Step)+".safetensors"))
	if err != nil {
		return "", err
	}
	if err := makeDir(filepath.Dir(path)); err != nil {
		return "", err
	}
	return path, models.Save(path, e.net.Node(), map[string]string{"model": e.cfg.Model.Name, "step": fmt.Sprint(e.out.Step)})
}

// overSeeds are the estimates of several runs: of one, the interval of its share; of more, that of the mean.
func overSeeds(runs []ranked) []Estimate {
	if len(runs) == 1 {
		return runs[0].estimates()
	}
	out := make([]Estimate, len(runs[0].hits))
	for i := range out {
		var shares []float64
		for _, r := range runs {
			shares = append(shares, float64(r.hits[i])/float64(r.of))
		}
		out[i] = meanOfFew(shares)
	}
	return out
}

// labelsOf are the labels of a source in its order.
func labelsOf(source clips.Source) []int {
	out := make([]int, source.Len())
	for i := range out {
		out[i] = source.Sample(i).Label
	}
	return out
}

// balanced draws a fraction of the samples with the same number of each class, at least one, by the seed: a class with fewer
// gives all that it has. A smaller fraction is a part of a larger one of the same seed. Places come in ascending order.
func balanced(labels []int, fraction float64, seed uint64) []int {
	byClass := map[int][]int{}
	size := 0
	for i, label := range labels {
		byClass[label] = append(byClass[label], i)
		size = max(size, label+1)
	}
	each := max(1, int(fraction*float64(len(labels))/float64(len(byClass))+0.5))
	rng := rand.New(rand.NewPCG(seed, seed))
	var out []int
	for c := range size {
		own := byClass[c]
		rng.Shuffle(len(own), func(i, j int) { own[i], own[j] = own[j], own[i] })
		n := min(each, len(own))
		if fraction == 1 {
			n = len(own)
		}
		out = append(out, own[:n]...)
	}
	slices.Sort(out)
	return out
}

// finetuning is one training with labels, with a run folder of its own below RUN/eval.
type finetuning struct {
	*evaluator
	fraction float64
	seed     uint64
	network  string
	weights  string // file that a trained network begins with
	tops     []int

	size, steps, skipped int // labelled samples, optimiser steps, samples that could not be read; known once it has run
}

// run trains, or goes on where an earlier sitting stopped, and judges the network on the test part.
func (f *finetuning) run(ctx context.Context) (r ranked, err error) {
	places := balanced(labelsOf(f.sets.train), f.fraction, f.seed)
	subset := make([]clips.Sample, len(places))
	for i, p := range places {
		subset[i] = f.sets.train.Sample(p)
	}
	source := clips.NewSet(f.sets.train.Name(), subset, f.sets.train.Classes(), nil)
	cfg, err := f.config(len(subset))
	if err != nil {
		return r, err
	}
	f.size, f.steps = len(subset), cfg.Schedule.Steps
	if err := f.prepare(cfg, source); err != nil {
		return r, err
	}
	err = f.train(ctx, cfg, source, func(t *trainer) error {
		r, err = f.judge(ctx, t)
		return err
	})
	if errors.Is(err, ErrInterrupted) {
		return r, &interruptedError{dir: cfg.Out, err: err}
	}
	return r, err
}

// interruptedError says how a finetuning that was interrupted goes on.
type interruptedError struct {
	dir string
	err error
}

func (e *interruptedError) Error() string {
	return fmt.Sprintf("interrupted; the state is saved in %s, the same command goes on from it", e.dir)
}

func (e *interruptedError) Unwrap() error { return e.err }

// config is that of the run with the data of the evaluation, the method that learns from labels, and the options.
func (f *finetuning) config(labels int) (*Config, error) {
	o := f.opts.Finetune
	c := evalData(f.cfg)
	rate := o.BackboneRate
	if f.network == trainedNetwork {
		c.Model.Weights = f.weights
	} else {
		rate = 1
	}
	c.Method = map[string]any{"name": methods.Supervised(), "label_smoothing": o.LabelSmoothing, "backbone_rate": rate}
	c.Recipe = "default"
	c.Augment = cropAndFlip(c.Augment)
	defaults := Defaults(methods.Image)
	c.Optimizer, c.Schedule = defaults.Optimizer, defaults.Schedule
	c.Optimizer.Name, c.Optimizer.Momentum, c.Optimizer.Nesterov = "sgd", 0.9, true
	c.Optimizer.LR, c.Optimizer.WeightDecay = o.LR, o.WeightDecay
	c.Batch, c.Accumulate, c.ClipGrad = max(2, min(c.Batch, labels)), 1, 0
	c.Schedule.Epochs, c.Schedule.Warmup = 0, 0
	c.Schedule.Steps = max(o.Steps, o.Epochs*max(1, labels/c.Batch))
	c.Checkpoint.Keep = 2
	c.Eval.Every = 0
	c.Seed = f.seed
	c.Out = f.dir()
	return &c, c.Validate()
}

// dir is RUN/eval/finetune-FRACTION/seed-N, or seed-N-untrained.
func (f *finetuning) dir() string {
	name := fmt.Sprintf("seed-%d", f.seed)
	if f.network == untrainedNetwork {
		name += "-" + untrainedNetwork
	}
	return filepath.Join(f.opts.Run, evalDir, finetuneKind+"-"+fractionName(f.fraction), name)
}

// train runs the trainer in the run folder, with the last checkpoint where there is one, and hands it to use.
func (f *finetuning) train(ctx context.Context, cfg *Config, source clips.Source, use func(t *trainer) error) (err error) {
	run, err := openRun(cfg, true)
	if err != nil {
		return err
	}
	defer run.close(&err)
	if err := run.writeConfig(cfg); err != nil {
		return err
	}
	owner := torch.NewScope()
	defer owner.Close()
	t, err := newTrainer(cfg, source, run, owner)
	if err != nil {
		return err
	}
	defer t.optimizer.Close()
	if err := t.resume(nil); err != nil {
		return err
	}
	if t.saved == 0 {
		if err := startFrom(cfg, t.method, nil); err != nil {
			return err
		}
	}
	sinks, err := run.openSinks(t, nil)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, sinks.Close()) }()
	show := f.opts.Progress.of(fmt.Sprintf("steps of finetuning the %s network on %s of the labels, seed %d",
		f.network, fractionName(f.fraction), f.seed))
	t.sinks = watched{sinks, show, cfg.Schedule.Steps}
	if err := t.loop(ctx); err != nil {
		return err
	}
	f.skipped = run.skipped()
	return use(t)
}

// judge names the test part by the classifier on the mean features of a sample's clips.
func (f *finetuning) judge(ctx context.Context, t *trainer) (r ranked, err error) {
	classifier, ok := t.method.(methods.Classifies)
	if !ok {
		return r, fmt.Errorf("method %s names no classes", t.cfg.MethodName())
	}
	t.method.Modules().SetTraining(false)
	ex := extractor{cfg: t.cfg, net: t.method.(methods.HasBackbone).Backbone(), device: t.device, amp: t.compute}
	ex.show = f.opts.Progress.of("test samples through the finetuned network")
	test, err := ex.run(ctx, f.sets.test)
	if err != nil {
		return r, err
	}
	f.skipped += len(test.skips)
	classes := make([]int, len(f.sets.test.Classes()))
	for c := range classes {
		classes[c] = c
	}
	torch.In(func(*torch.Scope) {
		torch.NoGrad(func() {
			rows := torch.FromFloat32(test.rows, len(test.labels), test.dim).ToDevice(t.device)
			r = rankLogits(classifier.Logits(rows), classes, test.labels, f.tops)
		})
	})
	return r, nil
}
