package pipelines

import (
	"math"
	"math/rand/v2"
	"testing"
)

// clouds are n rows around each of two centres on the sphere.
func clouds(n int, seed uint64) *features {
	rng := rand.New(rand.NewPCG(seed, 0))
	f := &features{dim: 3}
	for i := range 2 * n {
		centre := [2][3]float64{{1, 0, 0}, {0, 1, 0}}[i%2]
		for _, c := range centre {
			f.rows = append(f.rows, float32(c+0.1*rng.NormFloat64()))
		}
		f.labels = append(f.labels, i%2)
		f.index = append(f.index, i)
	}
	return f
}

// accuracy is knnAccuracy where the features are sound.
func accuracy(t *testing.T, train, test *features, k int, tau float64, classes int) float64 {
	t.Helper()
	got, err := knnAccuracy(t.Context(), train, test, vote{k, tau, classes}, nil, 1)
	if err != nil {
		t.Fatal(err)
	}
	return got[0].Value
}

// linear is the accuracy of logistic regression at one strength.
func linear(t *testing.T, train, test *features) float64 {
	t.Helper()
	r, err := fitLinear(t.Context(), train, test, 1, []int{1})
	if err != nil {
		t.Fatal(err)
	}
	return float64(r.hits[0]) / float64(r.of)
}

func TestMeasuresOnSeparateClouds(t *testing.T) {
	train, test := clouds(20, 1), clouds(10, 2)
	if got := accuracy(t, train, test, 5, 0.1, 2); got != 1 {
		t.Errorf("kNN accuracy is %g, want 1", got)
	}
	if got, err := (retrieval{ks: []int{1, 5}}).recall(t.Context(), train, test); err != nil || got[0].Value != 1 || got[1].Value != 1 {
		t.Errorf("recall is %v (%v), want 1", got, err)
	}
	if got := linear(t, train, test); got != 1 {
		t.Errorf("linear accuracy is %g, want 1", got)
	}
}

func TestMeasuresOnWrongLabels(t *testing.T) {
	train, test := clouds(20, 1), clouds(10, 2)
	for i := range test.labels {
		test.labels[i] = 1 - test.labels[i]
	}
	if got := accuracy(t, train, test, 5, 0.1, 2); got != 0 {
		t.Errorf("kNN accuracy is %g, want 0", got)
	}
	if got := linear(t, train, test); got != 0 {
		t.Errorf("linear accuracy is %g, want 0", got)
	}
}

// The vote by hand: similarities 1 and 0.5 of two classes at tau 1 weigh e and sqrt(e) twice.
func TestVoteWeighsBySimilarity(t *testing.T) {
	half := float32(math.Sqrt(3) / 2)
	train := &features{dim: 2, rows: []float32{1, 0, 0.5, half, 0.5, -half}, labels: []int{0, 1, 1}, index: []int{0, 1, 2}}
	test := &features{dim: 2, rows: []float32{1, 0}, labels: []int{0}, index: []int{0}}
	if got := accuracy(t, train, test, 3, 1, 2); got != 0 { // 2 sqrt(e) > e
		t.Errorf("at tau 1 the two farther rows win: got %g, want 0", got)
	}
	if got := accuracy(t, train, test, 3, 0.1, 2); got != 1 { // e^10 > 2 e^5
		t.Errorf("at tau 0.1 the near row wins: got %g, want 1", got)
	}
}

func TestNeighboursLeaveOutTheRowItself(t *testing.T) {
	f := clouds(5, 3)
	near, err := neighbours(t.Context(), f, f, 3, true, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := range f.labels {
		for _, n := range near.Index[i*near.K : (i+1)*near.K] {
			if int(n) == i {
				t.Fatalf("row %d is its own neighbour", i)
			}
		}
	}
}

// TestFeaturesThatAreNoNumbers: a network that diverged is an error, not an accuracy.
func TestFeaturesThatAreNoNumbers(t *testing.T) {
	train, test := clouds(5, 1), clouds(5, 2)
	test.rows[4] = float32(math.NaN())
	if _, err := knnAccuracy(t.Context(), train, test, vote{3, 0.1, 2}, nil, 1); err == nil {
		t.Error("no error")
	}
}

func TestSplitHoldsOutAFifthOfEachClass(t *testing.T) {
	var labels []int
	for i := range 50 {
		labels = append(labels, i%5)
	}
	labels = append(labels, -1, -1)
	train, test := splitByLabel(labels)
	if len(train) != 40 || len(test) != 10 {
		t.Fatalf("%d and %d rows, want 40 and 10", len(train), len(test))
	}
	count := map[int]int{}
	for _, i := range test {
		count[labels[i]]++
	}
	for c := range 5 {
		if count[c] != 2 {
			t.Errorf("class %d has %d test rows, want 2", c, count[c])
		}
	}
	again, _ := splitByLabel(labels)
	for i := range train {
		if train[i] != again[i] {
			t.Fatal("the split is not the same twice")
		}
	}
}
