package torch

import (
	"slices"
	"testing"
)

// TestCopy: elements are converted and in row-major order whatever the layout, and the destination must fit.
func TestCopy(t *testing.T) {
	In(func(*Scope) {
		x := FromInts([]int{1, 2, 3, 4, 5, 6}, 2, 3).T()
		single, double := make([]float32, 6), make([]float64, 6)
		x.CopyFloat32s(single)
		x.CopyFloat64s(double)
		if want := []float32{1, 4, 2, 5, 3, 6}; !slices.Equal(single, want) {
			t.Errorf("got %v, want %v", single, want)
		}
		if want := []float64{1, 4, 2, 5, 3, 6}; !slices.Equal(double, want) {
			t.Errorf("got %v, want %v", double, want)
		}
		mustFail(t, func() { x.CopyFloat32s(single[:5]) })
	})
}
