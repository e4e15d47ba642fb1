package pipelines

import (
	"context"
	"fmt"
	"path/filepath"
	"runtime"
	"slices"

	"vssl/clips"
	"vssl/methods"
	"vssl/models"
	"vssl/torch"
)

// EvalOptions say what is measured and on what.
type EvalOptions struct {
	Kind       string         // one of Kinds
	Run        string         // run folder
	Checkpoint string         // last, best, or step-N; "" is last
	Set        map[string]any // keys of the run's configuration that are changed, those of eval too
	Seed       uint64         // of held-out parts, of episodes, of the labels that finetuning sees
	Linear     LinearOptions
	Finetune   FinetuneOptions
	FewShot    FewShotOptions
	Gallery    string   // of retrieval: train or self
	Progress   Progress // nil for none
}

// DefaultEval is what is measured where nothing else is said.
func DefaultEval() EvalOptions {
	return EvalOptions{Checkpoint: "last", Seed: 1, Gallery: trainGallery,
		Linear: DefaultLinear(), Finetune: DefaultFinetune(), FewShot: DefaultFewShot()}
}

// The galleries of retrieval.
const (
	trainGallery = "train" // the training part
	selfGallery  = "self"  // the test part, without the query
)

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

// The kinds of evaluation.
const (
	knnKind       = "knn"
	linearKind    = "linear"
	finetuneKind  = "finetune"
	fewShotKind   = "few-shot"
	retrievalKind = "retrieval"
)

// Kinds of evaluation, in the order in which help shows them.
func Kinds() []string { return []string{knnKind, linearKind, finetuneKind, fewShotKind, retrievalKind} }

// CheckKind refuses what is no kind of evaluation, and names the nearest one.
func CheckKind(kind string) error { return oneOf("kind of evaluation", kind, Kinds()...) }

// validate says in one sentence what is wrong with the options of the kind.
func (o EvalOptions) validate() error {
	if err := CheckKind(o.Kind); err != nil {
		return err
	}
	switch o.Kind {
	case linearKind:
		return o.Linear.Validate()
	case finetuneKind:
		return o.Finetune.Validate()
	case fewShotKind:
		return o.FewShot.Validate()
	case retrievalKind:
		return oneOf("--gallery", o.Gallery, trainGallery, selfGallery)
	}
	return nil
}

// testOnly says whether the kind learns nothing from the training part.
func (o EvalOptions) testOnly() bool {
	return o.Kind == fewShotKind || o.Kind == retrievalKind && o.Gallery == selfGallery
}

// Eval measures a run's network, and beside it the same network before training. The result is kept in RUN/eval/KIND.json.
func Eval(ctx context.Context, opts EvalOptions) (result *Evaluation, err error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	defer torch.Recover(&err, "eval %s", opts.Kind)
	if err := opts.validate(); err != nil {
		return nil, err
	}
	cfg, err := LoadConfig(opts.Run, opts.Set)
	if err != nil {
		return nil, err
	}
	sets, err := openSets(ctx, cfg, opts.testOnly(), opts.Progress)
	if err != nil {
		return nil, err
	}
	owner := torch.NewScope()
	defer owner.Close()
	device, amp, err := engine(cfg)
	if err != nil {
		return nil, err
	}
	e := evaluator{opts: opts, cfg: cfg, sets: sets, device: device, amp: amp}
	e.out = &Evaluation{Kind: opts.Kind, Main: opts.Kind, Test: sets.about, Interval: wilsons, Notes: sets.notes}
	if e.method, e.net, err = e.network(ctx, owner); err != nil {
		return nil, err
	}
	if opts.Kind == finetuneKind {
		err = e.finetune(ctx)
	} else {
		err = e.frozen(ctx)
	}
	if err != nil {
		return nil, err
	}
	e.describe()
	e.out.keep(opts.Run)
	return e.out, nil
}

// wilsons is what the interval of a share is.
const wilsons = "95 %, Wilson's"

