package objective_test

import (
	"context"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"vssl/methods/objective"
	"vssl/torch"
)

// TestSizes: the code gives sizes out in the order drawn and inverts them; the paper sorts them.
func TestSizes(t *testing.T) {
	mass := []float64{3, 1, 2}
	code := objective.SizesConfig{Samples: 30, Deviation: 0.5}
	sizes := code.GaussSizes([]float64{1, 0, -4}) // 15, 10, -10
	allNear(t, "sizes", sizes, []float64{15, 10, -10}, 1e-12)
	allNear(t, "of the code", code.Arrange(sizes, mass), []float64{-10, 15, 10}, 1e-12)
	allNear(t, "target of the code", code.Target([]float64{10, 20, 20}), []float64{0.5, 0.25, 0.25}, 1e-12)
	allNear(t, "equal masses", code.Arrange([]float64{5, 6, 7}, []float64{1, 1, 0}), []float64{6, 7, 5}, 0)

	code.Shared = true
	allNear(t, "shared sizes", code.GaussSizes([]float64{1, 0, -4}), []float64{15, 10, 1}, 1e-12)

	paper := objective.SizesConfig{Samples: 30, Deviation: 0.5, Paper: true}
	allNear(t, "of the paper", paper.Arrange([]float64{10, 15, 5}, mass), []float64{15, 5, 10}, 0)
	allNear(t, "target of the paper", paper.Target([]float64{15, 5, 10}), []float64{0.5, 1. / 6, 1. / 3}, 1e-12)
	allNear(t, "zipf", objective.ZipfSizes(11, 3, 1), []float64{6, 3, 2}, 1e-12)
}

// TestAlignHeads: a hidden order of noisy clusters is found, as the exact assignment finds it, and the clusters' order follows.
func TestAlignHeads(t *testing.T) {
	const n, k = 2100, 7
	rng := rand.New(rand.NewPCG(8, 8))
	hidden := rng.Perm(k)
	video := logProbs(9, n, k, 3)
	audio := make([]float64, n*k)
	for i := range n {
		for j := range k {
			audio[i*k+hidden[j]] = video[i*k+j]
		}
	}
	swaps := make([][2]int, 20_000)
	for i := range swaps {
		pair := rng.Perm(k)[:2]
		swaps[i] = [2]int{pair[0], pair[1]}
	}
	torch.In(func(*torch.Scope) {
		v, a := objective.MatrixRows(torch.FromFloat64(video, n, k)), objective.MatrixRows(torch.FromFloat64(audio, n, k))
		distances, err := objective.HeadDistances(context.Background(), v, a)
		if err != nil {
			t.Fatal(err)
		}
		want := 0.0 // |p_v - p_a| of clusters 0 and 1 over all samples
		for i := range n {
			want += math.Abs(math.Exp(video[i*k]) - math.Exp(audio[i*k+1]))
		}
		allNear(t, "distance", distances[1:2], []float64{want}, 1e-6)
		got := objective.AlignHeads(distances, k, swaps, objective.AlignConfig{Steps: 50000, Restarts: 2, Patience: 1000})
		if !slices.Equal(got.Order, hidden) || got.Cost > 1e-6 || got.Initial < 1 {
			t.Errorf("got %+v, want the order %v at no cost", got, hidden)
		}
		if exact := objective.Assign(distances, k, k); !slices.Equal(exact, hidden) {
			t.Errorf("Assign says %v, want %v", exact, hidden)
		}
	})
}

// TestAlignHeadsKeepsItsPatience: exchanges count by their step in their own try, and the last one is not forgotten in the next.
func TestAlignHeadsKeepsItsPatience(t *testing.T) {
	swap, none := [2]int{0, 1}, [2]int{1, 2}
	distances := []float64{1, 0, 9, 0, 1, 9, 9, 9, 0}
	c := objective.AlignConfig{Steps: 100, Restarts: 2, Patience: 2}
	// the exchange at step 1 keeps each try going up to step 4, also the second, which exchanges nothing
	swaps := [][2]int{none, swap, none, none, none, none, none, none, none, none}
	got := objective.AlignHeads(distances, 3, swaps, c)
	if !slices.Equal(got.Order, []int{1, 0, 2}) || got.Initial != 2 || got.Cost != 0 {
		t.Errorf("got %+v", got)
	}
	defer func() {
		if recover() == nil {
			t.Error("9 proposals suffice")
		}
	}()
	objective.AlignHeads(distances, 3, swaps[:9], c)
}

func TestSchedules(t *testing.T) {
	// 4 iterations an epoch; times 0, 2.51*100/4 and 2.51*100 images, the last after the end of training at 200
	s := objective.NewSeLaSchedule(100, 25, 1, 3)
	allNear(t, "times", s.Times, []float64{300, 201, 50.25, 0}, 1e-9)
	if got := s.At(); !slices.Equal(got, []int{0, 3}) {
		t.Errorf("got %v, want [0 3]", got)
	}
	s = objective.NewSeLaViSchedule(4, 2, 4, 0) // all at once: one an iteration, from the start of the last epoch on
	allNear(t, "times", s.Times, []float64{16, 8, 8, 8, 8}, 0)
	if got := s.At(); len(got) != 0 {
		t.Errorf("got %v, want none", got)
	}
	s = objective.NewSeLaViSchedule(4, 2, 1, 1.5)
	if got := s.At(); !slices.Equal(got, []int{0}) {
		t.Errorf("got %v, want [0]", got)
	}
}

// TestSeLaLoss: the mean over heads, and SeLaVi's the mean over modalities of it; labels of another shape are refused.
func TestSeLaLoss(t *testing.T) {
	torch.In(func(*torch.Scope) {
		logits := torch.FromFloat64(logProbs(10, 6, 4, 1), 2, 3, 4)
		labels := torch.FromInts([]int{0, 1, 2, 3, 0, 1}, 2, 3)
		want := 0.0
		for h := range 2 {
			want += torch.CrossEntropy(logits.Select(0, h), labels.Select(0, h)).Float() / 2
		}
		allNear(t, "SeLaLoss", []float64{objective.SeLaLoss(logits, labels).Float()}, []float64{want}, 1e-12)
		flat := torch.Zeros([]int{2, 3, 4}, torch.Float64, torch.CPU)
		r := objective.SeLaViLoss(logits, flat, labels.T())
		allNear(t, "SeLaViLoss", []float64{r.Loss.Float()}, []float64{(want + math.Log(4)) / 2}, 1e-12)
		defer func() {
			if recover() == nil {
				t.Error("labels of the wrong shape: no panic")
			}
		}()
		objective.SeLaLoss(logits, labels.T())
	})
}
