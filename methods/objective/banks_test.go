package objective_test

import (
	"math"
	"slices"
	"testing"

	"vssl/methods/objective"
	"vssl/torch"
)

// TestCrossedIsSymmetric: which view comes first does not matter, and each bank follows its own.
func TestCrossedIsSymmetric(t *testing.T) {
	for _, softmax := range []bool{false, true} {
		torch.In(func(*torch.Scope) {
			a := objective.BankView{Features: unitRows(1, 3, 4), Bank: unitRows(2, 6, 4), Z: -1}
			b := objective.BankView{Features: unitRows(3, 3, 4), Bank: unitRows(4, 6, 4), Z: 20}
			at := objective.Candidates{Indices: places(5, 0, 2), Rows: places(5, 1, 1, 0, 0, 5, 2, 3, 4).Reshape(3, 3)}
			c := objective.CrossedConfig{Temperature: 0.3, Momentum: 0, Softmax: softmax}
			ab, ba := objective.Crossed(a, b, at, c), objective.Crossed(b, a, at, c)
			same(t, "loss", ab.Loss.Float64s(), ba.Loss.Float64s())
			same(t, "bank", ab.Bank1ND.Float64s(), ba.Bank2ND.Float64s())
			same(t, "row of the first view", ab.Bank1ND.Select(0, 5).Float64s(), a.Features.Select(0, 0).Float64s())
			if (ab.ZFirst == nil) != softmax || (ab.ZSecond == nil) != softmax {
				t.Errorf("softmax %v: Z %v and %v", softmax, ab.ZFirst, ab.ZSecond)
			}
		})
	}
}

// TestPIRLOfPatchesIsInstance: with all weight on the patches it is NCE of their directions, and the images only move the bank.
func TestPIRLOfPatchesIsInstance(t *testing.T) {
	torch.In(func(*torch.Scope) {
		b := objective.PIRLBatch{
			Patches: drawn(1, 3, 4).RequireGrad(true), Images: drawn(2, 3, 4).RequireGrad(true), Bank: unitRows(3, 6, 4),
			Indices:      places(5, 0, 2),
			NoisePatches: places(0, 1, 2, 3, 4, 5).Reshape(3, 2), NoiseImages: places(1, 1, 1, 1, 1, 1).Reshape(3, 2),
		}
		r := objective.PIRL(b, objective.PIRLConfig{Temperature: 0.2, Momentum: 0, Z: -1, PatchesWeight: 1})
		want := objective.Instance(b.Patches.Normalize(1, 1e-12), b.Indices, b.NoisePatches, b.Bank,
			objective.NCEConfig{Temperature: 0.2, Z: -1, Momentum: 0.5})
		same(t, "loss", r.Loss.Float64s(), want.Loss.Float64s())
		same(t, "Z", r.Z.Float64s(), want.Z.Float64s())
		same(t, "bank row", r.Bank.Select(0, 5).Float64s(), b.Images.Normalize(1, 1e-12).Select(0, 0).Float64s())
		r.Loss.Backward()
		same(t, "gradient of images", b.Images.Grad().Float64s(), make([]float64, 12))
	})
}

// TestMutualOfOneBranch: one branch has nobody to learn from, and an ensemble that is itself.
func TestMutualOfOneBranch(t *testing.T) {
	torch.In(func(*torch.Scope) {
		b := objective.MutualBatch{
			Embeddings: unitRows(1, 1, 3, 4).RequireGrad(true), Logits: drawn(2, 1, 3, 5).RequireGrad(true),
			Labels: places(4, 0, 0), Banks: unitRows(3, 1, 6, 4),
		}
		at := objective.Candidates{Indices: places(5, 0, 2), Rows: places(5, 1, 0, 0, 2, 3).Reshape(3, 2)}
		c := objective.MutualConfig{Temperature: 0.1, Momentum: 0.5, DistillTemperature: 3, Gamma: 2, Alpha: 1, Beta: 1}
		r := objective.Mutual(b, at, c)
		same(t, "contrast and ensemble", []float64{r.Contrast.Float(), r.Ensemble.Float()}, []float64{0, 0})
		same(t, "loss", r.Loss.Float64s(), []float64{2 * torch.CrossEntropy(b.Logits.Select(0, 0), b.Labels).Float()})
		r.Loss.Backward()
		same(t, "gradient of embeddings", b.Embeddings.Grad().Float64s(), make([]float64, 12))
	})
}

// The authors distil into the branch that is kept in the end.
func TestOnlyTheLastBranchLearnsFromTheEnsemble(t *testing.T) {
	torch.In(func(*torch.Scope) {
		b := objective.MutualBatch{
			Embeddings: unitRows(1, 3, 2, 4), Logits: drawn(2, 3, 2, 5).RequireGrad(true),
			Labels: places(4, 0), Banks: unitRows(3, 3, 6, 4),
		}
		at := objective.Candidates{Indices: places(5, 0), Rows: places(5, 1, 0, 0).Reshape(2, 2)}
		r := objective.Mutual(b, at, objective.MutualConfig{Temperature: 0.1, DistillTemperature: 3})
		r.Ensemble.Backward()
		lengths := b.Logits.Grad().Square().SumDims(false, 1, 2).Float64s()
		if lengths[0] != 0 || lengths[1] != 0 || lengths[2] == 0 {
			t.Errorf("squared gradients of the branches are %v, want some of the last alone", lengths)
		}
	})
}

func TestLocalAggregation(t *testing.T) {
	torch.In(func(*torch.Scope) {
		x, at, bank := drawn(1, 3, 4), places(5, 0, 2), unitRows(2, 6, 4)
		c := objective.AggregationConfig{Background: 4, Temperature: 0.2, Momentum: 1}
		loss := func(x *torch.Tensor, clusters ...int) float64 {
			l, rows := objective.LocalAggregation(x, at, bank, torch.FromInts(clusters, len(clusters)/6, 6), c)
			same(t, "rows at momentum 1", rows.Float64s(), bank.IndexSelect(0, at).Float64s())
			return l.Float()
		}
		one, own := []int{3, 3, 3, 3, 3, 3}, []int{0, 1, 2, 3, 4, 5}
		some := []int{0, 1, 0, 1, 0, 1}
		same(t, "one cluster", []float64{loss(x, one...)}, []float64{-math.Log(1 + 1e-7)})
		same(t, "names of clusters", []float64{loss(x, some...)}, []float64{loss(x, 7, -2, 7, -2, 7, -2)})
		same(t, "a second clustering adds nothing", []float64{loss(x, some...)}, []float64{loss(x, slices.Concat(some, own)...)})
		same(t, "length of features", []float64{loss(x, some...)}, []float64{loss(x.MulScalar(5), some...)})

		c.Background = 1 // the nearest row is not of the sample's cluster: its own is the opposite of it
		far := bank.IndexSelect(0, at).Neg().RequireGrad(true)
		l, _ := objective.LocalAggregation(far, at, bank, torch.FromInts(own, 1, 6), c)
		same(t, "nothing close", l.Float64s(), []float64{-math.Log(1e-7)})
		l.Backward()
		same(t, "gradient with nothing close", far.Grad().Float64s(), make([]float64, 12))

		c.Background = 4096 // more than there are
		if v := loss(x, some...); !(v > 0) || math.IsInf(v, 0) {
			t.Errorf("loss over the whole bank is %g", v)
		}
	})
}
