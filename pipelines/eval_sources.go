package pipelines

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"vssl/clips"
)

// evalSets are the labelled samples that an evaluation learns from, and those that it is measured on. Both have the same class
// numbers.
type evalSets struct {
	train clips.Source // the test part itself where the kind compares test samples with each other only
	test  clips.Source
	about string   // where the test part comes from
	notes []string // what was left out of either
}

// openSets opens the labelled data of the eval section of the configuration: the training part, and the test part that is named,
// or that the makers of the data set hold out, or a fifth of each class by a fixed seed. With testOnly the test part alone is of
// interest, and is all of the data where no other is named.
func openSets(ctx context.Context, cfg *Config, testOnly bool, show Progress) (s evalSets, err error) {
	data := evalData(cfg)
	all, err := OpenSource(ctx, &data, show)
	if err != nil {
		return s, err
	}
	test, err := s.openTest(ctx, data, cfg.Eval, show)
	if err != nil {
		return s, err
	}
	switch {
	case test != nil && testOnly:
		return s, s.fromOne(test, testOnly)
	case test != nil:
		return s, s.fromTwo(all, test)
	default:
		return s, s.fromOne(all, testOnly)
	}
}

// evalData is the configuration with the data that is evaluated on in place of what was trained on.
func evalData(cfg *Config) Config {
	data, e := *cfg, cfg.Eval
	if e.Dataset != "" {
		data.Dataset, data.List, data.Split = e.Dataset, "", ""
	}
	if e.Data != "" {
		data.Data = e.Data
	}
	if e.Split != "" {
		data.Split = e.Split
	}
	return data
}

// openTest opens the test part that is named or official; nil where there is none.
func (s *evalSets) openTest(ctx context.Context, data Config, e EvalConfig, show Progress) (clips.Source, error) {
	held := data
	switch official := clips.TestSplit(data.Dataset); {
	case e.Test != "":
		held.Data, held.Split = e.Test, e.TestSplit
		if e.TestSplit == "" {
			held.Split = data.Split
		}
		s.about = held.Data
	case e.TestSplit != "":
		held.Split = e.TestSplit
		s.about = fmt.Sprintf("split %s of %s", held.Split, held.Data)
	case official != "" && official != data.Split:
		held.Split = official
		test, err := OpenSource(ctx, &held, show)
		if err != nil && ctx.Err() == nil { // the part may not have been downloaded; the user has not asked for it
			s.notes = append(s.notes, fmt.Sprintf("the official test split is not used: %s", oneLine(err)))
			return nil, nil
		}
		s.about = fmt.Sprintf("the official split %s of %s", official, held.Data)
		return test, err
	default:
		return nil, nil
	}
	if filepath.Clean(held.Data) == filepath.Clean(data.Data) && held.Split == data.Split {
		return nil, &UsageError{fmt.Errorf("the test part, %s, is the training part itself: "+
			"name another with --test or --test-split, or leave both out", s.about)}
	}
	return OpenSource(ctx, &held, show)
}

// fromTwo takes both parts as they are, numbers their classes alike, and leaves out what cannot be measured.
func (s *evalSets) fromTwo(train, test clips.Source) error {
	classes := slices.Clone(train.Classes())
	number := map[string]int{}
	for i, c := range classes {
		number[c] = i
	}
	for _, c := range test.Classes() {
		if _, ok := number[c]; !ok {
			number[c] = len(classes)
			classes = append(classes, c)
		}
	}
	fit := labelledSamples(train, number)
	held := labelledSamples(test, number)
	s.noteUnlabelled("the training part", train.Len()-len(fit))
	s.noteUnlabelled("the test part", test.Len()-len(held))
	known := s.knownOnly(fit, held)
	if len(held) > 0 && len(fit) > 0 && len(known) == 0 {
		return &UsageError{fmt.Errorf("no class of the test set (%s) is one of the training set's (%s)",
			some(test.Classes()), some(train.Classes()))}
	}
	return s.fill(train.Name(), fit, known, classes)
}

// knownOnly are the test samples whose classes the training part has.
func (s *evalSets) knownOnly(train, test []clips.Sample) (kept []clips.Sample) {
	known, unknown := map[int]bool{}, map[int]bool{}
	for _, x := range train {
		known[x.Label] = true
	}
	for _, x := range test {
		if known[x.Label] {
			kept = append(kept, x)
		} else {
			unknown[x.Label] = true
		}
	}
	if len(unknown) > 0 {
		s.notes = append(s.notes, fmt.Sprintf("%d test samples of %d classes that the training part lacks are left out",
			len(test)-len(kept), len(unknown)))
	}
	return kept
}

// fromOne holds out a fifth of each class; with testOnly it takes all for both.
func (s *evalSets) fromOne(all clips.Source, testOnly bool) error {
	number := map[string]int{}
	for i, c := range all.Classes() {
		number[c] = i
	}
	samples := labelledSamples(all, number)
	s.noteUnlabelled("the data", all.Len()-len(samples))
	if testOnly {
		if s.about == "" {
			s.about = "all labelled samples of the data"
		}
		err := s.fill(all.Name(), samples, samples, all.Classes())
		s.train = s.test
		return err
	}
	s.about = fmt.Sprintf("a fifth of each class, held out by seed %d", splitSeed)
	labels := make([]int, len(samples))
	for i, x := range samples {
		labels[i] = x.Label
	}
	fit, held := splitByLabel(labels)
	return s.fill(all.Name(), at(samples, fit), at(samples, held), all.Classes())
}

// fill makes the sources of the samples, or says what is missing.
func (s *evalSets) fill(name string, train, test []clips.Sample, classes []string) error {
	var labels [2][]int
	for i, part := range [][]clips.Sample{train, test} {
		for _, x := range part {
			labels[i] = append(labels[i], x.Label)
		}
	}
	if err := checkLabels(labels[0], labels[1]); err != nil {
		return err
	}
	s.train, s.test = clips.NewSet(name, train, classes, nil), clips.NewSet(name, test, classes, nil)
	return nil
}

func (s *evalSets) noteUnlabelled(where string, n int) {
	if n > 0 {
		s.notes = append(s.notes, fmt.Sprintf("%d samples of %s have no label and are left out", n, where))
	}
}

// labelledSamples are the samples that have a label, which becomes the number of its class.
func labelledSamples(source clips.Source, number map[string]int) []clips.Sample {
	var out []clips.Sample
	names := source.Classes()
	for i := range source.Len() {
		x := source.Sample(i)
		if x.Label >= 0 && x.Label < len(names) {
			x.Label = number[names[x.Label]]
			out = append(out, x)
		}
	}
	return out
}

func at(samples []clips.Sample, places []int) []clips.Sample {
	out := make([]clips.Sample, len(places))
	for i, p := range places {
		out[i] = samples[p]
	}
	return out
}

// some names the first few of many.
func some(names []string) string {
	const most = 8
	if len(names) <= most {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(names[:most], ", "), len(names)-most)
}
