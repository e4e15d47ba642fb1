package objective_test

import (
	"math"
	"slices"
	"testing"

	"vssl/methods/objective"
	"vssl/torch"
)

// TestCPCChoosesAmongContextsOrTargets writes both softmaxes out over the scores that CPC returns.
func TestCPCChoosesAmongContextsOrTargets(t *testing.T) {
	const b, steps = 4, 3
	torch.In(func(*torch.Scope) {
		z, c := drawn(1, b, 6, 5), drawn(2, b, 6, 2)
		p := objective.CPCPredictors{W: drawn(3, steps, 5, 2)}
		for _, overTargets := range []bool{false, true} {
			r := objective.CPC(z, c, p, objective.CPCConfig{Time: 1, OverTargets: overTargets})
			s := r.Scores.Float64s()
			want := 0.0
			for k := range steps {
				for i := range b {
					sum := 0.0
					for j := range b {
						target, context := i, j
						if overTargets {
							target, context = j, i
						}
						sum += math.Exp(s[(k*b+target)*b+context])
					}
					want += (math.Log(sum) - s[(k*b+i)*b+i]) / (b * steps)
				}
			}
			scalar(t, "loss", r.Loss, want)
		}
	})
}

// TestCPCPermuted: the order of the batch does not matter, and a batch of one has nothing to choose from.
func TestCPCPermuted(t *testing.T) {
	torch.In(func(*torch.Scope) {
		z, c := drawn(1, 5, 6, 4), drawn(2, 5, 6, 3)
		p := objective.CPCPredictors{W: drawn(3, 2, 4, 3), B: drawn(4, 2, 4)}
		loss := func(z, c *torch.Tensor) *torch.Tensor {
			return objective.CPC(z, c, p, objective.CPCConfig{Time: 2}).Loss
		}
		order := torch.FromInts([]int{3, 0, 4, 1, 2})
		scalar(t, "permuted", loss(z.IndexSelect(0, order), c.IndexSelect(0, order)), loss(z, c).Float())
		scalar(t, "batch of 1", loss(z.Narrow(0, 0, 1), c.Narrow(0, 0, 1)), 0)
	})
}

func TestCPCSequenceOfEqualEncodings(t *testing.T) {
	torch.In(func(*torch.Scope) {
		z := torch.Ones([]int{2, 5, 3}, torch.Float64, torch.CPU)
		perm := torch.Zeros([]int{4, 10}, torch.Int64, torch.CPU)
		r := objective.CPCSequence(z, z, drawn(1, 6, 3), perm, objective.CPCSequenceConfig{Steps: 2})
		scalar(t, "loss", r.Loss, math.Log(5))
		scalar(t, "accuracy of ties", r.Accuracy, 1)
	})
}

// TestCPCSequenceOfOne: with one sequence, the batch and the sequence are the same place for negatives.
func TestCPCSequenceOfOne(t *testing.T) {
	torch.In(func(*torch.Scope) {
		z, c, w := drawn(1, 1, 6, 3), drawn(2, 1, 6, 4), drawn(3, 9, 4)
		perm := torch.FromInts([]int{5, 4, 3, 2, 1, 0, 2, 3, 0, 1, 5, 4}, 2, 6)
		batch := objective.CPCSequence(z, c, w, perm, objective.CPCSequenceConfig{Steps: 3})
		within := objective.CPCSequence(z, c, w, perm, objective.CPCSequenceConfig{Steps: 3, WithinSequence: true})
		scalar(t, "loss", within.Loss, batch.Loss.Float())
		scalar(t, "accuracy", within.Accuracy, batch.Accuracy.Float())
	})
}

