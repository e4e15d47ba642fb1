package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	_ "vssl/clips/demo"        // the data set `demo`
	_ "vssl/clips/objectstore" // s3://, gs:// and azblob:// addresses
	_ "vssl/methods/all"       // every method
	"vssl/pipelines"
)

// Exit codes.
const (
	exitFailed      = 1
	exitUsage       = 2
	exitInterrupted = 130
)

// execute runs one command line and returns the exit code. An error is one sentence on stderr.
func execute(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	root := newRoot()
	root.SetArgs(args)
	root.SetOut(stdout)
	root.SetErr(stderr)
	err := root.ExecuteContext(ctx)
	if err == nil {
		return 0
	}
	if ctx.Err() != nil && !errors.Is(err, pipelines.ErrInterrupted) {
		fmt.Fprintln(stderr, "vssl: interrupted")
		return exitInterrupted
	}
	fmt.Fprintln(stderr, "vssl:", sentence(err))
	var usage *pipelines.UsageError
	switch {
	case errors.Is(err, pipelines.ErrInterrupted):
		return exitInterrupted
	case errors.As(err, &usage):
		return exitUsage
	default:
		return exitFailed
	}
}

// sentence puts the parts of a joined error on one line.
func sentence(err error) string {
	return strings.Join(strings.Split(strings.TrimSpace(err.Error()), "\n"), "; ")
}

func newRoot() *cobra.Command {
	root := &cobra.Command{
		Use:   "vssl",
		Short: "Learn from unlabelled video, sound and images, and label unlabelled videos",
		Long: `vssl learns representations from unlabelled videos and pictures, and shows what it learnt.

  vssl prepare demo --data data/demo
  vssl pretrain --dataset demo --data data/demo --method cvrl --recipe small --out runs/first
  vssl image --data photos --method simclr --model resnet18 --batch 256 --lr 0.3 --out runs/photos
  vssl eval knn --run runs/first`,
		Version:       version(),
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          noArgs,
		RunE:          func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	root.SuggestionsMinimumDistance = 2
	root.SetVersionTemplate("{{.Version}}\n")
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return usagef("%v; see `%s --help`", err, cmd.CommandPath())
	})
	root.AddCommand(newPretrain(), newImage(), newEval(), newPrepare(), newPreview(), newProbe(),
		newDatasets(), newMethods(), newModels(), newObjective(), newReport(), newExport(), newDoctor())
	return root
}

func usagef(format string, args ...any) error {
	return &pipelines.UsageError{Err: fmt.Errorf(format, args...)}
}

// noArgs refuses words that are no flags, and names the command that was probably meant.
func noArgs(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	if near := cmd.SuggestionsFor(args[0]); len(near) > 0 {
		return usagef("unknown command %q; did you mean %q?", args[0], near[0])
	}
	return usagef("%s takes no word %q; see `%s --help`", cmd.CommandPath(), args[0], cmd.CommandPath())
}

// oneArg wants exactly one word and says what it is.
func oneArg(what string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) != 1 {
			return usagef("%s wants %s; see `%s --help`", cmd.CommandPath(), what, cmd.CommandPath())
		}
		return nil
	}
}
