package optim

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"vssl/torch"
)

// memory is what a rule remembers of one weight.
type memory struct{ a, b float64 }

// formula updates one weight as PyTorch's documentation of the optimisers writes it; t counts from 1.
func formula(c Config, m *memory, w, g, lr float64, t int) float64 {
	if c.Kind == AdamW {
		w *= 1 - lr*c.WeightDecay
	} else {
		g += c.WeightDecay * w
	}
	switch c.Kind {
	case SGD:
		m.a = c.Momentum*m.a + g
		if c.Nesterov {
			return w - lr*(g+c.Momentum*m.a)
		}
		return w - lr*m.a
	case RMSProp:
		m.a = c.Alpha*m.a + (1-c.Alpha)*g*g
		m.b = c.Momentum*m.b + g/(math.Sqrt(m.a)+c.Eps)
		return w - lr*m.b
	case Adam, AdamW:
		m.a = c.Beta1*m.a + (1-c.Beta1)*g
		m.b = c.Beta2*m.b + (1-c.Beta2)*g*g
		mean, square := m.a/(1-math.Pow(c.Beta1, float64(t))), m.b/(1-math.Pow(c.Beta2, float64(t)))
		return w - lr*mean/(math.Sqrt(square)+c.Eps)
	case LARS:
	}
	panic("no formula for " + c.Kind)
}

func TestFormulas(t *testing.T) {
	const lr, n, steps = 0.1, 1000, 5
	for _, c := range []Config{
		{Kind: SGD},
		{Kind: SGD, WeightDecay: 0.05},
		{Kind: SGD, Momentum: 0.9, WeightDecay: 0.05},
		{Kind: SGD, Momentum: 0.9, Nesterov: true, WeightDecay: 0.05},
		{Kind: Adam, WeightDecay: 0.05},
		{Kind: AdamW, WeightDecay: 0.05, Beta1: 0.8, Beta2: 0.95, Eps: 1e-6},
		{Kind: RMSProp, WeightDecay: 0.05},
		{Kind: RMSProp, Momentum: 0.9, Alpha: 0.9},
	} {
		// Float64 takes the way of the operators on lists, float32 the fused one.
		for _, dt := range []torch.DType{torch.Float32, torch.Float64} {
			t.Run(fmt.Sprintf("%s-%g-%v/%s", c.Kind, c.Momentum, c.Nesterov, dt), func(t *testing.T) { checkFormula(t, c, dt, lr, n, steps) })
		}
	}
}

func checkFormula(t *testing.T, c Config, dt torch.DType, lr float64, n, steps int) {
	rng := rand.New(rand.NewPCG(1, 1))
	want, grads, memories := make([]float64, n), make([]float64, n), make([]memory, n)
	for i := range want {
		want[i] = rng.NormFloat64()
	}
	torch.In(func(*torch.Scope) {
		w := torch.FromFloat64(want).To(dt).RequireGrad(true)
		o := New(c, []Group{{Names: []string{"w"}, Params: []*torch.Tensor{w}}})
		defer o.Close()
		for step := range steps {
			for i := range grads {
				grads[i] = rng.NormFloat64()
				want[i] = formula(o.Config(), &memories[i], want[i], grads[i], lr, step+1)
			}
			w.SetGrad(torch.FromFloat64(grads).To(dt))
			o.Step(lr)
		}
		for i, got := range w.Float64s() {
			if math.Abs(got-want[i]) > 2e-5 {
				t.Fatalf("weight %d is %g, want %g", i, got, want[i])
			}
		}
	})
}

// training is a small problem with tensors of several sizes and layouts.
type training struct {
	params []*torch.Tensor
	group  Group
}

func newTraining() training {
	torch.Seed(1)
	var tr training
	for i, shape := range [][]int{{4, 3, 3, 3, 3}, {70000, 3}, {5}, {8, 4, 3, 3}} {
		p := torch.Randn(shape, torch.Float32, torch.CPU)
		if i == 3 {
			p = p.ChannelsLast()
		}
		tr.params = append(tr.params, p.RequireGrad(true))
		tr.group.Names = append(tr.group.Names, fmt.Sprintf("p%d", i))
	}
	tr.group.Params = tr.params
	return tr
}

// run makes steps with gradients that depend on the step and the weights.
func (tr training) run(o *Optimizer, from, to int) {
	for step := from; step < to; step++ {
		torch.In(func(*torch.Scope) {
			o.ZeroGrad()
			for _, p := range tr.params {
				p.MulScalar(float64(step + 1)).Sin().Sum().Backward()
			}
			o.Step(0.01)
		})
	}
}

func (tr training) bytes() (all []byte) {
	for _, p := range tr.params {
		all = append(all, p.Bytes()...)
	}
	return all
}

var everyRule = []Config{
	{Kind: SGD, Momentum: 0.9}, {Kind: Adam}, {Kind: AdamW, WeightDecay: 0.1}, {Kind: RMSProp},
	{Kind: LARS, Momentum: 0.9, WeightDecay: 0.01}, {Kind: LARS, Momentum: 0.9, LateTrust: true, Nesterov: true},
}

