package pipelines

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"os"
	"path/filepath"

	"github.com/google/renameio/v2"
	"go.yaml.in/yaml/v3"

	"vssl/clips"
	"vssl/pipelines/sink"
)

// prepare makes the run folder of a finetuning and writes the list of its labelled samples beside it. What lies there of
// another checkpoint, of other samples or of other settings is replaced: it could not go on as this one.
func (f *finetuning) prepare(cfg *Config, source clips.Source) error {
	list := filepath.Join(filepath.Dir(cfg.Out), fmt.Sprintf("labels-seed-%d.csv", f.seed))
	rows, err := subsetList(source)
	if err != nil {
		return err
	}
	same, err := f.sameAs(cfg, list, rows)
	if err != nil {
		return err
	}
	if !same {
		if err := os.RemoveAll(cfg.Out); err != nil {
			return err
		}
	}
	if err := makeDir(filepath.Dir(list)); err != nil {
		return err
	}
	return renameio.WriteFile(list, rows, 0o644)
}

// sameAs tells whether the folder holds the finetuning that cfg describes.
func (f *finetuning) sameAs(cfg *Config, list string, rows []byte) (bool, error) {
	before, err := os.ReadFile(filepath.Join(cfg.Out, configFile))
	if err != nil {
		return false, nil // nothing is there that could be told
	}
	old, err := os.ReadFile(list)
	if err != nil || !bytes.Equal(old, rows) {
		return false, nil
	}
	var was Config
	if yaml.Unmarshal(before, &was) != nil {
		return false, nil
	}
	now := *cfg
	// where and how fast it computes does not make it another
	was.Device, was.Workers, was.Threads, was.Timeout = now.Device, now.Workers, now.Threads, now.Timeout
	a, err := yaml.Marshal(&was)
	if err != nil {
		return false, err
	}
	b, err := yaml.Marshal(&now)
	return bytes.Equal(a, b), err
}

// subsetList names the samples of a source and their classes, in the form that the data set `list` reads.
func subsetList(source clips.Source) ([]byte, error) {
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	lines := [][]string{{"path", "label"}}
	for i := range source.Len() {
		s := source.Sample(i)
		lines = append(lines, []string{s.Key, source.Classes()[s.Label]})
	}
	err := w.WriteAll(lines)
	return b.Bytes(), err
}

func makeDir(dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("folder %s cannot be made: %w", dir, reason(err))
	}
	return nil
}

// watched is a sink that also shows how far the run is.
type watched struct {
	sink.Sink
	show  func(done, total int)
	total int
}

// Write takes a record and shows its step.
func (w watched) Write(r sink.Record) error {
	w.show(r.Step, w.total)
	return w.Sink.Write(r)
}
