package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"vssl/pipelines"
	"vssl/pipelines/sink"
)

func newEval() *cobra.Command {
	var opts pipelines.EvalOptions
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "eval " + strings.Join(pipelines.Kinds(), "|"),
		Short: "Measure what a run's network has learnt",
		Long: `Measures the frozen network of a run on labelled videos, and beside it the same network before training.
Without --test a fifth of each class is held out, by a fixed seed. The score of each is printed as a share of 1.`,
		Example: `  vssl eval knn --run runs/demo
  vssl eval linear --run runs/demo --dataset folder --data ucf/train --test ucf/test --json`,
		ValidArgs: pipelines.Kinds(),
		Args:      oneArg("the kind of evaluation: " + strings.Join(pipelines.Kinds(), ", ")),
		RunE: func(cmd *cobra.Command, args []string) error {
			set, err := setTree(cmd)
			if err != nil {
				return err
			}
			delete(set, "dataset")
			delete(set, "data")
			opts.Kind, opts.Set = args[0], set
			opts.Progress = func(what string) func(done, total int) { return sink.Counter(cmd.ErrOrStderr(), what) }
			if opts.Run == "" {
				return usagef("eval needs --run, the folder that `vssl pretrain --out` wrote")
			}
			m, err := pipelines.Eval(cmd.Context(), opts)
			if err != nil {
				return err
			}
			if asJSON {
				return printJSON(cmd.OutOrStdout(), m)
			}
			return printMetrics(cmd, args[0], m)
		},
	}
	addConfigFlags(cmd, "batch", "device", "precision", "workers")
	f := cmd.Flags()
	f.StringVar(&opts.Run, "run", "", "run folder")
	f.StringVar(&opts.Checkpoint, "checkpoint", "last", "last, best or step-N")
	f.StringVar(&opts.Dataset, "dataset", "", "kind of data set; the run's where left out")
	f.StringVar(&opts.Data, "data", "", "folder or list of labelled videos; the run's where left out")
	f.StringVar(&opts.Test, "test", "", "folder or list of the test part")
	f.BoolVar(&asJSON, "json", false, "print one JSON object and nothing else on stdout")
	return cmd
}

// printMetrics writes a metric a line, the trained network's beside the untrained one's.
func printMetrics(cmd *cobra.Command, kind string, m pipelines.Metrics) error {
	w := cmd.OutOrStdout()
	for _, name := range slices.Sorted(maps.Keys(m)) {
		before, ok := m[name+"_random"]
		if !ok {
			continue
		}
		if _, err := fmt.Fprintf(w, "%-16s %.4f   untrained %.4f\n", name, m[name], before); err != nil {
			return err
		}
	}
	_, err := fmt.Fprintf(w, "%s over %.0f classes: %.0f samples to learn from, %.0f to test, 95 %% interval +-%.3f, chance %.3f; %.0f files skipped\n",
		kind, m["classes"], m["train"], m["test"], m["ci95"], m["chance"], m["skipped"])
	return err
}
