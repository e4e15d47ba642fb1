package pipelines

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/google/renameio/v2"
)

// Score is one measure of the trained network and the same of the untrained one, in fractions of 1.
type Score struct {
	Name            string
	Trained, Random Estimate
}

// Setting is something that was chosen, with its name.
type Setting struct {
	Name  string
	Value any // a number, a word, or a list of these
}

// Sweep is how a value was chosen: on a held-out part of the training part, never on the test part.
type Sweep struct {
	Network string // trained, untrained
	Name    string // of what was swept: C, learning rate
	Values  []float64
	Held    []float64 // accuracy on the held-out part, by value; empty where nothing could be held out
	Chosen  float64
}

// Counts are what the scores were measured on.
type Counts struct {
	Train   int // samples to learn from, or of the gallery
	Test    int // samples that were tested
	Classes int // different ones among the tested samples
	Skipped int // samples that could not be read
	Chance  float64
}

// Evaluation is what an evaluation found, with all that is needed to judge and to repeat it.
type Evaluation struct {
	Kind     string
	Main     string // name of the score that stands for the kind
	Scores   []Score
	Counts   Counts
	Step     int // optimiser steps of the checkpoint
	Test     string
	Interval string // what the intervals are
	Settings []Setting
	Sweeps   []Sweep
	Notes    []string // what a reader should know, a sentence each
	File     string   // where the result is kept
}

// flat is the evaluation as names and values: NAME, NAME_random and the ends of their intervals as fractions of 1, the counts,
// and `settings`.
func (e *Evaluation) flat() map[string]any {
	m := map[string]any{
		"train": e.Counts.Train, "test": e.Counts.Test, "classes": e.Counts.Classes,
		"skipped": e.Counts.Skipped, "chance": e.Counts.Chance, "step": e.Step,
	}
	put := func(name string, s Score) {
		for suffix, v := range map[string]Estimate{"": s.Trained, "_random": s.Random} {
			m[name+suffix], m[name+suffix+"_low"], m[name+suffix+"_high"] = v.Value, v.Low, v.High
		}
	}
	for _, s := range e.Scores {
		put(s.Name, s)
		if s.Name == e.Main {
			put(e.Kind, s)
			m["ci95"] = (s.Trained.High - s.Trained.Low) / 2
		}
	}
	settings := map[string]any{"test_part": e.Test, "interval": e.Interval}
	for _, s := range e.Settings {
		settings[strings.ReplaceAll(s.Name, " ", "_")] = s.Value
	}
	m["settings"] = settings
	if len(e.Notes) > 0 {
		m["notes"] = e.Notes
	}
	for _, s := range e.Sweeps {
		key := strings.ReplaceAll(s.Name, " ", "_")
		m["sweep_"+key+suffixOf(s.Network)] = map[string]any{"values": s.Values, "held_out": s.Held, "chosen": s.Chosen}
	}
	return m
}

// The networks that are measured.
const (
	trainedNetwork   = "trained"
	untrainedNetwork = "untrained"
)

func suffixOf(network string) string {
	if network == untrainedNetwork {
		return "_random"
	}
	return ""
}

// MarshalJSON gives one flat object: {"knn": 0.61, "knn_random": 0.27, ...}.
func (e *Evaluation) MarshalJSON() ([]byte, error) { return json.Marshal(e.flat()) }

// evalDir is the folder of a run that keeps the results of evaluations.
const evalDir = "eval"

// keep writes the result to RUN/eval/KIND.json; a folder that cannot be written leaves a note.
func (e *Evaluation) keep(run string) {
	path := filepath.Join(run, evalDir, e.Kind+".json")
	data, err := json.MarshalIndent(e, "", "  ")
	if err == nil {
		err = os.MkdirAll(filepath.Dir(path), 0o755)
	}
	if err == nil {
		err = renameio.WriteFile(path, append(data, '\n'), 0o644)
	}
	if err != nil {
		e.Notes = append(e.Notes, "the result is not kept in the run folder: "+reason(err).Error())
		return
	}
	e.File = path
}

// kept reads the main scores that evaluations of a run left, in the order of the kinds.
func kept(run string) ([]keptScore, error) {
	var out []keptScore
	for _, kind := range Kinds() {
		data, err := os.ReadFile(filepath.Join(run, evalDir, kind+".json"))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		var all map[string]any
		if json.Unmarshal(data, &all) != nil {
			continue // a file that somebody has changed is no reason to have no report
		}
		s := keptScore{kind: kind}
		settings, _ := all["settings"].(map[string]any)
		s.test, _ = settings["test_part"].(string)
		var ok [3]bool
		s.trained, ok[0] = all[kind].(float64)
		s.random, ok[1] = all[kind+"_random"].(float64)
		s.chance, ok[2] = all["chance"].(float64)
		s.step, _ = all["step"].(float64)
		if ok == [3]bool{true, true, true} {
			out = append(out, s)
		}
	}
	return out, nil
}

// keptScore is a result that was read back.
type keptScore struct {
	kind, test                    string
	trained, random, chance, step float64
}
