package pipelines

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// noisy are n rows of two classes in dim columns, of which the first tells a little and the others nothing.
func noisy(n, dim int, seed uint64) *features {
	rng := rand.New(rand.NewPCG(seed, 0))
	f := &features{dim: dim}
	for i := range n {
		for d := range dim {
			v := rng.NormFloat64()
			if d == 0 {
				v += 1.2 * float64(2*(i%2)-1)
			}
			f.rows = append(f.rows, float32(v))
		}
		f.labels, f.index = append(f.labels, i%2), append(f.index, i)
	}
	return f
}

func silent(int, int) {}

// The strength is chosen by the held-out fifth of the training part. The labels of the test part, turned round so that they
// would choose another, change nothing.
func TestLinearChoosesOnHeldOutRows(t *testing.T) {
	train, test := noisy(60, 40, 1), noisy(200, 40, 2)
	values := []float64{1e-4, 1e-2, 1, 100}
	_, s, err := linearRegression(t.Context(), train, test, values, 1, silent)
	if err != nil {
		t.Fatal(err)
	}
	rest, held := holdOut(train.labels, 1)
	var want []float64
	for _, c := range values {
		r, err := fitLinear(t.Context(), train.pick(rest), train.pick(held), c, []int{1})
		if err != nil {
			t.Fatal(err)
		}
		want = append(want, float64(r.hits[0])/float64(len(held)))
	}
	if !slices.Equal(s.Held, want) || s.Chosen != values[slices.Index(want, slices.Max(want))] {
		t.Errorf("chose %g by %v, want the first of the best of %v", s.Chosen, s.Held, want)
	}
	if slices.Max(want) == slices.Min(want) {
		t.Fatal("all values do as well: the test shows nothing")
	}
	for i := range test.labels {
		test.labels[i] = 1 - test.labels[i]
	}
	var tested []int
	for _, c := range values {
		r, err := fitLinear(t.Context(), train, test, c, []int{1})
		if err != nil {
			t.Fatal(err)
		}
		tested = append(tested, r.hits[0])
	}
	if values[slices.Index(tested, slices.Max(tested))] == s.Chosen {
		t.Fatalf("the test part would choose %g too (%v): the test shows nothing", s.Chosen, tested)
	}
	r, again, err := linearRegression(t.Context(), train, test, values, 1, silent)
	if err != nil || again.Chosen != s.Chosen {
		t.Errorf("with other labels in the test part it chose %g (%v), before %g", again.Chosen, err, s.Chosen)
	}
	if r.hits[0] != tested[slices.Index(values, s.Chosen)] {
		t.Errorf("%d hits reported, the chosen value has %d", r.hits[0], tested[slices.Index(values, s.Chosen)])
	}
}

// SGD with many heads finds what each finds alone, chooses on the held-out rows, and separates what can be separated.
func TestLinearBySGD(t *testing.T) {
	train, test := clouds(20, 1), clouds(10, 2)
	o := DefaultLinear()
	o.Solver, o.Epochs, o.Batch = sgdSolver, 30, 8
	r, s, err := sgdProbe{opts: o, seed: 3, show: silent}.run(t.Context(), train, test)
	if err != nil || r.hits[0] != 20 || r.of != 20 || len(s.Held) != len(o.Rates) {
		t.Fatalf("%d of %d right (%v), held out %v", r.hits[0], r.of, err, s.Held)
	}
	weak, noisyTest := noisy(80, 10, 1), noisy(80, 10, 2)
	o.Rates = []float64{1e-6, 0.03, 3}
	_, all, err := sgdProbe{opts: o, seed: 3, show: silent}.run(t.Context(), weak, noisyTest)
	if err != nil {
		t.Fatal(err)
	}
	rest, held := holdOut(weak.labels, 3)
	for i, rate := range o.Rates {
		alone := o
		alone.Rates = []float64{rate}
		r, _, err := sgdProbe{opts: alone, seed: 3, show: silent}.run(t.Context(), weak.pick(rest), weak.pick(held))
		if err != nil {
			t.Fatal(err)
		}
		if got := float64(r.hits[0]) / float64(r.of); got != all.Held[i] {
			t.Errorf("rate %g has %g on the held-out rows among others, alone %g", rate, all.Held[i], got)
		}
	}
	if all.Chosen != o.Rates[slices.Index(all.Held, slices.Max(all.Held))] {
		t.Errorf("chose %g by %v", all.Chosen, all.Held)
	}
}

// A class of one sample leaves nothing to hold out: the middle value is taken, and nothing breaks.
func TestLinearWithNothingToHoldOut(t *testing.T) {
	train := clouds(1, 1)
	r, s, err := linearRegression(t.Context(), train, clouds(5, 2), []float64{0.1, 1, 10}, 1, silent)
	if err != nil || s.Chosen != 1 || len(s.Held) != 0 || r.of != 10 {
		t.Errorf("%+v, %+v, %v", r, s, err)
	}
}

func TestLinearRefuses(t *testing.T) {
	for _, change := range []func(o *LinearOptions){
		func(o *LinearOptions) { o.C = nil }, func(o *LinearOptions) { o.C = []float64{0} },
		func(o *LinearOptions) { o.Rates = []float64{-1} }, func(o *LinearOptions) { o.Epochs = 0 },
		func(o *LinearOptions) { o.Batch = 0 }, func(o *LinearOptions) { o.Augment = true },
		func(o *LinearOptions) { o.Solver = "adam" },
	} {
		o := DefaultLinear()
		change(&o)
		if o.Validate() == nil {
			t.Errorf("%+v is accepted", o)
		}
	}
}
