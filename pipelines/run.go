package pipelines

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/google/renameio/v2"
	"go.yaml.in/yaml/v3"

	"vssl/clips"
	"vssl/pipelines/sink"
)

// Names inside a run folder.
const (
	configFile  = "config.yaml"
	metricsFile = "metrics.jsonl"
	skippedFile = "skipped.jsonl"
	boardDir    = "tensorboard"
	reportFile  = "report.html"
)

// run is the folder of a run and what of it is open.
type run struct {
	dir         string
	checkpoints checkpoints
	skips       []clips.Skip // files left out, each once, in the order in which they were met
	known       map[string]bool
	before      int // of skips, those that were known when the data set was opened
	aside       int // of these, files that were never meant as samples
	list        *os.File
}

// openRun makes the folder, or opens the one that is there when the run resumes. A folder that holds another run is
// refused, so that nothing is overwritten by mistake.
func openRun(cfg *Config, resume bool) (*run, error) {
	if cfg.Out == "" {
		return nil, &UsageError{errors.New("out is not set: name a folder for the run, for example --out runs/first")}
	}
	r := &run{dir: cfg.Out, known: map[string]bool{},
		checkpoints: checkpoints{dir: filepath.Join(cfg.Out, "checkpoints"), keep: cfg.Checkpoint.Keep}}
	dirs, err := r.checkpoints.newest()
	if err != nil {
		return nil, err
	}
	if len(dirs) > 0 && !resume {
		return nil, &UsageError{fmt.Errorf("%s holds a run already: add --resume to go on with it, or choose another --out", cfg.Out)}
	}
	if err := os.MkdirAll(r.dir, 0o755); err != nil {
		return nil, fmt.Errorf("run folder %s cannot be made: %w", r.dir, reason(err))
	}
	r.list, err = os.Create(filepath.Join(r.dir, skippedFile))
	return r, err
}

func (r *run) close(err *error) { *err = errors.Join(*err, r.list.Close()) }

func (r *run) writeConfig(cfg *Config) error {
	data, err := yaml.Marshal(cfg)
	if err != nil {
		return err
	}
	return renameio.WriteFile(filepath.Join(r.dir, configFile), data, 0o644)
}

// noteSkipped writes each file that was not yet noted to skipped.jsonl.
func (r *run) noteSkipped(skips []clips.Skip) error {
	for _, s := range skips {
		if r.known[s.Path] {
			continue
		}
		r.known[s.Path] = true
		r.skips = append(r.skips, s)
		if s.Aside {
			r.aside++
		}
		line, err := json.Marshal(s)
		if err != nil {
			return err
		}
		if _, err := r.list.Write(append(line, '\n')); err != nil {
			return err
		}
	}
	return nil
}

// skipped is the number of files that should have been samples and were left out.
func (r *run) skipped() int { return len(r.skips) - r.aside }

// broken is the number of samples of the source that turned out not to be usable.
func (r *run) broken() int { return len(r.skips) - r.before }

// leftAside is the number of files of the folder that are something else than video.
func (r *run) leftAside() int { return r.aside }

// readSkipped reads the files that a run left out.
func readSkipped(path string) ([]clips.Skip, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var skips []clips.Skip
	d := json.NewDecoder(bytes.NewReader(data))
	for {
		var s clips.Skip
		if err := d.Decode(&s); errors.Is(err, io.EOF) {
			return skips, nil
		} else if err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		skips = append(skips, s)
	}
}

func (r *run) openSinks(t *trainer, terminal io.Writer) (sink.Sink, error) {
	lines, err := sink.OpenJSONL(filepath.Join(r.dir, metricsFile), t.state.Step)
	if err != nil {
		return nil, err
	}
	board, err := sink.OpenTensorBoard(filepath.Join(r.dir, boardDir), t.state.Step)
	if err != nil {
		return nil, errors.Join(err, lines.Close())
	}
	if terminal == nil {
		return sink.Multi(lines, board), nil
	}
	return sink.Multi(lines, board, sink.NewTerminal(sink.TerminalConfig{Out: terminal, Start: t.state.Step, Total: t.steps()})), nil
}

// LoadConfig reads the configuration of a finished or stopped run.
func LoadConfig(run string, set map[string]any) (*Config, error) {
	path := filepath.Join(run, configFile)
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return nil, &UsageError{fmt.Errorf("%s is not a run: it has no %s; --run names the folder that `vssl pretrain --out` wrote", run, configFile)}
	}
	return Resolve(Layers{File: path, Set: set})
}

// noteLeftOut notes what the source left out when it was opened.
func (r *run) noteLeftOut(source clips.Source) error {
	err := r.noteSkipped(source.LeftOut())
	r.before = len(r.skips)
	return err
}

// say writes a remark for people; a terminal that went away does not stop a run.
func say(w io.Writer, format string, args ...any) {
	if w != nil {
		_, _ = fmt.Fprintf(w, format+"\n", args...)
	}
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}
