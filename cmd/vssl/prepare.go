package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"vssl/clips/demo"
	"vssl/pipelines"
	"vssl/pipelines/sink"
)

func newPrepare() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "prepare",
		Short: "Make a data set ready",
		Args:  noArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newPrepareDemo())
	return cmd
}

func newPrepareDemo() *cobra.Command {
	cfg := demo.Defaults()
	var dir string
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "Render and encode a small labelled set of moving, sounding shapes",
		Long: `Renders and encodes real MP4 files (H.264 and AAC) of moving shapes. The classes differ in how the shape moves and sounds,
not in what one frame shows. A set that is there already is left alone.`,
		Example: "  vssl prepare demo --data data/demo",
		Args:    noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if dir == "" {
				return usagef("prepare demo needs --data, the folder to make the set in")
			}
			if err := demo.Prepare(cmd.Context(), dir, cfg, sink.Counter(cmd.ErrOrStderr(), "clips made")); err != nil {
				return err
			}
			_, err := fmt.Fprintf(cmd.OutOrStdout(), "%d clips of %d classes in %s\n", cfg.Clips, len(demo.Classes()), dir)
			return err
		},
	}
	cmd.Flags().StringVar(&dir, "data", "", "folder to make the set in")
	cmd.Flags().IntVar(&cfg.Clips, "clips", cfg.Clips, "clips in all")
	cmd.Flags().Uint64Var(&cfg.Seed, "seed", cfg.Seed, "seed of the set")
	return cmd
}

// ensureDemo makes the demo set where a run asks for it and it is not there yet, so that the work shows and can be stopped.
func ensureDemo(cmd *cobra.Command, cfg *pipelines.Config) error {
	if cfg.Dataset != "demo" || cfg.Data == "" {
		return nil
	}
	return demo.Ensure(cmd.Context(), cfg.Data, sink.Counter(cmd.ErrOrStderr(), "clips made"))
}