// TestModulesLearnAlone: a module's weights have the gradient of its own losses and of no other.
func TestModulesLearnAlone(t *testing.T) {
	torch.In(func(*torch.Scope) {
		perm := torch.FromInts([]int{3, 1, 0, 2, 5, 4, 7, 6}, 1, 8)
		module := func(seed uint64) objective.GreedyModule {
			return objective.GreedyModule{ConvW: drawn(seed, 2, min(int(seed), 2), 1), ConvB: drawn(seed+4, 2),
				PredW: drawn(seed+8, 2, 2), Perm: perm, Stride: 1}
		}
		modules := []objective.GreedyModule{module(1), module(2)}
		last := objective.GreedyContext{WIH: drawn(5, 9, 2), WHH: drawn(6, 9, 3), BIH: drawn(7, 9), BHH: drawn(8, 9),
			PredW: drawn(9, 2, 3), Perm: perm}
		losses := objective.GreedyInfoMax(drawn(4, 2, 1, 4), modules, last, 1)
		ownGradients(t, "Greedy InfoMax", losses, modules[0].ConvW.RequireGrad(true), func() *torch.Tensor {
			return objective.GreedyInfoMax(drawn(4, 2, 1, 4), modules, last, 1).Losses
		})

		stages := []objective.LoCoStage{{W: drawn(1, 5, 4), B: drawn(2, 5)}}
		for s := range uint64(2) {
			stages = append(stages, objective.LoCoStage{W: drawn(3+s, 5, 5), B: drawn(5+s, 5),
				W0: drawn(7+s, 4, 5), W1: drawn(9+s, 4, 4)})
		}
		local := func() objective.LocalTerms {
			return objective.LoCo(drawn(11, 3, 4), drawn(12, 3, 4), stages, 0.5)
		}
		ownGradients(t, "LoCo", local(), stages[0].W.RequireGrad(true), func() *torch.Tensor { return local().Losses })
	})
}

// ownGradients checks that w, of the first module, has the same gradient from the sum of losses as from the first loss alone.
func ownGradients(t *testing.T, name string, terms objective.LocalTerms, w *torch.Tensor, losses func() *torch.Tensor) {
	t.Helper()
	scalar(t, name+": sum", terms.Loss, terms.Losses.Sum().Float())
	all := torch.Grad([]*torch.Tensor{losses().Sum()}, []*torch.Tensor{w}, false)[0].Float64s()
	first := torch.Grad([]*torch.Tensor{losses().Select(0, 0)}, []*torch.Tensor{w}, false)[0].Float64s()
	learns := slices.ContainsFunc(all, func(g float64) bool { return g != 0 })
	if !slices.Equal(all, first) || !learns {
		t.Errorf("%s: the first module has gradient %v, its own loss gives %v", name, all, first)
	}
}

// TestImpossiblePredictions: each of these would leave nothing to predict, or nothing to predict from.
func TestImpossiblePredictions(t *testing.T) {
	torch.In(func(*torch.Scope) {
		z, perm := drawn(1, 1, 3, 2), torch.Zeros([]int{1, 3}, torch.Int64, torch.CPU)
		for name, f := range map[string]func(){
			"3 steps over 3 times": func() {
				objective.CPCSequence(z, z, drawn(2, 6, 2), perm, objective.CPCSequenceConfig{Steps: 3})
			},
			"3 of 3 grid rows": func() {
				objective.CPCImage(drawn(1, 1, 2, 3, 1), drawn(1, 1, 2, 3, 1), drawn(2, 2, 2, 2),
					[]*torch.Tensor{perm, perm}, objective.CPCImageConfig{Skip: 1})
			},
			"one stage":          func() { objective.LoCo(z, z, make([]objective.LoCoStage, 1), 1) },
			"4 predictions of 3": func() { objective.VIVINCE(drawn(1, 2, 3, 1, 2), drawn(2, 2, 4, 2)) },
			"temperature of 0": func() {
				cfg := timeCycleConfig
				cfg.Temperature = 0
				objective.TimeCycle(timeCycleInput(1, 1), timeCycleHead(), cfg)
			},
		} {
			panics(t, name, f)
		}
	})
}

func TestVIVIOfOneClipOrEqualClips(t *testing.T) {
	torch.In(func(*torch.Scope) {
		scalar(t, "one clip", objective.VIVINCE(drawn(1, 1, 3, 2, 4), drawn(2, 1, 2, 4)), 0)
		frames := drawn(1, 1, 3, 2, 4).Repeat(5, 1, 1, 1)
		scalar(t, "equal clips", objective.VIVINCE(frames, drawn(2, 5, 2, 4)), 0)
	})
}

// scalar checks a result of one element.
func scalar(t *testing.T, what string, got *torch.Tensor, want float64) {
	t.Helper()
	same(t, what, got.Float64s(), []float64{want})
}
