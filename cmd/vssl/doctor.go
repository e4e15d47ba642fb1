package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"vssl/pipelines"
)

func newDoctor() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:     "doctor",
		Short:   "Check that this machine trains as fast as it can",
		Long:    "Looks at the engine, the BLAS, the threads, the number formats the processor computes in, FFmpeg and its codecs, and says what to mend.",
		Example: "  vssl doctor",
		Args:    noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			checks := pipelines.Doctor(cmd.Context())
			if asJSON {
				return printJSON(cmd.OutOrStdout(), checks)
			}
			bad := 0
			for _, c := range checks {
				mark := "ok  "
				if !c.OK {
					mark, bad = "MEND", bad+1
				}
				fmt.Fprintf(cmd.OutOrStdout(), "%s  %-10s %s\n", mark, c.Name, c.Found)
				if !c.OK {
					fmt.Fprintf(cmd.OutOrStdout(), "                 %s\n", c.Mend)
				}
			}
			if bad > 0 {
				return fmt.Errorf("%d of %d checks want mending", bad, len(checks))
			}
			return nil
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}
