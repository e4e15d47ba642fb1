package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"vssl/pipelines"
)

// printEvaluation writes a table of the scores, how values were chosen, and what a reader needs to judge and repeat them.
func printEvaluation(w io.Writer, e *pipelines.Evaluation) error {
	t := tabwriter.NewWriter(w, 0, 0, 3, ' ', 0)
	fmt.Fprintf(t, "\ttrained\t95 %%\tuntrained\t95 %%\n")
	for _, s := range e.Scores {
		fmt.Fprintf(t, "%s\t%.4f\t%.3f..%.3f\t%.4f\t%.3f..%.3f\n", s.Name, s.Trained.Value, s.Trained.Low, s.Trained.High,
			s.Random.Value, s.Random.Low, s.Random.High)
	}
	fmt.Fprintf(t, "chance\t%.4f\t\t\n", e.Counts.Chance)
	if err := t.Flush(); err != nil {
		return err
	}
	for _, s := range e.Sweeps {
		if err := printSweep(w, s); err != nil {
			return err
		}
	}
	fmt.Fprintln(w)
	t = tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintf(t, "test part\t%s\n", e.Test)
	fmt.Fprintf(t, "samples\t%s\n", counts(e.Counts))
	fmt.Fprintf(t, "interval\t%s\n", e.Interval)
	fmt.Fprintf(t, "settings\t%s\n", settings(e))
	for _, n := range e.Notes {
		fmt.Fprintf(t, "note\t%s\n", n)
	}
	if e.File != "" {
		fmt.Fprintf(t, "kept in\t%s\n", e.File)
	}
	return t.Flush()
}

func counts(c pipelines.Counts) string {
	learn := ""
	if c.Train > 0 {
		learn = fmt.Sprintf("%d to learn from, ", c.Train)
	}
	return fmt.Sprintf("%s%d tested, %d classes; %d could not be read", learn, c.Test, c.Classes, c.Skipped)
}

func settings(e *pipelines.Evaluation) string {
	words := []string{fmt.Sprintf("step %d", e.Step)}
	for _, s := range e.Settings {
		words = append(words, s.Name+" "+word(s.Value))
	}
	return strings.Join(words, ", ")
}

// word is a setting's value as people write it.
func word(v any) string {
	if text, ok := v.(string); ok {
		return text
	}
	data, err := json.Marshal(v)
	if err != nil {
		return fmt.Sprint(v)
	}
	return strings.ReplaceAll(string(data), ",", " ")
}

// printSweep writes a value a column, and below it the accuracy on the part that was held out to choose by.
func printSweep(w io.Writer, s pipelines.Sweep) error {
	if len(s.Held) == 0 {
		_, err := fmt.Fprintf(w, "\n%s network: %s is %g\n", s.Network, s.Name, s.Chosen)
		return err
	}
	fmt.Fprintf(w, "\n%s network: %s %g is the best on the held-out fifth of the training part\n", s.Network, s.Name, s.Chosen)
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	for _, v := range s.Values {
		fmt.Fprintf(t, "%g\t", v)
	}
	fmt.Fprintln(t)
	for _, v := range s.Held {
		fmt.Fprintf(t, "%.4f\t", v)
	}
	fmt.Fprintln(t)
	return t.Flush()
}
