package main

import (
	"fmt"
	"path/filepath"

	"github.com/spf13/cobra"

	"vssl/methods"
	"vssl/pipelines"
)

func newPretrain() *cobra.Command {
	return newTrain(methods.Video, &cobra.Command{
		Use:   "pretrain",
		Short: "Train a network on unlabelled videos",
		Long: `Trains a network on unlabelled videos by one of the methods of ` + "`vssl methods`" + `, and leaves a run folder:
config.yaml, metrics.jsonl, tensorboard/, checkpoints/, skipped.jsonl and report.html.
SIGINT and SIGTERM save the state and stop; --resume goes on from there, exactly.`,
		Example: `  vssl pretrain --dataset folder --data videos --method cvrl --out runs/cvrl
  vssl pretrain --dataset demo --data data/demo --recipe small --steps 400 --out runs/demo
  vssl pretrain --out runs/demo --resume`,
	})
}

// newTrain makes a command that trains by the methods of a medium.
func newTrain(medium methods.Medium, cmd *cobra.Command) *cobra.Command {
	var file string
	var resume, asJSON bool
	cmd.Args = noArgs
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		set, err := setTree(cmd)
		if err != nil {
			return err
		}
		cfg, err := pipelines.ResolveRun(pipelines.Layers{Medium: medium, File: file, Set: set}, resume)
		if err != nil {
			return err
		}
		if err := suits(cfg.MethodName(), medium); err != nil {
			return err
		}
		if err := ensureDemo(cmd, cfg); err != nil {
			return err
		}
		res, err := pipelines.Pretrain(cmd.Context(), cfg, pipelines.Options{Resume: resume, Terminal: cmd.ErrOrStderr(), Version: version()})
		if err != nil {
			return err
		}
		if asJSON {
			return printJSON(cmd.OutOrStdout(), res)
		}
		return printResult(cmd, res)
	}
	addConfigFlags(cmd)
	cmd.Flags().StringVar(&file, "config", "", "YAML file of settings, for example a run's config.yaml")
	cmd.Flags().BoolVar(&resume, "resume", false, "go on from the run folder's last checkpoint; start afresh where there is none")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print one JSON object at the end and nothing else on stdout")
	return cmd
}

// suits refuses a method of videos for pictures. The other way round it sees single frames, which may be what is wanted.
func suits(method string, medium methods.Medium) error {
	if medium == methods.Image && methods.MediumOf(method) != methods.Image {
		return usagef("method %s learns from videos: use `vssl pretrain --method %s`, or one of the methods for pictures that `vssl methods` lists", method, method)
	}
	return nil
}

func printResult(cmd *cobra.Command, res pipelines.Result) error {
	_, err := fmt.Fprintf(cmd.OutOrStdout(), "%d steps, %d samples, loss %.4f, %.1f clips/s, %.1f %% of the time waiting for data\nskipped: %d; left aside as of another kind: %d; the reasons are in %s\nreport: %s\n",
		res.Steps, res.Samples, res.Loss, res.ClipsPerSecond, 100*res.DataWait, res.Skipped, res.LeftAside, filepath.Join(res.Run, "skipped.jsonl"), res.Report)
	return err
}
