package pipelines

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"vssl/clips"
	"vssl/methods"
	"vssl/models"
	"vssl/torch"
	"vssl/torch/optim"
)

// Config is all that decides a run: a recipe, a run's config.yaml and the flags fill it in turn.
// The values that no layer sets are those of Defaults.
type Config struct {
	Dataset string         `yaml:"dataset"` // kind of source, as `vssl datasets` lists them
	Data    string         `yaml:"data"`    // folder or list that the source reads
	List    string         `yaml:"list"`    // annotation file, where the data set has one beside its folder
	Split   string         `yaml:"split"`   // part of the data set, "" for all
	Recipe  string         `yaml:"recipe"`  // default, small, ...: the file in recipes/ this run started from
	Method  map[string]any `yaml:"method"`  // name, and the keys of that method's own Config
	Model   ModelConfig    `yaml:"model"`
	Clip    ClipConfig     `yaml:"clip"`
	Augment clips.Augment  `yaml:"augment"`

	Optimizer  OptimizerConfig  `yaml:"optimizer"`
	Schedule   ScheduleConfig   `yaml:"schedule"`
	Batch      int              `yaml:"batch"`      // samples a forward pass
	Accumulate int              `yaml:"accumulate"` // forward passes an optimiser step, >= 1; negatives come from one pass
	ClipGrad   float64          `yaml:"clip_grad"`  // largest L2 norm of the gradient, 0 for no limit
	Precision  string           `yaml:"precision"`  // auto, fp32, bf16
	Device     string           `yaml:"device"`     // auto, cpu, cuda:N
	Workers    int              `yaml:"workers"`    // goroutines that decode, >= 1
	Threads    int              `yaml:"threads"`    // intra-op threads of the engine, 0 for one a core
	Seed       uint64           `yaml:"seed"`
	Timeout    float64          `yaml:"timeout"` // seconds that one sample may take to decode
	Checkpoint CheckpointConfig `yaml:"checkpoint"`
	Eval       EvalConfig       `yaml:"eval"`
	Out        string           `yaml:"out"` // run folder
}

// ModelConfig names the backbone.
type ModelConfig struct {
	Name    string `yaml:"name"`    // as `vssl models` lists them
	Stem    string `yaml:"stem"`    // imagenet (strided, pooled) or small (for little pictures)
	Weights string `yaml:"weights"` // safetensors or PyTorch checkpoint to start from, "" for a fresh initialisation
}

// ClipConfig says how long a clip is.
type ClipConfig struct {
	Frames int `yaml:"frames"` // frames a clip
	Stride int `yaml:"stride"` // source frames from one kept frame to the next, at the nominal rate
}

// OptimizerConfig sets the optimiser; the rate is used as it stands, whatever the batch.
type OptimizerConfig struct {
	Name        string  `yaml:"name"` // sgd, adam, adamw, lars, rmsprop
	LR          float64 `yaml:"lr"`   // peak rate, after the warm-up
	Momentum    float64 `yaml:"momentum"`
	Nesterov    bool    `yaml:"nesterov"`
	WeightDecay float64 `yaml:"weight_decay"`
	DecayNorms  bool    `yaml:"decay_norms"` // whether biases and normalisation scales decay too
	Eta         float64 `yaml:"eta"`         // LARS: trust coefficient
	Beta1       float64 `yaml:"beta1"`       // Adam, AdamW
	Beta2       float64 `yaml:"beta2"`       // Adam, AdamW
	Alpha       float64 `yaml:"alpha"`       // RMSProp: smoothing constant
	Eps         float64 `yaml:"eps"`
}

// ScheduleConfig sets the length of the run and the course of the rate: linear warm-up, then half a cosine to Final, or Drops.
type ScheduleConfig struct {
	Epochs int       `yaml:"epochs"` // passes over the data, where Steps is 0
	Steps  int       `yaml:"steps"`  // optimiser steps in all, 0 for Epochs
	Warmup float64   `yaml:"warmup"` // epochs, fractions allowed
	Final  float64   `yaml:"final"`  // rate at the end as a share of the peak
	Drops  []float64 `yaml:"drops"`  // shares of the run, 0..1, at which the rate falls at once, in place of the cosine; none for the cosine
	Factor float64   `yaml:"factor"` // 0..1, what a drop leaves of the rate
}

