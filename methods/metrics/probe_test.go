package metrics_test

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"vssl/methods/metrics"
	"vssl/torch"
)

// fit is FitProbe of a test that is not cancelled.
func fit(t *testing.T, features *torch.Tensor, labels []int, cfg metrics.ProbeConfig) *metrics.Probe {
	t.Helper()
	p, err := metrics.FitProbe(t.Context(), features, labels, cfg)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// TestProbeIsStationary checks the condition of the minimum, written out in loops: weights are C times what the residuals
// weigh the features by, and the residuals of each class sum to 0.
func TestProbeIsStationary(t *testing.T) {
	const n, d, classes, c = 40, 3, 3, 2.0
	rng := rand.New(rand.NewPCG(4, 4))
	x, labels := make([]float64, n*d), make([]int, n)
	for i := range labels {
		labels[i] = 10 * (i % classes) // any numbers
		for j := range d {
			x[i*d+j] = 5 + 3*rng.NormFloat64() + float64(i%classes*j)
		}
	}
	torch.In(func(*torch.Scope) {
		features := torch.FromFloat64(x, n, d)
		p := fit(t, features, labels, metrics.ProbeConfig{C: c, Intercept: true})
		if !p.Converged || !slices.Equal(p.Classes, []int{0, 10, 20}) {
			t.Fatalf("converged: %v, classes %v", p.Converged, p.Classes)
		}
		pull, balance := make([]float64, classes*d), make([]float64, classes)
		for i, label := range labels {
			row := x[i*d : (i+1)*d]
			for k, share := range softmax(p, row) {
				if p.Classes[k] == label {
					share--
				}
				balance[k] += share
				for j, v := range row {
					pull[k*d+j] -= c * share * v
				}
			}
		}
		for i, w := range p.Weight {
			if math.Abs(w-pull[i]) > 1e-6 {
				t.Errorf("weight %d is %g, the data pull it to %g", i, w, pull[i])
			}
		}
		for k, v := range balance {
			if math.Abs(v) > 1e-7 {
				t.Errorf("residuals of class %d sum to %g", k, v)
			}
		}
		again := fit(t, features, labels, metrics.ProbeConfig{C: c, Intercept: true})
		if !slices.Equal(p.Weight, again.Weight) {
			t.Error("the same data gave other weights")
		}
	})
}

func softmax(p *metrics.Probe, row []float64) []float64 {
	shares := make([]float64, len(p.Classes))
	total := 0.0
	for k := range shares {
		z := p.Bias[k]
		for j, v := range row {
			z += p.Weight[k*p.Dim+j] * v
		}
		shares[k] = math.Exp(z)
		total += shares[k]
	}
	for k := range shares {
		shares[k] /= total
	}
	return shares
}

// TestProbeOfOneNumber has a closed form: two classes at +1 and -1 without intercept have weights w and -w of
// w = C n/2 (1 - tanh w), for half the difference of the two rows' shares is so.
func TestProbeOfOneNumber(t *testing.T) {
	torch.In(func(*torch.Scope) {
		p := fit(t, torch.FromFloat64([]float64{1, -1}, 2, 1), []int{1, -1}, metrics.ProbeConfig{C: 3})
		w := p.Weight[1]
		if want := 3 * (1 - math.Tanh(w)); math.Abs(w-want) > 1e-9 || p.Weight[0] != -w {
			t.Errorf("weights are %v, want plus and minus %g", p.Weight, want)
		}
		if got := p.Predict(torch.FromFloat64([]float64{-5, 2}, 2, 1)); !slices.Equal(got, []int{-1, 1}) {
			t.Errorf("predictions are %v", got)
		}
	})
}

func TestProbeOfOneClass(t *testing.T) {
	torch.In(func(*torch.Scope) {
		p := fit(t, torch.FromFloat64([]float64{1, 2}, 2, 1), []int{4, 4}, metrics.ProbeConfig{C: 1, Intercept: true})
		if p.Weight[0] != 0 || p.MeanNLL != 0 || !p.Converged {
			t.Errorf("a single class gives %+v", p)
		}
	})
}

func TestVote(t *testing.T) {
	n := metrics.Neighbours{K: 3, Index: []int32{0, 1, 2, 2, 1, 0}, Similarity: []float64{1, 0.5, 0.5, 0, 0, 0}}
	labels := []int{2, 1, 1}
	votes := n.Vote(make([]float64, 4), 0, labels, 1)
	if want := []float64{0, 2 * math.Exp(0.5), math.E, 0}; !slices.Equal(votes, want) {
		t.Errorf("votes are %v, want %v", votes, want)
	}
	if got := metrics.Winner(votes); got != 1 {
		t.Errorf("class %d wins, want 1: 2 sqrt(e) > e", got)
	}
	for top, want := range []float64{0, 0.5, 0.5, 1} { // class 0 has no votes and comes before class 3: third in both
		if got := n.Accuracy(labels, []int{1, 0}, 1, 4, top); got != want {
			t.Errorf("top %d: %g, want %g", top, got, want)
		}
	}
}

// TestVoteOfNothing: similarities that are not numbers put no class first.
func TestVoteOfNothing(t *testing.T) {
	nan := math.NaN()
	n := metrics.Neighbours{K: 2, Index: []int32{0, 1}, Similarity: []float64{nan, 0.1}}
	if got := n.Accuracy([]int{1, 2}, []int{1}, 1, 3, 1); got != 0 {
		t.Errorf("the class of no number wins: %g", got)
	}
	if got := metrics.Winner([]float64{math.NaN(), 0, 1}); got != 2 {
		t.Errorf("class %d wins, want 2", got)
	}
}

func TestBestHeadIsTheFirstOfEqual(t *testing.T) {
	best, nmi := metrics.BestHead([][]int{{0, 0, 0, 0}, {1, 1, 0, 0}, {0, 0, 1, 1}}, []int{5, 5, 6, 6})
	if best != 1 || nmi[0] != 0 || nmi[2] != nmi[1] {
		t.Errorf("head %d is best of %v", best, nmi)
	}
}

// TestProbeIsCancelled: between two steps.
func TestProbeIsCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	torch.In(func(*torch.Scope) {
		_, err := metrics.FitProbe(ctx, torch.FromFloat64([]float64{1, -1}, 2, 1), []int{1, -1}, metrics.ProbeConfig{C: 1})
		if !errors.Is(err, context.Canceled) {
			t.Errorf("error %v", err)
		}
	})
}
