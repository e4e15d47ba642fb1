package objective_test

import (
	"context"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"vssl/methods/objective"
	"vssl/torch"
)

// TestWhitenForgetsTheAxes: where all components are kept, shifts and invertible maps of the features change no angle.
func TestWhitenForgetsTheAxes(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 3))
	const n, d = 20, 4
	torch.In(func(*torch.Scope) {
		draw := func(k int) *torch.Tensor {
			v := make([]float64, k*d)
			for i := range v {
				v[i] = rng.NormFloat64()
			}
			return torch.FromFloat64(v, k, d)
		}
		xND := draw(n)
		movedND := xND.MatMul(draw(d)).AddScalar(7)
		whiten := func(x *torch.Tensor) *torch.Tensor {
			white, err := objective.Whiten(x, d)
			if err != nil {
				t.Fatal(err)
			}
			return white
		}
		a, b := whiten(xND), whiten(movedND)
		if off := a.MatMul(a.T()).Sub(b.MatMul(b.T())).Abs().Max().Float(); off > 1e-9 {
			t.Errorf("angles move by %g", off)
		}
		if c := whiten(xND.To(torch.Float32)); c.DType() != torch.Float32 || c.MatMul(c.T()).Sub(a.MatMul(a.T())).Abs().Max().Float() > 1e-5 {
			t.Error("float32 features are whitened otherwise")
		}
		if _, err := objective.Whiten(draw(1).Expand(n, d), 2); err == nil || !strings.Contains(err.Error(), "want fewer components") {
			t.Errorf("features of rank 0: got %v", err)
		}
		panics(t, "as many components as features", func() { _, _ = objective.Whiten(draw(4), 4) })
	})
}

// TestDeeperClusterSeesTheTrunkThroughItsReLU: what is below 0 gets no gradient, and a super-class must exist.
func TestDeeperClusterSeesTheTrunkThroughItsReLU(t *testing.T) {
	torch.In(func(*torch.Scope) {
		xBD := torch.FromFloat64([]float64{-1, 2, 3, -4}, 2, 2).RequireGrad(true)
		w, b := torch.FromFloat64([]float64{1, 2, 3, 4, 5, 6}, 3, 2), torch.FromFloat64([]float64{1, 2, 3}, 3)
		heads := objective.DeeperHeads{SuperWeightSD: w, SuperBiasS: b, SubWeightKD: w, SubBiasK: b}
		r := objective.DeeperCluster(xBD, torch.FromInts([]int{1, 1}, 2), 1, heads)
		r.Loss.Backward()
		g := xBD.Grad().Float64s()
		if g[0] != 0 || g[3] != 0 || g[1] == 0 || g[2] == 0 {
			t.Errorf("gradient %v", g)
		}
		if r.Super.Float() != r.Sub.Float() {
			t.Errorf("equal heads and labels give %g and %g", r.Super.Float(), r.Sub.Float())
		}
		panics(t, "super-class 3 of 3", func() { objective.DeeperCluster(xBD, torch.FromInts([]int{1, 1}, 2), 3, heads) })
	})
}

// TestDeeperKMeansRefills: with the last assignment, too, an empty cluster takes half of the members of its donor.
func TestDeeperKMeansRefills(t *testing.T) {
	x := []float64{1, 0, 1, 0, 1, 0, 1, 0, 0, 1}
	donors := 0
	config := objective.DeeperKMeansConfig{Donor: func(n int) int {
		if donors++; n != 2 {
			t.Errorf("%d clusters have members, want 2", n)
		}
		return 0
	}}
	r, err := objective.DeeperKMeans(context.Background(), x, []float64{1, 0, 0, 1, -1, 0}, 2, config)
	if want := []int32{2, 2, 0, 0, 1}; err != nil || !slices.Equal(r.Labels, want) || donors != 1 {
		t.Errorf("labels %v, want %v; %d donors; %v", r.Labels, want, donors, err)
	}
	if c := r.Centroids; c[4] >= c[0] || c[5] <= c[1] {
		t.Errorf("centroids %v are not moved apart: down in even places of the new one, up in odd ones", c)
	}
}

// TestODCSmallClusters: the halves of the largest cluster are its two blobs, all members are kept, and nothing happens without
// need.
func TestODCSmallClusters(t *testing.T) {
	const n, d, k = 60, 3, 3
	x := blobs[float64](n, d, 2)
	labels := make([]int, n) // blobs 0 and 1 in cluster 0
	for i := range 10 {
		labels[i] = 1
	}
	r := objective.ODCSmallClusters(x, labels, make([]float64, k*d), d, objective.ODCSmallConfig{MinCluster: 5})
	if !slices.Equal(r.Split, []int{0}) {
		t.Fatalf("clusters %v were cut, want 0", r.Split)
	}
	for i := 10; i < n; i++ {
		if (r.Labels[i] == 2) != (i%2 == 1) {
			t.Errorf("row %d of blob %d is in cluster %d", i, i%2, r.Labels[i])
		}
	}
	mean := 0.0
	for i := 11; i < n; i += 2 {
		mean += x[i*d] / 25
	}
	if math.Abs(mean-r.Centroids[2*d]) > 1e-9 {
		t.Errorf("centroid at %g, want %g", r.Centroids[2*d], mean)
	}
	r = objective.ODCSmallClusters(x, labels, make([]float64, k*d), d, objective.ODCSmallConfig{MinCluster: 0})
	if len(r.Split) != 0 || !slices.Equal(r.Labels, labels) {
		t.Errorf("without small clusters: cut %v", r.Split)
	}
	panics(t, "only small clusters", func() {
		objective.ODCSmallClusters(x, labels, make([]float64, k*d), d, objective.ODCSmallConfig{MinCluster: 99})
	})
}

// TestODCUpdates: momentum 1 replaces a row by the feature, of length 1; the last of repeated rows counts; the old bank stays.
func TestODCUpdates(t *testing.T) {
	torch.In(func(*torch.Scope) {
		bank := objective.ODCBank{
			FeaturesND: torch.FromFloat64([]float64{1, 0, 0, 1}, 2, 2), LabelsN: torch.FromInts([]int{0, 0}, 2),
			CentroidsKD: torch.FromFloat64([]float64{1, 0, 0, 5}, 2, 2),
		}
		newBD := torch.FromFloat64([]float64{0, 3, 2, 0}, 2, 2)
		after, changed := objective.ODCUpdateSamples(bank, torch.FromInts([]int{1, 1}, 2), newBD, 1)
		if got := after.FeaturesND.Float64s(); math.Abs(got[2]-1) > 1e-9 || got[3] != 0 || bank.FeaturesND.Float64s()[3] != 1 {
			t.Errorf("rows %v, before %v", got, bank.FeaturesND.Float64s())
		}
		if got := after.LabelsN.Int64s(); got[1] != 0 || changed != 0.5 {
			t.Errorf("labels %v, %g changed; want 0 by the last feature, and half", got, changed)
		}
		if got := objective.ODCUpdateCentroids(after).Float64s(); math.Abs(got[0]-1) > 1e-9 || got[3] != 5 {
			t.Errorf("centroids %v, want the mean of both rows, and the empty cluster's as it was", got)
		}
		weightK, loss := objective.ODCLoss(bank.LabelsN, torch.FromFloat64([]float64{0, 0}, 1, 2), torch.FromInts([]int{1}, 1), 0.5)
		if w := weightK.Float64s(); math.Abs(w[0]+w[1]-1) > 1e-12 || w[1] < w[0] || math.Abs(loss.Float()-math.Log(2)) > 1e-12 {
			t.Errorf("weights %v, loss %g", w, loss.Float())
		}
	})
}
