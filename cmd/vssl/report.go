package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"vssl/pipelines"
)

func newReport() *cobra.Command {
	var run string
	cmd := &cobra.Command{
		Use:     "report",
		Short:   "Write a run's report again",
		Long:    "Writes report.html in the run folder from what the run left: curves, augmented clips, nearest neighbours, scores, skipped files.",
		Example: "  vssl report --run runs/demo",
		Args:    noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			set, err := setTree(cmd)
			if err != nil {
				return err
			}
			if run == "" {
				return usagef("report needs --run, the folder that `vssl pretrain --out` wrote")
			}
			path, err := pipelines.Report(cmd.Context(), run, set, version())
			if err != nil {
				return err
			}
			_, err = fmt.Fprintln(cmd.OutOrStdout(), path)
			return err
		},
	}
	addConfigFlags(cmd, "device", "workers")
	cmd.Flags().StringVar(&run, "run", "", "run folder")
	return cmd
}