// CheckpointConfig says when state is written and how much of it is kept.
type CheckpointConfig struct {
	Every int `yaml:"every"` // optimiser steps, >= 1
	Keep  int `yaml:"keep"`  // newest checkpoints kept beside the best, >= 2
}

// EvalConfig sets the evaluation during training, and what `vssl eval` takes where its flags say nothing else.
type EvalConfig struct {
	Every int      `yaml:"every"` // epochs between two evaluations during training, 0 for none; there is one more at the end
	Kinds []string `yaml:"kinds"` // what is measured during training: knn, linear

	Dataset   string `yaml:"dataset"`    // kind of the labelled data, "" for that of the training
	Data      string `yaml:"data"`       // folder or list of the labelled data, "" for that of the training
	Split     string `yaml:"split"`      // part of it that is learnt from, "" for that of the training
	Test      string `yaml:"test"`       // folder or list of the test part
	TestSplit string `yaml:"test_split"` // split of Test, or of the labelled data where Test is ""

	Clips int `yaml:"clips"` // clips a video, spread evenly, whose features are averaged
	K     int `yaml:"k"`     // neighbours of kNN
	// Temperature of the kNN's vote exp(similarity/Temperature), as in 1805.01978.
	Temperature float64 `yaml:"temperature"`
}

// Defaults are the values of all keys that neither a recipe nor the user sets, for a method that learns from the medium.
func Defaults(m methods.Medium) Config {
	c := Config{
		Dataset: "folder",
		Recipe:  "default",
		Method:  map[string]any{"name": methods.Default(m)},
		Model:   ModelConfig{Name: "r3d_18", Stem: "imagenet"},
		Clip:    ClipConfig{Frames: 16, Stride: 2},
		Augment: clips.Contrastive(112),
		Optimizer: OptimizerConfig{Name: "sgd", LR: 0.05, Momentum: 0.9, WeightDecay: 1e-4,
			Eta: 0.001, Beta1: 0.9, Beta2: 0.999, Alpha: 0.99, Eps: 1e-8},
		Schedule:   ScheduleConfig{Epochs: 100, Warmup: 5, Factor: 0.1},
		Batch:      16,
		Accumulate: 1,
		Precision:  "auto",
		Device:     "auto",
		Workers:    2,
		Seed:       1,
		Timeout:    30,
		Checkpoint: CheckpointConfig{Every: 200, Keep: 3},
		Eval:       EvalConfig{Kinds: []string{"knn"}, Clips: 3, K: 20, Temperature: 0.1},
	}
	if m == methods.Image {
		c.Dataset = "imagefolder"
		c.Model.Name = "resnet18"
		c.Clip = ClipConfig{Frames: 1, Stride: 1}
		c.Augment = clips.Contrastive(224)
		c.Augment.Scale, c.Augment.Ratio = [2]float64{0.08, 1}, [2]float64{3. / 4, 4. / 3}
		c.Batch = 256
		c.Eval.Clips, c.Eval.K = 1, 200
	}
	return c
}

// MethodName is the registered name of the run's method.
func (c *Config) MethodName() string {
	name, _ := c.Method["name"].(string)
	return name
}

// methodKeys are the method's own keys: its section without the name.
func (c *Config) methodKeys() map[string]any {
	own := maps.Clone(c.Method)
	delete(own, "name")
	return own
}

func (c *Config) optim() optim.Config {
	o := c.Optimizer
	return optim.Config{Kind: optim.Kind(o.Name), Momentum: o.Momentum, Nesterov: o.Nesterov, WeightDecay: o.WeightDecay, AdaptAll: o.DecayNorms,
		Eta: o.Eta, Beta1: o.Beta1, Beta2: o.Beta2, Alpha: o.Alpha, Eps: o.Eps}
}

// loader is how the run reads clips: batches of the given size, in order, without shuffling. The caller changes the rest.
func (c *Config) loader(source clips.Source, recipe clips.Recipe, batch int) clips.LoaderConfig {
	return clips.LoaderConfig{Source: source, Recipe: recipe, Batch: batch, Seed: c.Seed, Workers: c.Workers,
		ClipTimeout: time.Duration(c.Timeout * float64(time.Second))}
}