// The number of threads must not change a bit, nor a stop with State and Load in between.
func TestSameBits(t *testing.T) {
	defer torch.SetThreads(torch.Threads())
	for _, c := range everyRule {
		var whole, resumed []byte
		torch.SetThreads(2)
		torch.In(func(*torch.Scope) {
			tr := newTraining()
			o := New(c, []Group{tr.group})
			defer o.Close()
			tr.run(o, 0, 6)
			whole = tr.bytes()
		})
		torch.SetThreads(1)
		torch.In(func(*torch.Scope) {
			tr := newTraining()
			o := New(c, []Group{tr.group})
			defer o.Close()
			tr.run(o, 0, 3)
			again := New(c, []Group{tr.group})
			defer again.Close()
			if err := again.Load(o.State()); err != nil {
				t.Fatal(err)
			}
			tr.run(again, 3, 6)
			resumed = tr.bytes()
		})
		if !slices.Equal(whole, resumed) {
			t.Errorf("%+v: one thread and a resume end elsewhere", c)
		}
	}
}

func TestStepKeepsCount(t *testing.T) {
	before := torch.Live()
	torch.In(func(*torch.Scope) {
		tr := newTraining()
		o := New(Config{Kind: AdamW}, []Group{tr.group})
		defer o.Close()
		start := torch.Live()
		tr.run(o, 0, 3)
		if torch.Live() != start {
			t.Errorf("%d tensors live, want %d", torch.Live(), start)
		}
	})
	if torch.Live() != before {
		t.Errorf("%d tensors live, want %d", torch.Live(), before)
	}
}

func TestGroups(t *testing.T) {
	torch.In(func(*torch.Scope) {
		one := func() *torch.Tensor { return torch.Ones([]int{2}, torch.Float32, torch.CPU).RequireGrad(true) }
		a, b, idle := one(), one(), one()
		none := 0.0
		o := New(Config{Kind: SGD, WeightDecay: 1}, []Group{
			{Names: []string{"a", "idle"}, Params: []*torch.Tensor{a, idle}},
			{Names: []string{"b"}, Params: []*torch.Tensor{b}, WeightDecay: &none, Scale: 10},
		})
		defer o.Close()
		a.SetGrad(one())
		b.SetGrad(one())
		o.Step(0.01)
		for i, want := range []float32{0.98, 0.9, 1} {
			if got := []*torch.Tensor{a, b, idle}[i].Float32s()[0]; math.Abs(float64(got-want)) > 1e-6 {
				t.Errorf("parameter %d is %g, want %g", i, got, want)
			}
		}
		o.ZeroGrad()
		if a.Grad() != nil {
			t.Error("a gradient after ZeroGrad")
		}
	})
}

func TestClipGradNorm(t *testing.T) {
	torch.In(func(*torch.Scope) {
		a := torch.Zeros([]int{2}, torch.Float32, torch.CPU).RequireGrad(true)
		b := torch.Zeros([]int{1}, torch.Float64, torch.CPU).RequireGrad(true)
		o := New(Config{Kind: SGD}, []Group{{Names: []string{"a", "b"}, Params: []*torch.Tensor{a, b}}})
		defer o.Close()
		a.SetGrad(torch.FromFloat32([]float32{2, 3}))
		b.SetGrad(torch.FromFloat64([]float64{6}))
		if got := o.ClipGradNorm(14); got != 7 {
			t.Errorf("norm is %g, want 7", got)
		}
		if got := o.ClipGradNorm(3.5); got != 7 {
			t.Errorf("norm before clipping is %g, want 7", got)
		}
		if got := o.GradNorm(); math.Abs(got-3.5) > 1e-5 {
			t.Errorf("norm after clipping is %g, want 3.5", got)
		}
		a.SetGrad(torch.FromFloat32([]float32{float32(math.Inf(1)), 0}))
		if got := o.ClipGradNorm(1); !math.IsInf(got, 1) {
			t.Errorf("norm is %g, want +Inf", got)
		}
	})
}

func TestLoadRefuses(t *testing.T) {
	torch.In(func(*torch.Scope) {
		w := torch.Ones([]int{2}, torch.Float32, torch.CPU).RequireGrad(true)
		o := New(Config{Kind: SGD, Momentum: 0.9}, []Group{{Names: []string{"w"}, Params: []*torch.Tensor{w}}})
		defer o.Close()
		good := o.State()
		if len(good) != 2 || good[0].Name != "momentum/w" || good[1].Name != "steps" {
			t.Errorf("state is %v", good)
		}
		for name, bad := range map[string][]Named{
			"missing": good[:1],
			"unknown": append(slices.Clone(good), Named{"momentum/x", w}),
			"shape":   {{"momentum/w", torch.Ones([]int{3}, torch.Float32, torch.CPU)}, good[1]},
		} {
			if err := o.Load(bad); err == nil {
				t.Errorf("%s: loaded", name)
			}
		}
	})
}

func TestConfigRefuses(t *testing.T) {
	for _, c := range []Config{{}, {Kind: "sdg"}, {Kind: SGD, Momentum: 1}, {Kind: Adam, Beta2: -1}} {
		if c.Validate() == nil {
			t.Errorf("%+v is valid", c)
		}
	}
	if k, err := ParseKind("lars"); k != LARS || err != nil {
		t.Errorf("lars parses as %q, %v", k, err)
	}
}
