package pipelines

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
)

// corners are n rows of each class, along the axis that of chooses for a class and a place in it.
func corners(classes, n int, of func(class, i int) int) *features {
	f := &features{dim: classes}
	for c := range classes {
		for i := range n {
			row := make([]float32, classes)
			row[of(c, i)] = 3
			f.rows = append(f.rows, row...)
			f.labels, f.index = append(f.labels, c), append(f.index, len(f.index))
		}
	}
	return f
}

func playAll(t *testing.T, f *features, o FewShotOptions, shots int) Estimate {
	t.Helper()
	e, err := newEpisodes(f, o, shots, 7)
	if err != nil {
		t.Fatal(err)
	}
	got, err := e.accuracy(t.Context(), silent)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// On features that are their class, every query is found. On features that are all alike, all queries get the first class of the
// episode: one of five is right.
func TestFewShotKnownAccuracy(t *testing.T) {
	o := DefaultFewShot()
	o.Episodes = 20
	own := func(c, _ int) int { return c }
	for _, classifier := range []string{centroidClassifier, logisticClassifier} {
		o.Classifier = classifier
		if got := playAll(t, corners(8, 20, own), o, 5); got != (Estimate{1, 1, 1}) {
			t.Errorf("%s: %+v on features that are their class, want 1", classifier, got)
		}
		if got := playAll(t, corners(8, 20, func(int, int) int { return 0 }), o, 5); math.Abs(got.Value-0.2) > 1e-9 {
			t.Errorf("%s: %+v on features that are all alike, want 0.2", classifier, got)
		}
	}
}

// Two classes whose rows have probability p to lie on their own axis and else on the other's: with one shot, a query is right
// where both are on their own axis or both astray in the way that agrees. For classes A and B with supports a and b: supports on
// different axes (p²: right with p; (1-p)²: right with 1-p), or on one axis (2p(1-p)), where the tie goes to the first class: one half.
func TestFewShotOneShotByTheory(t *testing.T) {
	const n, stray = 100, 20
	p := float64(n-stray) / n
	f := corners(2, n, func(c, i int) int {
		if i < stray {
			return 1 - c
		}
		return c
	})
	o := FewShotOptions{Ways: 2, Queries: 15, Episodes: 4000, Classifier: centroidClassifier}
	got := playAll(t, f, o, 1)
	want := p*p*p + (1-p)*(1-p)*(1-p) + p*(1-p)
	if got.Low > want || got.High < want || got.High-got.Low > 0.02 {
		t.Errorf("%+v, want %g inside a narrow interval", got, want)
	}
}

func TestFewShotDrawsWithoutRepetition(t *testing.T) {
	o := FewShotOptions{Ways: 3, Queries: 4, Episodes: 1, Classifier: centroidClassifier}
	e, err := newEpisodes(corners(5, 6, func(c, _ int) int { return c }), o, 3, 1)
	if err != nil {
		t.Fatal(err)
	}
	rng := rand.New(rand.NewPCG(5, 5))
	for range 20 {
		support, queries := e.draw(rng)
		seen := map[int]bool{}
		for w := range support {
			if len(support[w]) != 3 || len(queries[w]) != 3 { // six rows a class leave three queries
				t.Fatalf("%v and %v", support, queries)
			}
			for _, i := range append(support[w], queries[w]...) {
				if seen[i] || i/6 != support[w][0]/6 {
					t.Fatalf("%v and %v: a row twice, or of another class", support, queries)
				}
				seen[i] = true
			}
		}
	}
}

func TestFewShotRefuses(t *testing.T) {
	o := DefaultFewShot()
	few := corners(4, 20, func(c, _ int) int { return c })
	if _, err := newEpisodes(few, o, 1, 1); err == nil || !strings.Contains(err.Error(), "found 4") {
		t.Errorf("four classes for five ways: %v", err)
	}
	if _, err := newEpisodes(corners(8, 5, func(c, _ int) int { return c }), o, 5, 1); err == nil || !strings.Contains(err.Error(), "6 samples") {
		t.Errorf("five samples for five shots: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	e, err := newEpisodes(corners(8, 20, func(c, _ int) int { return c }), o, 1, 1)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := e.accuracy(ctx, silent); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	for _, change := range []func(o *FewShotOptions){
		func(o *FewShotOptions) { o.Ways = 1 }, func(o *FewShotOptions) { o.Shots = nil }, func(o *FewShotOptions) { o.Shots = []int{0} },
		func(o *FewShotOptions) { o.Queries = 0 }, func(o *FewShotOptions) { o.Episodes = 0 }, func(o *FewShotOptions) { o.Classifier = "svm" },
	} {
		bad := DefaultFewShot()
		change(&bad)
		if bad.Validate() == nil {
			t.Errorf("%+v is accepted", bad)
		}
	}
}
