package catalogue_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"vssl/internal/golden"
	"vssl/methods/catalogue"
)

// problem is random input for one objective, and the nodes of its differentiable inputs in the order they were made.
type problem struct {
	*graph
	c     *golden.Case
	rng   *rand.Rand
	wrt   []node
	names []string
}

// variable draws a matrix that is differentiated, of shape rows x cols here and the given shape in the case.
func (p *problem) variable(name string, rows, cols int, draw func() float64, shape ...int) node {
	values := p.draw(rows*cols, draw)
	p.c.Put(name, true, values, orMatrix(shape, rows, cols)...)
	n := p.dense(name, values, rows, cols)
	p.wrt, p.names = append(p.wrt, n), append(p.names, name)
	return n
}

// constant draws a matrix without gradient.
func (p *problem) constant(name string, rows, cols int, draw func() float64, shape ...int) (node, []float64) {
	values := p.draw(rows*cols, draw)
	return p.given(name, values, rows, cols, shape...), values
}

// given hands in a matrix of known numbers without gradient.
func (p *problem) given(name string, values []float64, rows, cols int, shape ...int) node {
	p.c.Put(name, false, values, orMatrix(shape, rows, cols)...)
	return p.dense(name, values, rows, cols)
}

func orMatrix(shape []int, rows, cols int) []int {
	if shape == nil {
		return []int{rows, cols}
	}
	return shape
}

func (p *problem) draw(n int, draw func() float64) []float64 {
	if draw == nil {
		draw = p.rng.NormFloat64
	}
	values := make([]float64, n)
	for i := range values {
		values[i] = draw()
	}
	return values
}

// whole draws n whole numbers below limit and hands them in.
func (p *problem) whole(name string, limit, n int, shape ...int) []int {
	values, wide := make([]int, n), make([]int64, n)
	for i := range values {
		values[i] = p.rng.IntN(limit)
		wide[i] = int64(values[i])
	}
	if shape == nil {
		shape = []int{n}
	}
	p.c.PutInts(name, wide, shape...)
	return values
}

// TestSecondOpinion differentiates central objectives once more in Gorgonia and requires equal losses and gradients.
func TestSecondOpinion(t *testing.T) {
	for name, o := range oracles {
		t.Run(name, func(t *testing.T) {
			e, ok := catalogue.Lookup(name)
			if !ok {
				t.Fatal("no such objective")
			}
			for seed := range uint64(3) {
				p := &problem{graph: newGraph(t), c: golden.New(name, o.params), rng: rand.New(rand.NewPCG(seed, 7))}
				loss := o.build(p)
				e.Prepare(p.c)
				want, wantGradients := p.solve(loss, p.wrt...)
				got, gotGradients := p.c.Gradients(e.Evaluate)
				if !closeTo(got, want, 1) {
					t.Errorf("seed %d: loss %.12g, Gorgonia says %.12g", seed, got, want)
				}
				for i, input := range p.names {
					compareAll(t, input, gotGradients[input], wantGradients[i])
				}
			}
		})
	}
}

func compareAll(t *testing.T, name string, got, want []float64) {
	t.Helper()
	largest := 0.0
	for _, w := range want {
		largest = math.Max(largest, math.Abs(w))
	}
	if largest == 0 {
		t.Errorf("%s: Gorgonia's gradient is zero: the comparison would pass for anything", name)
	}
	for i := range want {
		if !closeTo(got[i], want[i], largest) {
			t.Errorf("gradient of %s[%d]: %.12g, Gorgonia says %.12g", name, i, got[i], want[i])
			return
		}
	}
}

func closeTo(got, want, scale float64) bool { return math.Abs(got-want) <= 1e-9*math.Max(scale, 1e-3) }
