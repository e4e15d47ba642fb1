package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"vssl/pipelines"
)

func newExport() *cobra.Command {
	var opts pipelines.ExportOptions
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "export",
		Short: "Write a run's network, or somebody's weights, as safetensors",
		Long: `Writes the backbone of a run under torchvision's names, without the heads of training. In Python:

  state = safetensors.torch.load_file("backbone.safetensors")
  model = torchvision.models.resnet18(); model.fc = torch.nn.Identity()
  model.load_state_dict(state)

With --weights it reads a safetensors file or a checkpoint that torch.save wrote (.pth, .pt, .pth.tar, .ckpt, .bin), runs nothing
of what is in it, and writes the network that --model names, wherever in the file it is; without --model, all tensors as they
are named.`,
		Example: `  vssl export --run runs/first --out backbone.safetensors
  vssl export --run runs/first --checkpoint best --out best.safetensors --force
  vssl export --weights moco.pth.tar --model resnet50 --out resnet50.safetensors
  vssl export --weights dino.pth --model resnet50 --prefix teacher.backbone. --out teacher.safetensors
  vssl export --weights checkpoint.pt --out all.safetensors --json`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			done, err := pipelines.Export(opts)
			if err != nil {
				return err
			}
			if asJSON {
				return printJSON(cmd.OutOrStdout(), done)
			}
			return printExported(cmd, done)
		},
	}
	f := cmd.Flags()
	f.StringVar(&opts.Run, "run", "", "run folder")
	f.StringVar(&opts.Checkpoint, "checkpoint", "", "of the run: last, best or step-N (last where left out)")
	f.StringVar(&opts.Weights, "weights", "", "safetensors file or PyTorch checkpoint, in place of --run")
	f.StringVar(&opts.Model, "model", "", "network that --weights are for, see `vssl models`")
	f.StringVar(&opts.Stem, "stem", "", "stem of --model: imagenet or small (imagenet where left out)")
	f.StringVar(&opts.Prefix, "prefix", "", "what the wanted names of --weights begin with; it is cut off")
	f.StringVar(&opts.Out, "out", "", "file to write")
	f.BoolVar(&opts.Force, "force", false, "replace the file where it exists")
	f.BoolVar(&asJSON, "json", false, "print one JSON object and nothing else on stdout")
	complete(cmd, "model")
	return cmd
}

// printExported says what was written and from where in the source.
func printExported(cmd *cobra.Command, done pipelines.Exported) error {
	var from strings.Builder
	if done.Prefix != "" {
		fmt.Fprintf(&from, ", from under %q", done.Prefix)
	}
	if len(done.Alike) > 0 {
		fmt.Fprintf(&from, " (it is also under %s: --prefix chooses)", strings.Join(done.Alike, ", "))
	}
	_, err := fmt.Fprintf(cmd.OutOrStdout(), "%s: %d tensors, %d bytes%s; %d of the source left out\n",
		done.Out, done.Tensors, done.Bytes, from.String(), done.Left)
	return err
}
