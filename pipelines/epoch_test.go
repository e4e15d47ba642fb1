package pipelines

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"vssl/clips"
	"vssl/methods"
	"vssl/models"
	"vssl/models/nn"
	"vssl/torch"
)

// census is a method that looks at the whole set before every epoch and then shows the samples that it found brightest, twice.
type census struct {
	root     *nn.Node
	backbone models.Backbone
	recipe   clips.Recipe
	seen     *nn.Entry // [samples] float32: brightness, NaN for samples that were not read
	begun    []int     // epochs
	cancel   func()    // called in the midst of the set, once; nil for never
}

type censusConfig struct{}

func (censusConfig) Validate() error { return nil }

func init() {
	methods.Register(methods.Info{Name: "census", Family: "test"}, func() censusConfig { return censusConfig{} },
		func(_ censusConfig, env methods.Env) (methods.Method, error) {
			m := &census{root: nn.NewRoot(env.Scope), recipe: clips.Plain(1, 1, 1, 32)}
			m.seen = m.root.Buffer("seen", torch.Zeros([]int{env.Samples}, torch.Float32, torch.CPU))
			var err error
			m.backbone, err = models.Build("tiny3d", models.Config{}, m.root.Child("backbone"))
			return m, err
		})
}

func (m *census) Recipe() clips.Recipe       { return m.recipe }
func (m *census) Modules() *nn.Node          { return m.root }
func (m *census) Backbone() models.Backbone  { return m.backbone }
func (m *census) Order(epoch int) (at []int) { return order(m.seen.Tensor.Float64s(), epoch) }

// order is the brighter half of the samples, each twice, begun somewhere else in every epoch.
func order(brightness []float64, epoch int) (at []int) {
	for i := range brightness {
		at = append(at, i)
	}
	slices.SortStableFunc(at, func(a, b int) int { return cmpDown(brightness[a], brightness[b]) })
	half := at[:len(at)/2]
	all := slices.Concat(half, half)
	return slices.Concat(all[epoch%len(all):], all[:epoch%len(all)])
}

func cmpDown(a, b float64) int {
	switch {
	case a > b:
		return -1
	case a < b:
		return 1
	}
	return 0
}

func (m *census) BeginEpoch(ctx context.Context, s methods.Step, run methods.Run) error {
	fresh := torch.Full(m.seen.Tensor.Shape(), -1000, torch.Float32, torch.CPU)
	torch.Randn([]int{3}, torch.Float32, torch.CPU) // a draw that must not count when the epoch does not begin
	err := run.Each(ctx, m.recipe, func(b methods.Batch) error {
		fresh.IndexCopy_(0, b.Index, b.Views[0].MeanDims(false, 1, 2, 3, 4))
		if m.cancel != nil {
			m.cancel()
			m.cancel = nil
		}
		return nil
	})
	if err != nil {
		return err
	}
	m.seen.Tensor.Copy_(fresh)
	m.begun = append(m.begun, s.Epoch)
	run.Forget(m.backbone.Node())
	return nil
}

func (m *census) Loss(_ methods.Step, b methods.Batch) methods.Losses {
	f := models.Features(m.backbone, b.Views[0]).To(torch.Float32)
	noise := torch.Randn(f.Shape(), torch.Float32, torch.CPU)
	return methods.Losses{Total: f.Add(noise).Square().Mean(), Features: f.Detach()}
}

// censusRun is the state that a run of the method ends with; interrupt says in which call of BeginEpoch it is cancelled and
// resumed.
func censusRun(t *testing.T, interrupt int) (model []byte, begun []int) {
	t.Helper()
	out := filepath.Join(t.TempDir(), "run")
	tr := smallRun(t, "method.name=census", "recipe=default", "model.name=tiny3d", "optimizer.name=sgd", "schedule.epochs=4", "schedule.steps=0", "schedule.warmup=0", "out="+out)
	m := tr.method.(*census)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	if interrupt == 0 {
		m.cancel = cancel
	}
	err := tr.loop(ctx)
	if interrupt == 0 {
		if !errors.Is(err, ErrInterrupted) {
			t.Fatalf("got %v, want ErrInterrupted", err)
		}
		err = tr.loop(t.Context())
	}
	if err != nil {
		t.Fatal(err)
	}
	model, err = os.ReadFile(filepath.Join(out, "checkpoints", "last", modelFile))
	if err != nil {
		t.Fatal(err)
	}
	return model, m.begun
}

// TestNetworkFitsAnotherSet: a run whose method remembers something of each sample is evaluated on more samples, or fewer.
func TestNetworkFitsAnotherSet(t *testing.T) {
	out := filepath.Join(t.TempDir(), "run")
	tr := smallRun(t, "method.name=census", "recipe=default", "model.name=tiny3d", "optimizer.name=sgd", "schedule.epochs=1",
		"schedule.steps=0", "schedule.warmup=0", "out="+out)
	if err := tr.loop(t.Context()); err != nil {
		t.Fatal(err)
	}
	scope := torch.NewScope()
	defer scope.Close()
	var other methods.Method
	var err error
	torch.In(func(*torch.Scope) { other, err = methods.New("census", nil, methods.Env{Scope: scope, Samples: 3}) })
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(out, "checkpoints", "last", modelFile)
	if err := loadNetwork(path, other); err != nil {
		t.Fatal(err)
	}
	want := map[string][]byte{}
	for name, e := range tr.method.(*census).backbone.Node().All() {
		want[name] = e.Tensor.Bytes()
	}
	for name, e := range other.(*census).backbone.Node().All() {
		if !bytes.Equal(e.Tensor.Bytes(), want[name]) {
			t.Errorf("%s is not the run's", name)
		}
	}
	torch.In(func(*torch.Scope) {
		other.(*census).backbone.Node().Buffer("more", torch.Zeros([]int{1}, torch.Float32, torch.CPU))
	})
	if err := loadNetwork(path, other); !errors.Is(err, models.ErrMismatch) {
		t.Errorf("of a tensor that the run has not: got %v, want ErrMismatch", err)
	}
}

func TestMethodPreparesEveryEpochOnce(t *testing.T) {
	whole, begun := censusRun(t, -1)
	if !slices.Equal(begun, []int{0, 1, 2, 3}) {
		t.Errorf("epochs begun: %v, want 0 to 3", begun)
	}
	interrupted, begun := censusRun(t, 0)
	if !slices.Equal(begun, []int{0, 1, 2, 3}) {
		t.Errorf("interrupted: epochs begun: %v, want 0 to 3", begun)
	}
	if !bytes.Equal(whole, interrupted) {
		t.Error("interrupted while an epoch was prepared, the run ends with other weights")
	}
}
