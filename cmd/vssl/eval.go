package main

import (
	"strings"

	"github.com/spf13/cobra"

	"vssl/pipelines"
	"vssl/pipelines/sink"
)

// evalFlag is a flag that stands for a key of the run's configuration.
type evalFlag struct {
	name, key, about string
	number           bool // else text
}

// evalFlags are those of all kinds of evaluation.
var evalFlags = []evalFlag{
	{"dataset", "eval.dataset", "kind of data set; the run's where left out", false},
	{"data", "eval.data", "folder or list of labelled samples; the run's where left out", false},
	{"split", "eval.split", "part of the data that is learnt from, for kinds of data sets that have parts", false},
	{"test", "eval.test", "folder or list of the test part", false},
	{"test-split", "eval.test_split", "part of the data that is the test part: test, validate, ...", false},
	{"device", "device", "auto, cpu or cuda:N", false},
	{"precision", "precision", "auto, fp32 or bf16", false},
	{"workers", "workers", "goroutines that decode", true},
	{"batch", "batch", "samples that go through the network at a time; of finetune: a step, at most", true},
}

// knnFlags are those of knn.
var knnFlags = []evalFlag{
	{"k", "eval.k", "neighbours; eval.k of the run where left out", true},
	{"temperature", "eval.temperature", "temperature of the vote; eval.temperature of the run where left out", true},
}

func newEval() *cobra.Command {
	kinds := strings.Join(pipelines.Kinds(), "|")
	cmd := &cobra.Command{
		Use:   "eval " + kinds,
		Short: "Measure what a run's network has learnt",
		Long: `Measures the network of a run on labelled samples, and beside it the same network before training.

The test part is --test or --test-split; where neither is given, the part that the makers of the data set hold out for tests;
where there is none, a fifth of each class by a fixed seed. The result says which, and is kept in the run folder as
eval/KIND.json.`,
		Example: `  vssl eval knn --run runs/demo
  vssl eval linear --run runs/cifar --dataset cifar10 --data data/cifar10 --json
  vssl eval finetune --run runs/demo --fractions 0.1,1 --seeds 3`,
		Args: oneArg("the kind of evaluation: " + strings.ReplaceAll(kinds, "|", ", ")),
		RunE: func(_ *cobra.Command, args []string) error { return pipelines.CheckKind(args[0]) },
		// a kind that is misspelt is to be named, not the flags behind it
		FParseErrWhitelist: cobra.FParseErrWhitelist{UnknownFlags: true},
	}
	cmd.AddCommand(newEvalKNN(), newEvalLinear(), newEvalFinetune(), newEvalFewShot(), newEvalRetrieval())
	return cmd
}

func newEvalKNN() *cobra.Command {
	opts := pipelines.DefaultEval()
	return evalKind(&opts, &cobra.Command{
		Use:   "knn",
		Short: "Share of test samples that their nearest training samples name right",
		Long:  "Names every test sample by its k nearest training samples, each weighing exp(cosine/temperature), as in 1805.01978.",
		Example: `  vssl eval knn --run runs/demo
  vssl eval knn --run runs/imagenet --k 200 --temperature 0.07 --checkpoint best`,
	}, knnFlags...)
}

func newEvalLinear() *cobra.Command {
	opts := pipelines.DefaultEval()
	l := &opts.Linear
	cmd := evalKind(&opts, &cobra.Command{
		Use:   "linear",
		Short: "Accuracy of a linear classifier on frozen features",
		Long: `Fits a linear classifier to frozen, standardised features: by logistic regression (lbfgs), with the strength of its penalty,
or by SGD, with the learning rate, chosen on a fifth of the training part that is held out for that. The test part chooses nothing.`,
		Example: `  vssl eval linear --run runs/demo
  vssl eval linear --run runs/demo --c 0.01,0.1,1
  vssl eval linear --run runs/cifar --solver sgd --epochs 50 --augment`,
	})
	f := cmd.Flags()
	f.StringVar(&l.Solver, "solver", l.Solver, "lbfgs or sgd")
	f.Float64SliceVar(&l.C, "c", l.C, "lbfgs: weights of the data against the penalty, to choose from")
	f.Float64SliceVar(&l.Rates, "rates", l.Rates, "sgd: learning rates to choose from")
	f.IntVar(&l.Epochs, "epochs", l.Epochs, "sgd: passes over the training part")
	f.IntVar(&l.Batch, "rows", l.Batch, "sgd: rows of features a step")
	f.BoolVar(&l.Augment, "augment", l.Augment, "sgd: crop and flip anew in every epoch, which reads all samples each time")
	f.Uint64Var(&opts.Seed, "seed", opts.Seed, "seed of the part that is held out and of the order")
	return cmd
}