// evaluator is one evaluation under way.
type evaluator struct {
	opts   EvalOptions
	cfg    *Config
	sets   evalSets
	device torch.Device
	amp    torch.DType
	method methods.Method
	net    models.Backbone // of the method: before training, until the checkpoint is loaded
	out    *Evaluation
}

// network builds the run's network as it was before its first step. The method is made for the data that it was trained on, whose
// size its state may have.
func (e *evaluator) network(ctx context.Context, owner *torch.Scope) (methods.Method, models.Backbone, error) {
	source, err := OpenSource(ctx, e.cfg, e.opts.Progress)
	switch {
	case ctx.Err() != nil:
		return nil, nil, ctx.Err()
	case err != nil: // what it was trained on may be gone by now
		source = e.sets.train
	}
	return untrained(e.cfg, source, e.device, owner)
}

// frozen measures the features of the untrained and of the trained network.
func (e *evaluator) frozen(ctx context.Context) error {
	for _, network := range []string{untrainedNetwork, trainedNetwork} {
		if network == trainedNetwork {
			if err := e.load(); err != nil {
				return err
			}
		}
		ex := extractor{cfg: e.cfg, net: e.net, device: e.device, amp: e.amp}
		ex.show = e.opts.Progress.of("samples through the " + network + " network")
		p, err := ex.parts(ctx, e.sets)
		if err != nil {
			return err
		}
		values, err := e.measure(ctx, network, ex, p)
		if err != nil {
			return err
		}
		e.add(network, values)
		e.count(p)
	}
	return nil
}

// value is an estimate by its name.
type value struct {
	name string
	Estimate
}

// add puts the values of a network into the result, beside those of the other one.
func (e *evaluator) add(network string, values []value) {
	for _, v := range values {
		at := slices.IndexFunc(e.out.Scores, func(s Score) bool { return s.Name == v.name })
		if at < 0 {
			at = len(e.out.Scores)
			e.out.Scores = append(e.out.Scores, Score{Name: v.name})
		}
		if network == trainedNetwork {
			e.out.Scores[at].Trained = v.Estimate
		} else {
			e.out.Scores[at].Random = v.Estimate
		}
	}
}

// count adds what a reader needs to judge the numbers.
func (e *evaluator) count(p parts) {
	n, _ := countClasses(p.test.labels)
	e.out.Counts = Counts{Train: len(p.train.labels), Test: len(p.test.labels), Classes: n, Chance: chance(p.test.labels),
		Skipped: p.skipped()}
	if e.sets.train == e.sets.test {
		e.out.Counts.Train = 0
	}
	if e.opts.Kind == fewShotKind {
		e.out.Counts.Chance = 1 / float64(e.opts.FewShot.Ways)
	}
}

// describe adds the settings that all kinds have.
func (e *evaluator) describe() {
	o := e.out
	o.Settings = append(o.Settings, Setting{"clips", e.cfg.Eval.Clips}, Setting{"measured", "offline, after training"},
		Setting{"checkpoint", e.checkpoint()}, Setting{"run seed", e.cfg.Seed}, Setting{"precision", e.amp.String()})
}

func (e *evaluator) checkpoint() string {
	if e.opts.Checkpoint == "" {
		return "last"
	}
	return filepath.Base(e.opts.Checkpoint)
}

// load puts the checkpoint into the network.
func (e *evaluator) load() (err error) {
	e.out.Step, err = loadRun(e.opts.Run, e.checkpoint(), e.cfg, e.method)
	return err
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

// loadRun puts a checkpoint of a run into its method and returns the optimiser steps that it has.
func loadRun(run, checkpoint string, cfg *Config, method methods.Method) (step int, err error) {
	dir, st, err := wholeCheckpoint(run, checkpoint, cfg)
	if err != nil {
		return 0, err
	}
	return st.Step, loadNetwork(filepath.Join(dir, modelFile), method)
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
