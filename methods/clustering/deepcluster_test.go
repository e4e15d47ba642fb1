package clustering_test

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"vssl/clips"
	"vssl/methods"
	"vssl/methods/methodtest"
	"vssl/methods/metrics"
	"vssl/models/nn"
	"vssl/torch"
)

// planted is a run over pictures of a few kinds: each kind has a pattern of its own, under a little noise. Sample i is of kind
// i modulo the kinds.
type planted struct {
	n, kinds  int
	broken    int // samples at the end that cannot be read
	noNoise   bool
	each      func(at int) error // before each batch, nil for nothing
	forgotten []string           // by Forget
}

const plantedBatch = 8

func (p *planted) Each(ctx context.Context, r clips.Recipe, f func(b methods.Batch) error) error {
	size := r.Views[0].Augment.Size
	for at := 0; at < p.n-p.broken; at += plantedBatch {
		if p.each != nil {
			if err := p.each(at); err != nil {
				return err
			}
		}
		var err error
		torch.In(func(*torch.Scope) {
			b := methods.Batch{}
			var index []int
			var pictures []*torch.Tensor
			for i := at; i < min(at+plantedBatch, p.n-p.broken); i++ {
				index = append(index, i)
				pattern := methodtest.Noise(rand.New(rand.NewPCG(9, uint64(i%p.kinds))), 3, 1, size, size)
				own := methodtest.Noise(rand.New(rand.NewPCG(10, uint64(i))), 3, 1, size, size)
				if !p.noNoise {
					pattern = pattern.AddScaled(own, 0.1)
				}
				pictures = append(pictures, pattern)
			}
			b.Index = torch.FromInts(index, len(index))
			b.Views = []*torch.Tensor{torch.Stack(pictures, 0)}
			err = f(b)
		})
		if err != nil {
			return err
		}
	}
	return ctx.Err()
}

func (p *planted) Forget(n *nn.Node) {
	for name := range n.All() {
		p.forgotten = append(p.forgotten, n.Path()+"."+name)
	}
}

// begin begins an epoch as the trainer does.
func begin(ctx context.Context, m methods.Method, epoch int, run methods.Run) (err error) {
	m.Modules().SetTraining(false)
	torch.In(func(*torch.Scope) {
		torch.NoGrad(func() { err = m.(methods.BeginsEpochs).BeginEpoch(ctx, methods.Step{Epoch: epoch}, run) })
	})
	return err
}

// TestDeepClusterFindsWhatWasPlanted: no cluster mixes kinds. There are more clusters than kinds, since k-means that begins with
// one sample a kind at best may begin with two of one.
func TestDeepClusterFindsWhatWasPlanted(t *testing.T) {
	const n, kinds, broken = 50, 4, 3
	for _, params := range []string{
		`{clusters: 12, components: 3, hidden: [], sobel: false}`,
		`{clusters: 12, components: 3, hidden: [16], sobel: true, dropout: 0.5}`,
		`{clusters: 20, components: 3, hidden: [], sobel: false, clustering: pic}`,
	} {
		m := build(t, "deepcluster", params, n, 4)
		run := &planted{n: n, kinds: kinds, broken: broken}
		if err := begin(t.Context(), m, 0, run); err != nil {
			t.Fatal(err)
		}
		assigned := m.Modules().ParamByName("assignments").Tensor.Int64s()
		kindOf := map[int64]int{}
		for i, k := range assigned[:n-broken] {
			if kind, seen := kindOf[k]; k < 0 || seen && kind != i%kinds {
				t.Fatalf("%s: sample %d of kind %d is in cluster %d with kind %d", params, i, i%kinds, k, kind)
			}
			kindOf[k] = i % kinds
		}
		if len(kindOf) < kinds || len(kindOf) > 20 {
			t.Errorf("%s: %d clusters of %d kinds", params, len(kindOf), kinds)
		}
		if !slices.Equal(assigned[n-broken:], []int64{-1, -1, -1}) {
			t.Errorf("%s: samples that could not be read are in clusters %v", params, assigned[n-broken:])
		}
		if !slices.Equal(run.forgotten, []string{"top_layer.weight", "top_layer.bias"}) {
			t.Errorf("%s: the optimiser forgets %v", params, run.forgotten)
		}
		checkFreshLayer(t, m)
		order := m.(methods.OrdersEpochs).Order(0)
		if len(order) != n || slices.Max(order) >= n-broken {
			t.Errorf("%s: an epoch has %d samples, want %d, and shows %d, which may not be one of the last %d",
				params, len(order), n, slices.Max(order), broken)
		}
	}
}

func checkFreshLayer(t *testing.T, m methods.Method) {
	t.Helper()
	torch.In(func(*torch.Scope) {
		w, b := m.Modules().ParamByName("top_layer.weight").Tensor, m.Modules().ParamByName("top_layer.bias").Tensor
		if sd := w.Detach().Std(true).Float(); sd < 0.007 || sd > 0.013 {
			t.Errorf("the last layer begins with deviation %g, want 0.01", sd)
		}
		if b.Detach().Abs().Max().Float() != 0 {
			t.Error("the last layer begins with biases")
		}
	})
}

