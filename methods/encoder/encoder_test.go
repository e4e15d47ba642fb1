package encoder_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"vssl/clips"
	"vssl/methods"
	"vssl/methods/encoder"
	"vssl/methods/memory"
	"vssl/methods/methodtest"
	"vssl/models"
	"vssl/torch"
)

// env are surroundings whose tensors live until the test ends.
func env(t *testing.T) methods.Env {
	e := methodtest.Pictures(16, 0, 4)
	e.Scope = torch.NewScope()
	t.Cleanup(e.Scope.Close)
	torch.Seed(1)
	return e
}

// withHead is an encoder with a head.
func withHead(t *testing.T) *encoder.Encoder {
	t.Helper()
	e, err := encoder.New(env(t), head)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// bare is an encoder without a head.
func bare(t *testing.T) *encoder.Encoder {
	t.Helper()
	e, err := encoder.Bare(env(t))
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// follow adds a follower that keeps the share keep of itself.
func follow(t *testing.T, e *encoder.Encoder, keep float64) *encoder.Follower {
	t.Helper()
	f, err := encoder.NewFollower(e, memory.TargetConfig{Base: keep, Final: keep})
	if err != nil {
		t.Fatal(err)
	}
	return f
}

var head = models.HeadConfig{Hidden: 8, Out: 4, Layers: 2}

// view is noise of b pictures.
func view(b, size int, step int) *torch.Tensor {
	r := clips.Recipe{Frames: 1, Views: []clips.View{{Augment: clips.Contrastive(size)}}}
	return methodtest.Batch(r, step, methodtest.InTurn(0, b)).Views[0]
}

func same(t *testing.T, what string, got, want *torch.Tensor) {
	t.Helper()
	if off := got.Sub(want).Abs().Max().Float(); !(off <= 1e-5) {
		t.Errorf("%s: numbers are up to %g apart", what, off)
	}
}

// TestNames: checkpoints are read by them.
func TestNames(t *testing.T) {
	for headless, build := range map[bool]func(*testing.T) *encoder.Encoder{false: withHead, true: bare} {
		torch.In(func(*torch.Scope) {
			e := build(t)
			follow(t, e, 1)
			want := []string{}
			for name := range e.Backbone().Node().All() {
				want = append(want, "backbone."+name, "target.backbone."+name)
			}
			if (e.HeadNode() == nil) != headless {
				t.Errorf("headless: %v, and the node of the head is %v", headless, e.HeadNode())
			}
			if !headless {
				for _, name := range []string{"0.weight", "0.bias", "2.weight", "2.bias"} {
					want = append(want, "head."+name, "target.head."+name)
				}
			}
			got := slices.Collect(maps.Keys(maps.Collect(e.Modules().All())))
			slices.Sort(got)
			slices.Sort(want)
			if !slices.Equal(got, want) {
				t.Errorf("headless: %v: got %v, want %v", headless, got, want)
			}
			for name, entry := range e.Modules().All() {
				if strings.HasPrefix(name, "target.") && entry.Trainable {
					t.Errorf("%s is trained", name)
				}
			}
		})
	}
}

// TestProject: views of different sizes come out in their order, each as it comes out alone where no statistics of the batch
// enter.
func TestProject(t *testing.T) {
	torch.In(func(*torch.Scope) {
		e := withHead(t)
		e.Modules().SetTraining(false)
		views := []*torch.Tensor{view(3, 16, 0), view(3, 16, 1), view(3, 24, 2), view(3, 16, 3)}
		z := e.Project(views...)
		if !slices.Equal(z.Shape(), []int{12, 4}) || z.DType() != torch.Float32 {
			t.Fatalf("got %v of %v", z.Shape(), z.DType())
		}
		for i, v := range views {
			same(t, "one of several", z.Narrow(0, 3*i, 3), e.Project(v))
		}
		z1, z2 := e.Embed(views[0], views[1])
		same(t, "first", z1, e.Project(views[0]))
		same(t, "second", z2, e.Project(views[1]))
		stacked := encoder.Both(z1, z2)
		same(t, "both", stacked, torch.Cat([]*torch.Tensor{z1, z2}, 0))
		if stacked.RequiresGrad() || !z1.RequiresGrad() {
			t.Error("gradients: want them in embeddings and none in what the collapse meter sees")
		}
	})
}

// TestProjectNormalisesTogether: two views of one size share their batch statistics.
func TestProjectNormalisesTogether(t *testing.T) {
	torch.In(func(*torch.Scope) {
		e := withHead(t)
		v1, v2 := view(4, 16, 0), view(4, 16, 1)
		z1, _ := e.Embed(v1, v2)
		together := e.Project(torch.Cat([]*torch.Tensor{v1, v2}, 0)).Narrow(0, 0, 4)
		same(t, "together", z1, together)
		if z1.Sub(e.Project(v1)).Abs().Max().Float() < 1e-4 {
			t.Error("a view comes out the same alone")
		}
	})
}

// darker is a backbone that sees half of every value.
type darker struct{ models.Backbone }

func (d darker) Forward(x *torch.Tensor) *torch.Tensor { return d.Backbone.Forward(x.MulScalar(0.5)) }

// TestWrap: the encoder and what follows it see the same, and a bare encoder projects to its features.
func TestWrap(t *testing.T) {
	torch.In(func(*torch.Scope) {
		e := bare(t)
		e.Modules().SetTraining(false)
		v := view(2, 16, 0)
		want := e.Features(v.MulScalar(0.5))
		e.Wrap(func(b models.Backbone) models.Backbone { return darker{b} })
		f := follow(t, e, 1)
		e.Modules().SetTraining(false)
		same(t, "features", e.Features(v), want)
		same(t, "projected", e.Project(v), want)
		same(t, "followed", f.Project(v), want)
	})
}

func TestFollower(t *testing.T) {
	torch.In(func(*torch.Scope) {
		e := withHead(t)
		f := follow(t, e, 0.75)
		e.Modules().SetTraining(false)
		v := view(2, 16, 0)
		move := func(by float64) {
			torch.NoGrad(func() {
				w := methodtest.Tensor(t, e.Modules(), "head.2.bias")
				w.Add_(w.OnesLike(), by)
			})
		}
		move(1)
		f.Begin(methods.Step{Number: 3})
		same(t, "later than the first step it stays", f.Project(v).AddScalar(1), e.Project(v))
		f.Begin(methods.Step{})
		same(t, "at the first step it begins anew", f.Project(v), e.Project(v))
		move(2)
		torch.NoGrad(func() { f.Update(methods.Step{}) })
		same(t, "it goes a quarter of the way", f.Project(v).AddScalar(1.5), e.Project(v))
		if f.Project(v).RequiresGrad() {
			t.Error("a gradient reaches it")
		}
	})
}

func TestViews(t *testing.T) {
	e := methodtest.Pictures(16, 0, 4)
	e.Clip = clips.Recipe{Frames: 8, Stride: 3, Cuts: 5}
	for n, r := range map[int]clips.Recipe{1: encoder.OneView(e), 2: encoder.TwoViews(e)} {
		if err := r.Validate(); err != nil || r.Cuts != 1 || r.Frames != 8 || r.Stride != 3 || len(r.Views) != n {
			t.Errorf("%v: got %+v, want one cut with %d views", err, r, n)
		}
		for _, v := range r.Views {
			if v != (clips.View{Augment: e.Augment}) {
				t.Errorf("a view is %+v", v)
			}
		}
	}
}

func TestRefuses(t *testing.T) {
	unknown := env(t)
	unknown.ModelName = "no such model"
	if _, err := encoder.New(unknown, head); err == nil {
		t.Error("a model that is not there: no error")
	}
	want := "hidden is 0, want 1 or more\nlayers is -1, want 1 or more\noutput is 0, want 1 or more"
	if err := encoder.CheckHead(0, -1, 0); err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
	if err := encoder.CheckHead(1, 1, 1); err != nil {
		t.Error(err)
	}
}