func (c *Config) model() models.Config { return models.Config{Stem: c.Model.Stem} }

// Validate says in one sentence what is wrong with the values, or returns nil.
func (c *Config) Validate() error {
	for _, check := range []struct {
		ok  bool
		msg string
		arg any
	}{
		{c.Clip.Frames >= 1, "clip.frames is %v, want 1 or more", c.Clip.Frames},
		{c.Clip.Stride >= 1, "clip.stride is %v, want 1 or more", c.Clip.Stride},
		{c.Batch >= 2, "batch is %v, want 2 or more: a contrast needs another sample", c.Batch},
		{c.Accumulate >= 1, "accumulate is %v, want 1 or more", c.Accumulate},
		{c.ClipGrad >= 0, "clip_grad is %v, want 0 (no limit) or more", c.ClipGrad},
		{c.Workers >= 1, "workers is %v, want 1 or more", c.Workers},
		{c.Threads >= 0, "threads is %v, want 0 (one a core) or more", c.Threads},
		{c.Timeout > 0, "timeout is %v, want more than 0 seconds", c.Timeout},
		{c.Schedule.Epochs >= 0, "schedule.epochs is %v, want 0 or more", c.Schedule.Epochs},
		{c.Schedule.Steps >= 0, "schedule.steps is %v, want 0 or more", c.Schedule.Steps},
		{c.Schedule.Epochs+c.Schedule.Steps > 0, "schedule.epochs and schedule.steps are both %v, set one of them", 0},
		{c.Schedule.Warmup >= 0, "schedule.warmup is %v, want 0 or more epochs", c.Schedule.Warmup},
		{c.Schedule.Final >= 0 && c.Schedule.Final <= 1, "schedule.final is %v, want 0 to 1", c.Schedule.Final},
		{!slices.ContainsFunc(c.Schedule.Drops, notInside), "schedule.drops is %v, want shares of the run between 0 and 1", c.Schedule.Drops},
		{c.Schedule.Factor > 0 && c.Schedule.Factor <= 1, "schedule.factor is %v, want more than 0, up to 1", c.Schedule.Factor},
		{c.Optimizer.LR > 0, "optimizer.lr is %v, want more than 0", c.Optimizer.LR},
		{c.Optimizer.WeightDecay >= 0, "optimizer.weight_decay is %v, want 0 or more", c.Optimizer.WeightDecay},
		{c.Checkpoint.Every >= 1, "checkpoint.every is %v, want 1 or more steps", c.Checkpoint.Every},
		{c.Checkpoint.Keep >= 2, "checkpoint.keep is %v, want 2 or more: the one before is the spare", c.Checkpoint.Keep},
		{c.Eval.Every >= 0, "eval.every is %v, want 0 (never) or more epochs", c.Eval.Every},
		{c.Eval.Clips >= 1, "eval.clips is %v, want 1 or more", c.Eval.Clips},
		{c.Eval.K >= 1, "eval.k is %v, want 1 or more", c.Eval.K},
		{c.Eval.Temperature > 0, "eval.temperature is %v, want more than 0", c.Eval.Temperature},
	} {
		if !check.ok {
			return &UsageError{fmt.Errorf(check.msg, check.arg)}
		}
	}
	return c.validateWords()
}

// notInside says that a share is not strictly between nothing and all.
func notInside(share float64) bool { return !(share > 0 && share < 1) }

func (c *Config) validateWords() error {
	for _, kind := range c.Eval.Kinds {
		if err := oneOf("eval.kinds", kind, onlineKinds()...); err != nil {
			return err
		}
	}
	if err := oneOf("precision", c.Precision, "auto", "fp32", "bf16"); err != nil {
		return err
	}
	if err := oneOf("optimizer.name", c.Optimizer.Name, optimizers()...); err != nil {
		return err
	}
	if err := c.optim().Validate(); err != nil {
		return &UsageError{err}
	}
	if err := oneOf("model.name", c.Model.Name, models.Names()...); err != nil {
		return err
	}
	if _, err := torch.ParseDevice(c.Device); err != nil {
		return &UsageError{fmt.Errorf("device: %w", err)}
	}
	return nil
}

func optimizers() []string {
	var names []string
	for _, k := range optim.Kinds {
		names = append(names, string(k))
	}
	return names
}
