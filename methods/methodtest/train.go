package methodtest

import (
	"bytes"
	"context"
	"maps"
	"math"
	"path/filepath"
	"testing"

	"vssl/clips"
	"vssl/methods"
	"vssl/models"
	"vssl/models/nn"
	"vssl/torch"
	"vssl/torch/optim"
)

// stepsPerEpoch is small, so that a short run passes the hook of the epochs more than once.
const stepsPerEpoch = 2

// trainer is a run in miniature. Close frees all that it owns.
type trainer struct {
	t         *testing.T
	scope     *torch.Scope
	method    methods.Method
	optimizer *optim.Optimizer
	step      int
	collapse  methods.Collapse // of the last step
}

func newTrainer(t *testing.T, name string, o Options) *trainer {
	r := &trainer{t: t, scope: torch.NewScope()}
	r.method = newMethod(t, name, o, r.scope)
	var g optim.Group
	for name, e := range r.method.Modules().All() {
		if e.Trainable {
			g.Names, g.Params = append(g.Names, name), append(g.Params, e.Tensor)
		}
	}
	r.optimizer = optim.New(optim.Config{Kind: optim.SGD, Momentum: 0.9}, []optim.Group{g})
	return r
}

// Close frees the run's tensors.
func (r *trainer) Close() {
	r.optimizer.Close()
	r.scope.Close()
}

// train takes n steps and returns their losses.
func (r *trainer) train(n int) []float64 {
	var losses []float64
	for range n {
		s := methods.Step{Number: r.step, Epoch: r.step / stepsPerEpoch, Progress: float64(r.step) / 100}
		torch.In(func(*torch.Scope) { losses = append(losses, r.once(s)) })
		r.step++
	}
	return losses
}

func (r *trainer) once(s methods.Step) float64 {
	if hook, ok := r.method.(methods.BeginsEpochs); ok && s.Number%stepsPerEpoch == 0 {
		torch.NoGrad(func() {
			if err := hook.BeginEpoch(r.t.Context(), s, r); err != nil {
				r.t.Fatal(err)
			}
		})
	}
	r.method.Modules().SetTraining(true)
	l := r.method.Loss(s, Batch(r.method.Recipe(), s.Number, r.indices(s)))
	l.Total.Backward()
	r.optimizer.Step(0.01)
	r.optimizer.ZeroGrad()
	if hook, ok := r.method.(methods.FollowsSteps); ok {
		torch.NoGrad(func() { hook.AfterStep(s) })
	}
	r.collapse = methods.MeasureCollapse(l.Features)
	return l.Total.Float()
}

// indices are the samples of a step: those that the method ordered, or as they come.
func (r *trainer) indices(s methods.Step) []int64 {
	at := (s.Number % stepsPerEpoch) * batch
	m, ok := r.method.(methods.OrdersEpochs)
	if !ok {
		return inTurn(s.Number * batch)
	}
	order := m.Order(s.Epoch)
	if len(order) != samples {
		r.t.Fatalf("the order of an epoch has %d entries, want %d", len(order), samples)
	}
	var indices []int64
	for _, i := range order[at : at+batch] {
		indices = append(indices, int64(i))
	}
	return indices
}

// Each gives the method a set whose samples are noise, without the last batch: as if its files were broken.
func (r *trainer) Each(_ context.Context, recipe clips.Recipe, f func(b methods.Batch) error) (err error) {
	r.method.Modules().SetTraining(false)
	for at := 0; at < samples-batch && err == nil; at += batch {
		torch.In(func(*torch.Scope) { err = f(Batch(recipe, at/batch, inTurn(at))) })
	}
	return err
}

// Forget drops the optimiser's memory of the parameters below n.
func (r *trainer) Forget(n *nn.Node) {
	var params []*torch.Tensor
	for _, e := range n.All() {
		params = append(params, e.Tensor)
	}
	r.optimizer.Forget(params)
}

