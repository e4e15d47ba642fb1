package main

import (
	"fmt"
	"path/filepath"

	"github.com/spf13/cobra"

	"vssl/pipelines"
)

func newPretrain() *cobra.Command {
	var file string
	var resume, asJSON bool
	cmd := &cobra.Command{
		Use:   "pretrain",
		Short: "Train a network on unlabelled videos",
		Long: `Trains a network on unlabelled videos by one of the methods of ` + "`vssl methods`" + `, and leaves a run folder:
config.yaml, metrics.jsonl, tensorboard/, checkpoints/, skipped.jsonl and report.html.
SIGINT and SIGTERM save the state and stop; --resume goes on from there, exactly.`,
		Example: `  vssl pretrain --dataset folder --data videos --method cvrl --out runs/cvrl
  vssl pretrain --dataset demo --data data/demo --recipe small --steps 400 --out runs/demo
  vssl pretrain --out runs/demo --resume`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			set, err := setTree(cmd)
			if err != nil {
				return err
			}
			cfg, err := pipelines.ResolveRun(file, set, resume)
			if err != nil {
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
		},
	}
	addConfigFlags(cmd)
	cmd.Flags().StringVar(&file, "config", "", "YAML file of settings, for example a run's config.yaml")
	cmd.Flags().BoolVar(&resume, "resume", false, "go on from the run folder's last checkpoint; start afresh where there is none")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print one JSON object at the end and nothing else on stdout")
	return cmd
}

func printResult(cmd *cobra.Command, res pipelines.Result) error {
	_, err := fmt.Fprintf(cmd.OutOrStdout(), "%d steps, %d samples, loss %.4f, %.1f clips/s, %.1f %% of the time waiting for data\nskipped: %d; left aside as no videos: %d; the reasons are in %s\nreport: %s\n",
		res.Steps, res.Samples, res.Loss, res.ClipsPerSecond, 100*res.DataWait, res.Skipped, res.LeftAside, filepath.Join(res.Run, "skipped.jsonl"), res.Report)
	return err
}
