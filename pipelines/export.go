package pipelines

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"

	"vssl/methods"
	"vssl/models"
	"vssl/models/nn"
	"vssl/torch"
)

// Keys of the metadata of a model's file.
const (
	backboneKey = "backbone" // prefix of the backbone's names, with its last dot
	formatKey   = "format"   // "pt": what Python's readers of safetensors look for
)

// ExportOptions say which weights are written and where: those of a run, or those of a file.
type ExportOptions struct {
	Run        string // run folder
	Checkpoint string // of the run: last, best, or step-N; "" is last
	Weights    string // safetensors or PyTorch checkpoint, in place of Run
	Model      string // network that Weights are for; "" writes all tensors as they are named
	Stem       string // of Model; "" is imagenet
	Prefix     string // in front of the names that are wanted of Weights; "" searches for Model, or takes all
	Out        string // file to write
	Force      bool   // replace Out where it exists
}

// Exported is what an export ends with.
type Exported struct {
	Out      string            `json:"out"`
	Tensors  int               `json:"tensors"`
	Bytes    int64             `json:"bytes"`
	Prefix   string            `json:"prefix"`          // that was cut off the names
	Alike    []string          `json:"alike,omitempty"` // other prefixes under which the network was found
	Left     int               `json:"left_out"`        // tensors of the source that are not written
	Metadata map[string]string `json:"metadata"`
}

// Export writes the backbone of a run, or the weights of a file, as safetensors: with Model or Run under the network's own
// names, which are torchvision's where it has the network. The file appears whole or not at all. An existing one is a
// UsageError without Force; ErrCheckpoint is a checkpoint that is damaged, models.ErrMismatch a file without the network.
func Export(opts ExportOptions) (done Exported, err error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	defer torch.Recover(&err, "export")
	if err := opts.validate(); err != nil {
		return done, err
	}
	if opts.Prefix != "" {
		opts.Prefix = strings.TrimSuffix(opts.Prefix, ".") + "."
	}
	switch {
	case opts.Run != "":
		done, err = exportRun(opts)
	case opts.Model != "":
		done, err = exportNetwork(opts)
	default:
		done, err = convert(opts.Weights, opts.Prefix, opts.Out, map[string]string{formatKey: "pt"})
	}
	if err != nil {
		return done, err
	}
	stat, err := os.Stat(opts.Out)
	if err != nil {
		return done, err
	}
	done.Bytes = stat.Size()
	return done, nil
}

// validate refuses what does not go together, and an Out that is there.
func (o ExportOptions) validate() error {
	wrong := ""
	switch {
	case (o.Run == "") == (o.Weights == ""):
		wrong = "export needs either --run, a run folder, or --weights, a file of weights"
	case o.Run != "" && (o.Model != "" || o.Stem != "" || o.Prefix != ""):
		wrong = "--model, --stem and --prefix belong to --weights; a run knows its network"
	case o.Weights != "" && o.Checkpoint != "":
		wrong = "--checkpoint belongs to --run"
	case o.Stem != "" && o.Model == "":
		wrong = "--stem belongs to --model"
	case o.Out == "":
		wrong = "out is not set: name the file to write, for example --out backbone.safetensors"
	}
	if wrong != "" {
		return &UsageError{errors.New(wrong)}
	}
	stat, err := os.Lstat(o.Out)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		if dir := filepath.Dir(o.Out); !exists(dir) {
			return &UsageError{fmt.Errorf("%s cannot be written: there is no folder %s", o.Out, dir)}
		}
		return nil
	case err != nil:
		return fmt.Errorf("%s cannot be written: %w", o.Out, reason(err))
	case stat.IsDir():
		return &UsageError{fmt.Errorf("%s is a folder: --out names the file to write", o.Out)}
	case !o.Force:
		return &UsageError{fmt.Errorf("%s exists: add --force to replace it, or choose another --out", o.Out)}
	}
	return nil
}