// saved is where a run was interrupted.
type saved struct {
	model  string // path
	optim  []optim.Named
	method []byte
	random []byte
	step   int
}

// save writes the model to a file, as the trainer does; the rest stays in memory, in scope.
func (r *trainer) save(scope *torch.Scope) saved {
	s := saved{model: filepath.Join(r.t.TempDir(), "model.safetensors"), random: torch.RNGState(), step: r.step}
	if err := models.Save(s.model, r.method.Modules(), nil); err != nil {
		r.t.Fatal(err)
	}
	torch.In(func(*torch.Scope) {
		for _, n := range r.optimizer.State() {
			s.optim = append(s.optim, optim.Named{Name: n.Name, Tensor: scope.Keep(n.Tensor.Clone())})
		}
	})
	if m, ok := r.method.(methods.Stateful); ok {
		var err error
		if s.method, err = m.State(); err != nil {
			r.t.Fatal(err)
		}
	}
	return s
}

// restore continues from s.
func (r *trainer) restore(s saved) {
	if _, err := models.Load(s.model, r.method.Modules(), true); err != nil {
		r.t.Fatal(err)
	}
	if err := r.optimizer.Load(s.optim); err != nil {
		r.t.Fatal(err)
	}
	if m, ok := r.method.(methods.Stateful); ok {
		if err := m.Restore(s.method); err != nil {
			r.t.Fatal(err)
		}
	}
	if err := torch.SetRNGState(s.random); err != nil {
		r.t.Fatal(err)
	}
	r.step = s.step
}

// contents are the bytes of every tensor of the method by name.
func (r *trainer) contents() map[string][]byte {
	all := map[string][]byte{}
	for name, e := range r.method.Modules().All() {
		all[name] = e.Tensor.Bytes()
	}
	return all
}

func checkLeak(t *testing.T, name string, o Options) {
	start := torch.Live()
	r := newTrainer(t, name, o)
	r.train(1) // the optimiser may make its state late
	before, bytesBefore := torch.Live(), torch.LiveBytes()
	r.train(2 * stepsPerEpoch)
	if now := torch.Live(); now != before {
		t.Errorf("%d tensors live after %d steps, %d before them", now, 2*stepsPerEpoch, before)
	}
	if now := torch.LiveBytes(); now != bytesBefore {
		t.Errorf("%d bytes live, %d before", now, bytesBefore)
	}
	r.Close()
	if now := torch.Live(); now != start {
		t.Errorf("%d tensors outlive the method", now-start)
	}
}

func checkDeterminism(t *testing.T, name string, o Options) {
	run := func() map[string][]byte {
		r := newTrainer(t, name, o)
		defer r.Close()
		r.train(2)
		return r.contents()
	}
	sameContents(t, run(), run())
}

func checkResume(t *testing.T, name string, o Options) {
	whole := newTrainer(t, name, o)
	defer whole.Close()
	scope := torch.NewScope()
	defer scope.Close()
	whole.train(3)
	s := whole.save(scope)
	whole.train(2)

	resumed := newTrainer(t, name, o)
	defer resumed.Close()
	resumed.restore(s)
	resumed.train(2)
	sameContents(t, resumed.contents(), whole.contents())
}

func sameContents(t *testing.T, got, want map[string][]byte) {
	t.Helper()
	if !maps.EqualFunc(got, want, bytes.Equal) {
		for name := range want {
			if !bytes.Equal(got[name], want[name]) {
				t.Errorf("%s differs", name)
			}
		}
	}
}

func checkCollapse(t *testing.T, name string, o Options) {
	r := newTrainer(t, name, o)
	defer r.Close()
	r.train(8)
	if c := r.collapse; !(c.Std > 0.1) || !(c.Rank > 1.2) || math.IsInf(c.Std, 0) {
		t.Errorf("features have collapsed after 8 steps: %+v", c)
	}
}
