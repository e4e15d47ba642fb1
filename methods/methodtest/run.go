// Package methodtest is the suite that every method passes: it trains on tiny random batches as the trainer would.
package methodtest

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"vssl/clips"
	"vssl/internal/golden"
	"vssl/methods"
	"vssl/methods/catalogue"
	"vssl/models"
	"vssl/torch"
)

// Options fit the suite to a method.
type Options struct {
	Params string   // YAML of the method's own keys, to make it small
	Model  string   // backbone, "" for the smallest for clips
	Still  bool     // views are of one frame, for methods of pictures
	Golden []string // shared golden cases of the method's objective, such as "contrastive/nt_xent"
}

// frames is the length of a clip.
func (o Options) frames() int {
	if o.Still {
		return 1
	}
	return frames
}

const (
	batch   = 4
	samples = 32
	frames  = 4
	size    = 32
)

// Run puts the registered method of that name through the suite: its configuration is strict and its recipe valid; the
// loss is a float32 scalar under autocast too and its gradient reaches every trainable tensor; a step leaves no tensor
// behind; two runs of one seed are equal, and so is one that was saved and resumed; training does not collapse; and it
// answers its golden cases.
func Run(t *testing.T, name string, o Options) {
	if o.Model == "" {
		o.Model = "tiny3d"
	}
	t.Run("config", func(t *testing.T) { checkConfig(t, name, o) })
	t.Run("loss", func(t *testing.T) { checkLoss(t, name, o) })
	t.Run("leak", func(t *testing.T) { checkLeak(t, name, o) })
	t.Run("determinism", func(t *testing.T) { checkDeterminism(t, name, o) })
	t.Run("resume", func(t *testing.T) { checkResume(t, name, o) })
	t.Run("collapse", func(t *testing.T) { checkCollapse(t, name, o) })
	for _, name := range o.Golden {
		t.Run(name, func(t *testing.T) {
			if r := catalogue.CheckFile(golden.Shared(t, name)); r.Fail != nil {
				t.Errorf("%s: %v", r.Objective, r.Fail)
			}
		})
	}
}

// env is the surroundings of a tiny run.
func env(o Options, scope *torch.Scope) methods.Env {
	return methods.Env{
		Scope: scope, ModelName: o.Model, Model: models.Config{}, Augment: clips.Contrastive(size),
		Clip: clips.Recipe{Cuts: 1, Frames: o.frames(), Stride: 1}, Samples: samples, Classes: 2, Batch: batch, Seed: 7,
	}
}

// newMethod builds the method from a seed and stops the test where that fails.
func newMethod(t *testing.T, name string, o Options, scope *torch.Scope) methods.Method {
	t.Helper()
	torch.Seed(7)
	var m methods.Method
	var err error
	torch.In(func(*torch.Scope) { m, err = methods.New(name, []byte(o.Params), env(o, scope)) })
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// inTurn are the indices of a batch that begins at sample at, round to the beginning of the set.
func inTurn(at int) []int64 { return InTurn(at%samples, batch) }

func checkConfig(t *testing.T, name string, o Options) {
	scope := torch.NewScope()
	defer scope.Close()
	torch.In(func(*torch.Scope) {
		_, err := methods.New(name, []byte("no_method_has_this_key: 1"), env(o, scope))
		if err == nil || !strings.Contains(err.Error(), "no_method_has_this_key") {
			t.Errorf("unknown key: got %v, want an error that names it", err)
		}
	})
	r := newMethod(t, name, o, scope).Recipe()
	if err := r.Validate(); err != nil {
		t.Errorf("recipe: %v", err)
	}
	if config, ok := methods.Defaults(name).(methods.Config); !ok || config.Validate() != nil {
		t.Errorf("defaults are not valid: %v", config)
	}
}

func checkLoss(t *testing.T, name string, o Options) {
	scope := torch.NewScope()
	defer scope.Close()
	m := newMethod(t, name, o, scope)
	torch.In(func(*torch.Scope) {
		var l methods.Losses
		torch.Autocast(torch.BFloat16, func() { l = m.Loss(methods.Step{}, Batch(m.Recipe(), 0, inTurn(0))) })
		if l.Total.Rank() != 0 || l.Total.DType() != torch.Float32 {
			t.Errorf("loss is %v of type %v, want a float32 scalar", l.Total.Shape(), l.Total.DType())
		}
		if v := l.Total.Float(); math.IsNaN(v) || math.IsInf(v, 0) {
			t.Errorf("loss is %g", v)
		}
		if l.Features.Rank() != 2 || l.Features.DType() != torch.Float32 || l.Features.RequiresGrad() {
			t.Errorf("features are %v, want float32 [N, D] without gradient", l.Features)
		}
		for figure, v := range l.Figures {
			if v.Rank() != 0 || v.RequiresGrad() {
				t.Errorf("figure %s is not a scalar without gradient", figure)
			}
		}
		l.Total.Backward()
		for param, e := range m.Modules().All() {
			if err := checkGradient(e.Tensor, e.Trainable); err != nil {
				t.Errorf("%s: %v", param, err)
			}
		}
	})
}

func checkGradient(t *torch.Tensor, trainable bool) error {
	g := t.Grad()
	switch {
	case !trainable && g != nil:
		return fmt.Errorf("has a gradient but is not trained")
	case trainable && g == nil:
		return fmt.Errorf("no gradient reaches it")
	case trainable && !g.IsFinite().All().True():
		return fmt.Errorf("its gradient is not finite")
	}
	return nil
}
