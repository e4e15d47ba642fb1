package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"vssl/pipelines"
)

func newPreview() *cobra.Command {
	var file, picture string
	samples := 4
	cmd := &cobra.Command{
		Use:   "preview",
		Short: "Draw the augmented clips that training would see",
		Long:  "Writes a PNG sheet: the views of a few samples under the method's recipe, a row a view, the frames from left to right.",
		Example: `  vssl preview --dataset demo --data data/demo --method cvrl --recipe small --png sheet.png
  vssl preview --dataset folder --data videos --set augment.jitter.hue=0.5 --png sheet.png`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			set, err := setTree(cmd)
			if err != nil {
				return err
			}
			cfg, err := pipelines.Resolve(pipelines.Layers{File: file, Set: set})
			if err != nil {
				return err
			}
			if err := ensureDemo(cmd, cfg); err != nil {
				return err
			}
			skipped, err := pipelines.Preview(cmd.Context(), cfg, picture, samples)
			if err != nil {
				return err
			}
			for _, s := range skipped {
				fmt.Fprintf(cmd.ErrOrStderr(), "skipped %s: %s\n", s.Path, s.Reason)
			}
			_, err = fmt.Fprintln(cmd.OutOrStdout(), picture)
			return err
		},
	}
	addConfigFlags(cmd, "dataset", "data", "method", "model", "recipe", "seed", "workers")
	cmd.Flags().StringVar(&file, "config", "", "YAML file of settings, for example a run's config.yaml")
	cmd.Flags().StringVar(&picture, "png", "preview.png", "file to write")
	cmd.Flags().IntVar(&samples, "samples", samples, "samples to show")
	return cmd
}
