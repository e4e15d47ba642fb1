package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"vssl/methods/catalogue"
)

func newObjective() *cobra.Command {
	cmd := &cobra.Command{
		Use: "objective", Short: "List the objectives, networks and signals, and check them against golden cases",
		Example: "  vssl objective list contrastive\n  vssl objective check golden/*/*.safetensors",
		Args:    noArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newObjectiveList(), newObjectiveCheck())
	return cmd
}

func newObjectiveList() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use: "list [NAME...]", Short: "Print inputs, parameters, outputs and paper of every objective, or of those whose names begin so",
		Example: "  vssl objective list\n  vssl objective list contrastive clustering.selavi",
		RunE: func(cmd *cobra.Command, prefixes []string) error {
			list, err := chosen(prefixes)
			if err != nil {
				return err
			}
			if asJSON {
				return printJSON(cmd.OutOrStdout(), list)
			}
			for _, e := range list {
				printEntry(cmd.OutOrStdout(), e)
			}
			return nil
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

// chosen are the entries whose names begin with one of the prefixes, all without prefixes.
func chosen(prefixes []string) ([]catalogue.Entry, error) {
	all := catalogue.All()
	if len(prefixes) == 0 {
		return all, nil
	}
	var list []catalogue.Entry
	found := map[string]bool{}
	for _, e := range all {
		for _, p := range prefixes {
			if e.Name == p || strings.HasPrefix(e.Name, p) {
				found[p] = true
				if len(list) == 0 || list[len(list)-1].Name != e.Name {
					list = append(list, e)
				}
			}
		}
	}
	for _, p := range prefixes {
		if !found[p] {
			return nil, usagef("no objective begins with %q; `vssl objective list` prints them all", p)
		}
	}
	return list, nil
}

func printEntry(w io.Writer, e catalogue.Entry) {
	fmt.Fprintf(w, "%s  %s (%s)\n", e.Name, e.About, e.Paper)
	for _, in := range e.Inputs {
		fmt.Fprintf(w, "    in   %-22s %-16s %s\n", in.Name, in.Shape, in.About)
	}
	for _, p := range e.Params {
		value := "required"
		if p.Default != nil {
			value = fmt.Sprint(p.Default)
		}
		fmt.Fprintf(w, "    set  %-22s %-16s %s\n", p.Name, value, p.About)
	}
	fmt.Fprintf(w, "    out  %s\n", e.Outputs)
}

func newObjectiveCheck() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use: "check FILE...", Short: "Evaluate golden cases and compare values and gradients with what they expect",
		Long: `Evaluates each golden case (a .safetensors file) and prints a line for it: "ok NAME err=E", where E is the largest error of any
number as a share of what the case allows, or "FAIL NAME" with the number that is off. Exit status 1 if a case fails.`,
		Example: "  vssl objective check golden/contrastive/*.safetensors",
		RunE: func(cmd *cobra.Command, files []string) error {
			if len(files) == 0 {
				return usagef("no file given; `vssl objective check FILE...` takes golden cases")
			}
			return checkCases(cmd, files, asJSON)
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

// checkCases prints a line a case as it is done, or everything as JSON at the end.
func checkCases(cmd *cobra.Command, files []string, asJSON bool) error {
	type line struct {
		Case      string   `json:"case"`
		Objective string   `json:"objective,omitempty"`
		OK        bool     `json:"ok"`
		Error     *float64 `json:"error,omitempty"`  // of a case that is right, as a share of what it allows
		Reason    string   `json:"reason,omitempty"` // of one that is not
	}
	lines := []line{}
	failed := 0
	for _, file := range files {
		if err := cmd.Context().Err(); err != nil {
			return err
		}
		r := catalogue.CheckFile(file)
		l := line{Case: r.Case, Objective: r.Objective, OK: r.Fail == nil}
		if l.OK {
			l.Error = &r.Error
		} else {
			failed++
			l.Reason = sentence(r.Fail)
		}
		lines = append(lines, l)
		switch {
		case asJSON:
		case l.OK:
			fmt.Fprintf(cmd.OutOrStdout(), "ok %s err=%.2g\n", r.Case, r.Error)
		default:
			fmt.Fprintf(cmd.OutOrStdout(), "FAIL %s %s\n", r.Case, l.Reason)
		}
	}
	if asJSON {
		if err := printJSON(cmd.OutOrStdout(), lines); err != nil {
			return err
		}
	}
	if failed > 0 {
		return fmt.Errorf("%d of %d cases failed", failed, len(files))
	}
	return nil
}
