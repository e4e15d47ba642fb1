package torch

import (
	"slices"
	"testing"
)

func TestRNGState(t *testing.T) {
	In(func(*Scope) {
		Seed(7)
		Randn([]int{5}, Float32, CPU)
		state := RNGState()
		a := Randn([]int{5}, Float32, CPU).Float32s()
		Seed(8)
		if err := SetRNGState(state); err != nil {
			t.Fatal(err)
		}
		if b := Randn([]int{5}, Float32, CPU).Float32s(); !slices.Equal(a, b) {
			t.Errorf("after the state came back %v, want %v", b, a)
		}
		for name, bad := range map[string][]byte{
			"empty": nil, "cut": state[:100], "header cut": {1, 2}, "foreign": append([]byte{8, 0, 0, 0}, make([]byte, 8)...),
		} {
			if SetRNGState(bad) == nil {
				t.Errorf("%s: taken", name)
			}
		}
	})
}

func TestSeedRepeats(t *testing.T) {
	draw := func() (all []float64) {
		In(func(*Scope) {
			Seed(3)
			all = append(all, Rand([]int{3}, Float32, CPU).Float64s()...)
			all = append(all, RandPerm(5, CPU).Float64s()...)
			all = append(all, Dropout(Ones([]int{10}, Float32, CPU), 0.5, true).Float64s()...)
			all = append(all, RandInt(2, 5, []int{4}, CPU).Float64s()...)
		})
		return all
	}
	if a, b := draw(), draw(); !slices.Equal(a, b) {
		t.Errorf("one seed draws %v and %v", a, b)
	}
}
