package main

import (
	"encoding/json"
	"fmt"
	"io"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"vssl/clips"
	"vssl/methods"
	"vssl/models"
	"vssl/pipelines"
)

// configFlag is a flag that stands for a key of the configuration.
type configFlag struct{ name, key, about string }

// configFlags are the same words on every command that trains.
var configFlags = []configFlag{
	{"dataset", "dataset", "kind of data set, see `vssl datasets`"},
	{"data", "data", "folder or list of the data"},
	{"method", "method.name", "method, see `vssl methods`"},
	{"model", "model.name", "network, see `vssl models`"},
	{"recipe", "recipe", "settings to start from: default is the paper's, small is for a few hundred clips or pictures of 32 pixels"},
	{"out", "out", "run folder"},
	{"epochs", "schedule.epochs", "passes over the data"},
	{"steps", "schedule.steps", "optimiser steps in all; takes the place of --epochs"},
	{"batch", "batch", "samples a step"},
	{"lr", "optimizer.lr", "peak learning rate"},
	{"seed", "seed", "seed of weights, order and augmentations"},
	{"device", "device", "auto, cpu or cuda:N"},
	{"precision", "precision", "auto, fp32 or bf16; auto takes bf16 where the hardware computes in it"},
	{"workers", "workers", "goroutines that decode"},
}

// addConfigFlags puts the named flags, or all of them, on a command. Their values stay text: the configuration's own types refuse what does not fit.
func addConfigFlags(cmd *cobra.Command, names ...string) {
	wanted := map[string]bool{}
	for _, n := range names {
		wanted[n] = true
	}
	for _, f := range configFlags {
		if len(names) == 0 || wanted[f.name] {
			cmd.Flags().String(f.name, "", f.about)
			complete(cmd, f.name)
		}
	}
	cmd.Flags().StringArray("set", nil, "any key of the configuration: --set key=value, as often as needed")
}

// complete offers the words that a flag can take to the shell's completion.
func complete(cmd *cobra.Command, flag string) {
	var words []string
	switch flag {
	case "method":
		words = methods.Names()
	case "model":
		words = models.Names()
	case "dataset":
		for _, k := range clips.SourceKinds() {
			words = append(words, k.Name)
		}
	case "precision":
		words = []string{"auto", "fp32", "bf16"}
	case "device":
		words = []string{"auto", "cpu", "cuda:0"}
	default:
		return
	}
	if err := cmd.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(words, cobra.ShellCompDirectiveNoFileComp)); err != nil {
		panic(err) // the flag was added just before
	}
}

// setTree is what the flags and --set of a command line say about the configuration.
func setTree(cmd *cobra.Command) (map[string]any, error) {
	var words []string
	cmd.Flags().Visit(func(flag *pflag.Flag) {
		for _, f := range configFlags {
			if f.name == flag.Name {
				words = append(words, f.key+"="+quote(f.name, flag.Value.String()))
			}
		}
	})
	set, err := cmd.Flags().GetStringArray("set")
	if err != nil {
		return nil, err
	}
	return pipelines.ParseSet(append(words, set...))
}

// quote keeps a path or a name from being read as a YAML number, list or mapping.
func quote(flag, value string) string {
	switch flag {
	case "epochs", "steps", "batch", "lr", "seed", "workers":
		return value
	}
	data, err := json.Marshal(value)
	if err != nil {
		return value // text always marshals
	}
	return string(data)
}

// printJSON writes one object on one line.
func printJSON(w io.Writer, v any) error {
	data, err := json.Marshal(v)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(w, string(data))
	return err
}