// exportRun copies the backbone out of a checkpoint. The network is not built: a method may have one of its own.
func exportRun(opts ExportOptions) (done Exported, err error) {
	cfg, err := LoadConfig(opts.Run, nil)
	if err != nil {
		return done, err
	}
	dir, st, err := wholeCheckpoint(opts.Run, opts.Checkpoint, cfg)
	if err != nil {
		return done, err
	}
	path := filepath.Join(dir, modelFile)
	metadata, err := models.Metadata(path)
	if err != nil {
		return done, err
	}
	prefix, ok := metadata[backboneKey]
	if !ok {
		prefix = "backbone." // of runs that do not say
	}
	more, err := describeRun(cfg, st)
	if err != nil {
		return done, err
	}
	return convert(path, prefix, opts.Out, more)
}

// describeRun is what a user of the weights has to know: the network, and what its input looked like.
func describeRun(cfg *Config, st State) (map[string]string, error) {
	std := cfg.Augment.Std
	if std == [3]float64{} {
		std = [3]float64{1, 1, 1}
	}
	more := map[string]string{formatKey: "pt", "method": st.Method, "model": st.Model, "stem": cfg.Model.Stem,
		"step": strconv.Itoa(st.Step)}
	for key, v := range map[string]any{"mean": cfg.Augment.Mean, "std": std, "size": cfg.Augment.Size,
		"frames": cfg.Clip.Frames, "stride": cfg.Clip.Stride} {
		text, err := json.Marshal(v)
		if err != nil {
			return nil, err
		}
		more[key] = string(text)
	}
	return more, nil
}

func convert(from, prefix, to string, metadata map[string]string) (done Exported, err error) {
	if prefix != "" {
		metadata[backboneKey] = "" // the new names have none
	}
	c, err := models.Convert(from, to, prefix, metadata)
	if err != nil {
		return done, err
	}
	return Exported{Out: to, Tensors: len(c.Written), Prefix: prefix, Left: len(c.Left), Metadata: c.Metadata}, nil
}

// exportNetwork reads the file into the network and writes that. Only counters of batches may be missing: older files have none.
func exportNetwork(opts ExportOptions) (done Exported, err error) {
	owner := torch.NewScope()
	defer owner.Close()
	b, err := models.Build(opts.Model, models.Config{Stem: opts.Stem}, nn.NewRoot(owner))
	if err != nil {
		return done, &UsageError{err}
	}
	var report *models.Loaded
	if opts.Prefix == "" {
		report, err = models.LoadBackbone(opts.Weights, b)
	} else {
		report, err = models.LoadBackboneUnder(opts.Weights, b, opts.Prefix)
	}
	if err != nil {
		return done, err
	}
	for _, name := range report.Missing {
		if b.Node().ParamByName(name).Tensor.DType().IsFloat() {
			return done, fmt.Errorf("%s: %w: it has %s", opts.Weights, models.ErrMismatch, report)
		}
	}
	metadata := map[string]string{formatKey: "pt", "model": opts.Model, "stem": opts.Stem}
	if opts.Stem == "" {
		metadata["stem"] = models.StemImageNet
	}
	if err := models.Save(opts.Out, b.Node(), metadata); err != nil {
		return done, err
	}
	return Exported{Out: opts.Out, Tensors: report.Read + len(report.Missing), Prefix: report.Prefix, Alike: report.Alike,
		Left: len(report.Unexpected), Metadata: metadata}, nil
}

// wholeCheckpoint finds a run's checkpoint by name, last, best or step-N, "" for last, and verifies it.
func wholeCheckpoint(run, name string, cfg *Config) (dir string, st State, err error) {
	if name == "" {
		name = "last"
	}
	if n, err := strconv.Atoi(strings.TrimPrefix(name, "step-")); err == nil && n >= 0 {
		name = stepName(n)
	}
	dir = filepath.Join(run, "checkpoints", filepath.Base(name))
	if !exists(filepath.Join(dir, modelFile)) {
		return "", st, &UsageError{fmt.Errorf("%s has no checkpoint %q yet: train it for at least checkpoint.every (%d) steps",
			run, name, cfg.Checkpoint.Every)}
	}
	st, err = readState(dir)
	return dir, st, err
}

// prefixOf is what the backbone's names begin with in the file of the method's model.
func prefixOf(b models.Backbone, m methods.Method) string {
	path := b.Node().Path()
	if root := m.Modules().Path(); root != "" {
		path = strings.TrimPrefix(strings.TrimPrefix(path, root), ".")
	}
	if path == "" {
		return ""
	}
	return path + "."
}
