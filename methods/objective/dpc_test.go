package objective_test

import (
	"math"
	"testing"

	"vssl/methods/objective"
	"vssl/models/nn"
	"vssl/torch"
)

// TestDPCMaskCounts counts each kind of comparison.
func TestDPCMaskCounts(t *testing.T) {
	const b, p, s2 = 3, 2, 4
	counts := map[int64]int{}
	torch.In(func(*torch.Scope) {
		for _, kind := range objective.DPCMask(b, p, s2, torch.CPU).Int64s() {
			counts[kind]++
		}
	})
	rows := b * p * s2
	want := map[int64]int{1: rows, -1: rows * (p - 1), -3: rows * p * (s2 - 1), 0: rows * (b - 1) * p * s2}
	for kind, n := range want {
		if counts[kind] != n {
			t.Errorf("%d scores of kind %d, want %d", counts[kind], kind, n)
		}
	}
	if len(counts) != len(want) {
		t.Errorf("kinds are %v, want those of %v", counts, want)
	}
}

// TestDPCOfEqualFeatures: nothing tells the B*P*S*S targets apart.
func TestDPCOfEqualFeatures(t *testing.T) {
	torch.In(func(*torch.Scope) {
		feature := torch.Ones([]int{2, 4, 3, 2, 2}, torch.Float64, torch.CPU)
		r := objective.DPC(feature, convGRU(1, 3), blockPredictor(3, 3), 2)
		scalar(t, "loss", r.Loss, math.Log(16))
		scalar(t, "top1", r.Top1, 1.0/16)
	})
}

// TestDPCOfOneClip has neither other clips nor, with one step and position, any negative.
func TestDPCOfOneClip(t *testing.T) {
	torch.In(func(*torch.Scope) {
		r := objective.DPC(drawn(1, 1, 3, 3, 1, 1), convGRU(1, 3), blockPredictor(3, 3), 1)
		scalar(t, "loss", r.Loss, 0)
		scalar(t, "top1", r.Top1, 1)
	})
}

// TestMemDPCReversed: a clip run backwards through exchanged cells exchanges the losses; its prediction lies within the memory.
func TestMemDPCReversed(t *testing.T) {
	torch.In(func(*torch.Scope) {
		cfg := objective.MemDPCConfig{Forward: convGRU(1, 3), Backward: convGRU(10, 3), Memory: drawn(20, 5, 3),
			Predictor: blockPredictor(3, 5), Steps: 2}
		feature := drawn(21, 2, 5, 3, 2, 2)
		r := objective.MemDPC(feature, cfg)
		cfg.Forward, cfg.Backward = cfg.Backward, cfg.Forward
		reversed := objective.MemDPC(feature.Flip(1), cfg)
		scalar(t, "forward", reversed.Losses.Select(0, 1), r.Losses.Select(0, 0).Float())
		scalar(t, "backward", reversed.Losses.Select(0, 0), r.Losses.Select(0, 1).Float())

		cfg.Memory = torch.Zeros([]int{5, 3}, torch.Float64, torch.CPU)
		scalar(t, "an empty memory predicts nothing", objective.MemDPC(feature, cfg).Loss, 2*math.Log(16))
	})
}

func convGRU(seed uint64, d int) nn.ConvGRUWeights {
	w := func(i uint64) *torch.Tensor { return drawn(seed+i, d, 2*d, 1, 1) }
	b := func(i uint64) *torch.Tensor { return drawn(seed+i, d) }
	return nn.ConvGRUWeights{ResetW: w(0), UpdateW: w(1), OutW: w(2), ResetB: b(3), UpdateB: b(4), OutB: b(5)}
}

func blockPredictor(d, out int) objective.BlockPredictor {
	return objective.BlockPredictor{W0: drawn(30, d, d, 1, 1), B0: drawn(31, d),
		W1: drawn(32, out, d, 1, 1), B1: drawn(33, out)}
}