func newEvalFinetune() *cobra.Command {
	opts := pipelines.DefaultEval()
	t := &opts.Finetune
	cmd := evalKind(&opts, &cobra.Command{
		Use:   "finetune",
		Short: "Accuracy of the whole network trained with a part of the labels",
		Long: `Trains the whole network with labels, from the run's checkpoint and from its untrained weights, on fractions of the labels
drawn with the same number of each class. Each training is a run folder below RUN/eval; one that is interrupted goes on with the
same command.`,
		Example: `  vssl eval finetune --run runs/demo --fractions 0.1,1
  vssl eval finetune --run runs/cifar --fractions 0.01 --seeds 5 --epochs 60`,
	})
	f := cmd.Flags()
	f.Float64SliceVar(&t.Fractions, "fractions", t.Fractions, "shares of the labels")
	f.IntVar(&t.Seeds, "seeds", t.Seeds, "trainings a fraction, each with labels of its own")
	f.Uint64Var(&opts.Seed, "seed", opts.Seed, "the first seed, of the labels and of the training")
	f.IntVar(&t.Epochs, "epochs", t.Epochs, "passes over the labelled samples")
	f.IntVar(&t.Steps, "min-steps", t.Steps, "optimiser steps that each training makes at least")
	f.Float64Var(&t.LR, "lr", t.LR, "peak rate of the classifier")
	f.Float64Var(&t.BackboneRate, "backbone-rate", t.BackboneRate, "factor of the rate for the trained network below the classifier")
	f.Float64Var(&t.WeightDecay, "weight-decay", t.WeightDecay, "weight decay")
	f.Float64Var(&t.LabelSmoothing, "label-smoothing", t.LabelSmoothing, "mass of a label that is spread over all classes")
	return cmd
}

func newEvalFewShot() *cobra.Command {
	opts := pipelines.DefaultEval()
	s := &opts.FewShot
	cmd := evalKind(&opts, &cobra.Command{
		Use:   "few-shot",
		Short: "Accuracy in episodes of a few classes with a few samples each",
		Long: `Draws episodes from the test part: a few classes, a few labelled samples of each, and queries that are named by the nearest
class mean (centroid) or by logistic regression (logistic), on features of length 1.`,
		Example: `  vssl eval few-shot --run runs/demo
  vssl eval few-shot --run runs/birds --data birds/novel --ways 5 --shots 1,5 --episodes 2000`,
	})
	f := cmd.Flags()
	f.IntVar(&s.Ways, "ways", s.Ways, "classes an episode")
	f.IntSliceVar(&s.Shots, "shots", s.Shots, "labelled samples a class")
	f.IntVar(&s.Queries, "queries", s.Queries, "queries a class, at most")
	f.IntVar(&s.Episodes, "episodes", s.Episodes, "episodes")
	f.StringVar(&s.Classifier, "classifier", s.Classifier, "centroid or logistic")
	f.Uint64Var(&opts.Seed, "seed", opts.Seed, "seed of the episodes")
	return cmd
}

func newEvalRetrieval() *cobra.Command {
	opts := pipelines.DefaultEval()
	cmd := evalKind(&opts, &cobra.Command{
		Use:   "retrieval",
		Short: "Share of test samples with one of their class among the nearest",
		Long: `Looks for samples of the same class among the 1, 5 and 10 nearest by cosine, and at how well the whole gallery is ordered
(mean average precision).`,
		Example: `  vssl eval retrieval --run runs/demo
  vssl eval retrieval --run runs/demo --gallery self`,
	})
	cmd.Flags().StringVar(&opts.Gallery, "gallery", opts.Gallery, "train: the training part; self: the test part without the query")
	return cmd
}

// evalKind gives a command what all kinds have in common, and flags of its own for keys of the configuration.
func evalKind(opts *pipelines.EvalOptions, cmd *cobra.Command, own ...evalFlag) *cobra.Command {
	var asJSON bool
	keys := append(own, evalFlags...)
	opts.Kind = cmd.Name()
	cmd.Args = noArgs
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		var err error
		if opts.Set, err = evalTree(cmd, keys); err != nil {
			return err
		}
		opts.Progress = func(what string) func(done, total int) { return sink.Counter(cmd.ErrOrStderr(), what) }
		if opts.Run == "" {
			return usagef("eval needs --run, the folder that `vssl pretrain --out` wrote")
		}
		result, err := pipelines.Eval(cmd.Context(), *opts)
		if err != nil {
			return err
		}
		if asJSON {
			return printJSON(cmd.OutOrStdout(), result)
		}
		return printEvaluation(cmd.OutOrStdout(), result)
	}
	f := cmd.Flags()
	f.StringVar(&opts.Run, "run", "", "run folder")
	f.StringVar(&opts.Checkpoint, "checkpoint", opts.Checkpoint, "last, best or step-N")
	for _, e := range keys {
		f.String(e.name, "", e.about)
		complete(cmd, e.name)
	}
	f.StringArray("set", nil, "any key of the run's configuration: --set key=value, as often as needed")
	f.BoolVar(&asJSON, "json", false, "print one JSON object and nothing else on stdout")
	return cmd
}

// evalTree is what the flags and --set say about the configuration of the run.
func evalTree(cmd *cobra.Command, keys []evalFlag) (map[string]any, error) {
	words, err := cmd.Flags().GetStringArray("set")
	if err != nil {
		return nil, err
	}
	for _, e := range keys {
		flag := cmd.Flags().Lookup(e.name)
		if !flag.Changed {
			continue
		}
		value := flag.Value.String()
		if !e.number {
			value = quote(e.name, value)
		}
		words = append(words, e.key+"="+value)
	}
	return pipelines.ParseSet(words)
}
