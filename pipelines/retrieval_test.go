package pipelines

import (
	"math"
	"testing"
)

// angles are rows on the unit circle.
func angles(degrees []float64, labels []int) *features {
	f := &features{dim: 2, labels: labels}
	for i, d := range degrees {
		f.rows = append(f.rows, float32(math.Cos(d*math.Pi/180)), float32(math.Sin(d*math.Pi/180)))
		f.index = append(f.index, i)
	}
	return f
}

// By hand: the query at 0 degrees of class 1 meets the classes 0, 1, 0, 1 in that order, so recall at 1 is 0, at 5 is 1, and
// the average precision (1/2 + 2/4)/2.
func TestRetrievalByHand(t *testing.T) {
	gallery := angles([]float64{10, 20, 30, 40}, []int{0, 1, 0, 1})
	test := angles([]float64{0}, []int{1})
	r := retrieval{ks: []int{1, 5}}
	recall, err := r.recall(t.Context(), gallery, test)
	if err != nil || recall[0].Value != 0 || recall[1].Value != 1 {
		t.Errorf("recall %v (%v), want 0 and 1", recall, err)
	}
	if got, err := r.meanPrecision(t.Context(), gallery, test); err != nil || math.Abs(got.Value-0.5) > 1e-9 {
		t.Errorf("mean average precision %+v (%v), want 0.5", got, err)
	}
}

// In its own set a row does not find itself: of rows at 0, 10 and 25 degrees of classes 0, 1, 0, none has its class nearest.
func TestRetrievalWithinTheSet(t *testing.T) {
	set := angles([]float64{0, 10, 25}, []int{0, 1, 0})
	r := retrieval{self: true, ks: []int{1, 2}}
	recall, err := r.recall(t.Context(), set, set)
	if err != nil || recall[0].Value != 0 || math.Abs(recall[1].Value-2./3) > 1e-9 {
		t.Errorf("recall %v (%v), want 0 and 2/3", recall, err)
	}
	// both rows of class 0 have the other at rank 2; the row of class 1 has none
	if got, err := r.meanPrecision(t.Context(), set, set); err != nil || math.Abs(got.Value-1./3) > 1e-9 {
		t.Errorf("mean average precision %+v (%v), want 1/3", got, err)
	}
}