// TestDeepClusterInterrupted: however a clustering ends before its time, no tensor and no random number is changed, and the next
// try ends as if there had been none.
func TestDeepClusterInterrupted(t *testing.T) {
	const params = `{clusters: 4, components: 3, hidden: [], sobel: false}`
	m := build(t, "deepcluster", params, 40, 4)
	late := func(at int) error {
		if at > 16 {
			return errors.New("stop")
		}
		return nil
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	before, random := contents(m.Modules()), string(torch.RNGState())
	live := torch.Live()
	for name, c := range map[string]struct {
		ctx  context.Context
		run  *planted
		want string
	}{
		"while reading":   {t.Context(), &planted{n: 40, kinds: 4, each: late}, "stop"},
		"cancelled":       {ctx, &planted{n: 40, kinds: 4}, "context canceled"},
		"too few":         {t.Context(), &planted{n: 40, kinds: 4, broken: 37}, "3 samples can be read, want 4 or more"},
		"nothing":         {t.Context(), &planted{n: 40, kinds: 4, broken: 40}, "0 samples can be read"},
		"nothing differs": {t.Context(), &planted{n: 40, kinds: 1, noNoise: true}, "want fewer components"},
	} {
		err := begin(c.ctx, m, 0, c.run)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %s", name, err, c.want)
		}
		if !same(contents(m.Modules()), before) || string(torch.RNGState()) != random || c.run.forgotten != nil {
			t.Errorf("%s: something changed", name)
		}
	}
	if torch.Live() != live {
		t.Errorf("%d tensors outlive what was interrupted", torch.Live()-live)
	}
	if err := begin(t.Context(), m, 0, &planted{n: 40, kinds: 4}); err != nil {
		t.Fatal(err)
	}
	other := build(t, "deepcluster", params, 40, 4)
	if err := begin(t.Context(), other, 0, &planted{n: 40, kinds: 4}); err != nil {
		t.Fatal(err)
	}
	if !same(contents(m.Modules()), contents(other.Modules())) {
		t.Error("a clustering after one that was interrupted ends elsewhere")
	}
}

// TestDeepClusterLossPlainly: the loss is the cross-entropy of the samples' clusters; only from the second clustering on is there
// an agreement to report.
func TestDeepClusterLossPlainly(t *testing.T) {
	m := build(t, "deepcluster", `{clusters: 4, components: 3, hidden: [], sobel: false}`, 40, 4)
	index := []int64{3, 17, 3, 29}
	check := func() methods.Losses {
		l := m.Loss(methods.Step{}, methodtest.Batch(m.Recipe(), 1, index))
		z, d := l.Features.Float64s(), l.Features.Dim(1)
		w := m.Modules().ParamByName("top_layer.weight").Tensor.Float64s()
		bias := m.Modules().ParamByName("top_layer.bias").Tensor.Float64s()
		assigned := m.Modules().ParamByName("assignments").Tensor.Int64s()
		want := 0.0
		for i, sample := range index {
			var logits [4]float64
			sum := 0.0
			for k := range logits {
				logits[k] = bias[k]
				for j := range d {
					logits[k] += w[k*d+j] * z[i*d+j]
				}
				sum += math.Exp(logits[k])
			}
			want += (math.Log(sum) - logits[assigned[sample]]) / 4
		}
		methodtest.Near(t, "loss", l.Total.Float(), want)
		return l
	}
	torch.In(func(*torch.Scope) {
		var before []int
		for epoch := range 2 {
			if err := begin(t.Context(), m, epoch, &planted{n: 40, kinds: 4}); err != nil {
				t.Fatal(err)
			}
			m.Modules().SetTraining(true)
			l := check()
			nmi, ok := l.Figures["cluster_nmi"]
			if ok != (epoch == 1) {
				t.Errorf("epoch %d: agreement reported: %v", epoch, ok)
			}
			var now []int
			for _, k := range m.Modules().ParamByName("assignments").Tensor.Int64s() {
				now = append(now, int(k))
			}
			if ok {
				methodtest.Near(t, "agreement", nmi.Float(), metrics.Count(before, now).NMIGeometric())
			}
			before = now
		}
	})
}

// TestSobelIsSeenInTwoChannels: the network for colours gets two channels and nothing in the third; without the option all three
// count.
func TestSobelIsSeenInTwoChannels(t *testing.T) {
	for params, seen := range map[string][]bool{"true": {true, true, false}, "false": {true, true, true}} {
		m := build(t, "deepcluster", "{clusters: 3, components: 4, hidden: [], sobel: "+params+"}", 10, 4)
		torch.In(func(*torch.Scope) {
			m.Loss(methods.Step{}, methodtest.Batch(m.Recipe(), 1, methodtest.InTurn(0, 4))).Total.Backward()
			b := m.(methods.HasBackbone).Backbone()
			for _, e := range b.Node().All() { // the first weight is the first convolution's
				for channel, want := range seen {
					if got := e.Tensor.Grad().Select(1, channel).Abs().Max().Float() > 0; got != want {
						t.Errorf("sobel %s: channel %d is seen: %v", params, channel, got)
					}
				}
				break
			}
			b.Node().SetTraining(false)
			x := methodtest.Noise(rand.New(rand.NewPCG(2, 2)), 2, 3, 32, 32)
			stages := b.Stages(x)
			last := nn.GlobalAverage.Forward(stages[len(stages)-1].Activation)
			if off := last.Sub(b.Forward(x)).Abs().Max().Float(); off > 1e-5 {
				t.Errorf("sobel %s: stages and features are %g apart", params, off)
			}
		})
	}
}
