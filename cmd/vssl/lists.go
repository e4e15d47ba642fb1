package main

import (
	"fmt"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"vssl/clips"
	"vssl/methods"
	"vssl/models"
	"vssl/recipes"
)

// newList makes a command that prints a table, or the same as JSON.
func newList(use, short, header string, rows func() (cells [][]any, list any)) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use: use, Short: short, Example: "  vssl " + use + " --json", Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			cells, list := rows()
			if asJSON {
				return printJSON(cmd.OutOrStdout(), list)
			}
			w := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 0, 2, ' ', 0)
			fmt.Fprintln(w, header)
			for _, row := range cells {
				for i, cell := range row {
					if i > 0 {
						fmt.Fprint(w, "\t")
					}
					fmt.Fprint(w, cell)
				}
				fmt.Fprintln(w)
			}
			return w.Flush()
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

func newDatasets() *cobra.Command {
	return newList("datasets", "List the kinds of data sets", "NAME\tWHAT IT IS", func() (cells [][]any, list any) {
		kinds := clips.SourceKinds()
		for _, k := range kinds {
			cells = append(cells, []any{k.Name, k.About})
		}
		return cells, kinds
	})
}

func newMethods() *cobra.Command {
	return newList("methods", "List the methods, their papers and recipes", "NAME\tMEDIUM\tPAPER\tSTATUS\tRECIPES\tWHAT IT IS", func() (cells [][]any, list any) {
		all := methods.All()
		for _, m := range all {
			cells = append(cells, []any{m.Name, m.Medium, m.Paper, m.Status, strings.Join(recipes.Of(m.Name), " "), m.Summary})
		}
		return cells, all
	})
}

func newModels() *cobra.Command {
	return newList("models", "List the networks", "NAME\tFEATURES\tPARAMETERS\tWHAT IT IS", func() (cells [][]any, list any) {
		all := models.All()
		for _, m := range all {
			cells = append(cells, []any{m.Name, m.Features, m.Params, m.Summary})
		}
		return cells, all
	})
}
