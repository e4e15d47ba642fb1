package methodtest

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"vssl/clips"
	"vssl/methods"
	"vssl/models/nn"
	"vssl/torch"
)

// What follows is for tests of one method: it is made small, fed with noise, and held against its formula in plain numbers.

// Pictures are the surroundings of a small method of pictures of size by size pixels. Scope is nil: Build fills it in.
func Pictures(size, samples, batch int) methods.Env {
	return methods.Env{
		ModelName: "tiny2d", Augment: clips.Contrastive(size), Clip: clips.Recipe{Frames: 1, Stride: 1},
		Samples: samples, Classes: 2, Batch: batch, Seed: 5,
	}
}

// Build makes a method whose tensors live until the test ends. It stops the test where that fails.
func Build(t *testing.T, name, params string, env methods.Env) methods.Method {
	t.Helper()
	m, err := Try(t, name, params, env)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// Try makes a method that may be refused.
func Try(t *testing.T, name, params string, env methods.Env) (m methods.Method, err error) {
	env.Scope = torch.NewScope()
	t.Cleanup(env.Scope.Close)
	torch.Seed(7)
	torch.In(func(*torch.Scope) { m, err = methods.New(name, []byte(params), env) })
	return m, err
}

// InTurn are the numbers of n samples that follow each other, the first at.
func InTurn(at, n int) []int64 {
	index := make([]int64, n)
	for i := range index {
		index[i] = int64(at + i)
	}
	return index
}

// Batch is a batch after the recipe, of the samples at the indices: noise, a function of step alone, in views of the sizes that
// the recipe asks for. A sample's label is its number modulo 2.
func Batch(r clips.Recipe, step int, index []int64) methods.Batch {
	rng := rand.New(rand.NewPCG(1, uint64(step)))
	n := len(index)
	var b methods.Batch
	for _, v := range r.Views {
		b.Views = append(b.Views, Noise(rng, n, 3, r.Frames, v.Augment.Size, v.Augment.Size))
	}
	if r.Sound != nil {
		for range r.Cuts {
			b.Sound = append(b.Sound, Noise(rng, n, max(r.Sound.Channels, 1), r.Sound.Samples()))
		}
	}
	labels := make([]int64, n)
	for i := range index {
		labels[i] = index[i] % 2
	}
	b.Index, b.Labels = torch.FromInt64(index), torch.FromInt64(labels)
	return b
}

// Noise is a float32 tensor of normally distributed numbers.
func Noise(rng *rand.Rand, shape ...int) *torch.Tensor {
	n := 1
	for _, d := range shape {
		n *= d
	}
	data := make([]float32, n)
	for i := range data {
		data[i] = float32(rng.NormFloat64())
	}
	return torch.FromFloat32(data, shape...)
}

// Tensor is the tensor of that name in the method's tree, without gradient. It stops the test where there is none.
func Tensor(t *testing.T, n *nn.Node, name string) *torch.Tensor {
	t.Helper()
	e := n.ParamByName(name)
	if e == nil {
		t.Fatalf("there is no %s", name)
	}
	return e.Tensor.Detach()
}

// Rows are the rows of a matrix.
func Rows(x *torch.Tensor) [][]float64 {
	return slices.Collect(slices.Chunk(x.Detach().To(torch.Float64).Float64s(), x.Dim(1)))
}

// Cosine is that of the angle between two vectors.
func Cosine(a, b []float64) float64 {
	var ab, aa, bb float64
	for i := range a {
		ab, aa, bb = ab+a[i]*b[i], aa+a[i]*a[i], bb+b[i]*b[i]
	}
	return ab / math.Sqrt(aa*bb)
}

// Near wants numbers of single precision to be equal.
func Near(t *testing.T, what string, got, want float64) {
	t.Helper()
	if !(math.Abs(got-want) <= 1e-4*max(1, math.Abs(want))) {
		t.Errorf("%s is %g, want %g", what, got, want)
	}
}

// Follows checks a method with a network that follows: what a file brought into the network before the first step is the
// follower's too, and over a step at progress the follower keeps the share keep of itself.
func Follows(t *testing.T, m methods.Method, batch int, progress, keep float64) {
	t.Helper()
	const online, target = "head.0.weight", "target.head.0.weight"
	torch.In(func(*torch.Scope) {
		w := Tensor(t, m.Modules(), online)
		torch.NoGrad(func() { w.Add_(w.OnesLike(), 1) }) // as weights that are read
		m.Loss(methods.Step{}, Batch(m.Recipe(), 0, InTurn(0, batch)))
		before := w.Reshape(-1).Float64s()
		if !slices.Equal(Tensor(t, m.Modules(), target).Reshape(-1).Float64s(), before) {
			t.Error("the target does not begin as the network")
		}
		torch.NoGrad(func() {
			w.Add_(w.OnesLike(), 2)
			m.(methods.FollowsSteps).AfterStep(methods.Step{Progress: progress})
		})
		for i, v := range Tensor(t, m.Modules(), target).Reshape(-1).Float64s() {
			Near(t, "a weight of the target", v, before[i]+2*(1-keep))
		}
	})
}
