package main

import (
	"fmt"
	"io"
	"os"

	"github.com/schollz/progressbar/v3"
	"github.com/spf13/cobra"
	"golang.org/x/term"

	"vssl/clips/demo"
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
			if err := demo.Prepare(cmd.Context(), dir, cfg, progress(cmd.ErrOrStderr(), "rendering")); err != nil {
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

// progress returns a function that shows how many of a number of things are done: a bar on a terminal, nothing elsewhere.
func progress(w io.Writer, what string) func(done, total int) {
	f, ok := w.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		return func(int, int) {}
	}
	var bar *progressbar.ProgressBar
	return func(done, total int) {
		if bar == nil {
			bar = progressbar.NewOptions(total, progressbar.OptionSetWriter(w), progressbar.OptionSetDescription(what),
				progressbar.OptionShowCount(), progressbar.OptionClearOnFinish())
		}
		_ = bar.Set(done) // a bar that cannot be drawn is no reason to stop
	}
}
