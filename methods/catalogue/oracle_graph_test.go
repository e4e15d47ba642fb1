package catalogue_test

import (
	"testing"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// graph builds formulas in Gorgonia, whose automatic differentiation shares nothing with libtorch's. Everything is a matrix:
// sums over rows and repetitions are products with matrices of ones, slices are products with selections, so that the oracle
// leans on as few of Gorgonia's operators as it can.
type graph struct {
	t *testing.T
	g *gorgonia.ExprGraph
}

type node = *gorgonia.Node

func newGraph(t *testing.T) *graph { return &graph{t, gorgonia.NewGraph()} }

// dense is a matrix of given numbers, row-major.
func (g *graph) dense(name string, values []float64, rows, cols int) node {
	g.t.Helper()
	if len(values) != rows*cols {
		g.t.Fatalf("%s: %d values for %d x %d", name, len(values), rows, cols)
	}
	v := tensor.New(tensor.WithShape(rows, cols), tensor.WithBacking(append([]float64(nil), values...)))
	return gorgonia.NewMatrix(g.g, tensor.Float64, gorgonia.WithShape(rows, cols), gorgonia.WithName(name), gorgonia.WithValue(v))
}

// filled is a constant matrix by a rule.
func (g *graph) filled(rows, cols int, rule func(i, j int) float64) node {
	values := make([]float64, 0, rows*cols)
	for i := range rows {
		for j := range cols {
			values = append(values, rule(i, j))
		}
	}
	v := tensor.New(tensor.WithShape(rows, cols), tensor.WithBacking(values))
	return gorgonia.NewConstant(v)
}

func (g *graph) full(rows, cols int, v float64) node {
	return g.filled(rows, cols, func(int, int) float64 { return v })
}

func (g *graph) eye(n int) node {
	return g.filled(n, n, func(i, j int) float64 { return indicator(i == j) })
}

// selection times x is rows first, first+step, ... of x, n of them.
func (g *graph) selection(n, of, first, step int) node {
	return g.filled(n, of, func(i, j int) float64 { return indicator(j == first+i*step) })
}

func indicator(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

func (g *graph) mm(a, b node) node    { return gorgonia.Must(gorgonia.Mul(a, b)) }
func (g *graph) times(a, b node) node { return gorgonia.Must(gorgonia.HadamardProd(a, b)) }
func (g *graph) over(a, b node) node  { return gorgonia.Must(gorgonia.HadamardDiv(a, b)) }
func (g *graph) plus(a, b node) node  { return gorgonia.Must(gorgonia.Add(a, b)) }
func (g *graph) minus(a, b node) node { return gorgonia.Must(gorgonia.Sub(a, b)) }
func (g *graph) t_(a node) node       { return gorgonia.Must(gorgonia.Transpose(a, 1, 0)) }
func (g *graph) exp(a node) node      { return gorgonia.Must(gorgonia.Exp(a)) }
func (g *graph) log(a node) node      { return gorgonia.Must(gorgonia.Log(a)) }
func (g *graph) tanh(a node) node     { return gorgonia.Must(gorgonia.Tanh(a)) }
func (g *graph) sum(a node) node      { return gorgonia.Must(gorgonia.Sum(a)) }

func (g *graph) scale(a node, v float64) node {
	return g.times(a, g.full(a.Shape()[0], a.Shape()[1], v))
}

func (g *graph) shift(a node, v float64) node {
	return g.plus(a, g.full(a.Shape()[0], a.Shape()[1], v))
}

// rowSums is [rows, 1].
func (g *graph) rowSums(a node) node { return g.mm(a, g.full(a.Shape()[1], 1, 1)) }

// spread repeats a column [rows, 1] over cols columns.
func (g *graph) spread(a node, cols int) node { return g.mm(a, g.full(1, cols, 1)) }

// repeat repeats a row [1, cols] over rows rows.
func (g *graph) repeat(a node, rows int) node { return g.mm(g.full(rows, 1, 1), a) }

// unit divides every row by its length.
func (g *graph) unit(a node) node {
	lengths := gorgonia.Must(gorgonia.Sqrt(g.rowSums(g.times(a, a))))
	return g.over(a, g.spread(lengths, a.Shape()[1]))
}

// logSoftmax is by rows; nothing is subtracted before the exponential, so scores must be small.
func (g *graph) logSoftmax(a node) node {
	return g.minus(a, g.spread(g.log(g.rowSums(g.exp(a))), a.Shape()[1]))
}

// softplus is log(1 + e^a).
func (g *graph) softplus(a node) node { return g.log(g.shift(g.exp(a), 1)) }

// crossEntropy is the mean over rows of -log softmax at the labels.
func (g *graph) crossEntropy(logits node, labels []int) node {
	rows, cols := logits.Shape()[0], logits.Shape()[1]
	picked := g.times(g.logSoftmax(logits), g.filled(rows, cols, func(i, j int) float64 { return indicator(labels[i] == j) }))
	return g.sum(g.scale(picked, -1/float64(rows)))
}

// solve runs the graph and returns the value of loss and its gradients with respect to wrt, row-major.
func (g *graph) solve(loss node, wrt ...node) (value float64, gradients [][]float64) {
	g.t.Helper()
	if _, err := gorgonia.Grad(loss, wrt...); err != nil {
		g.t.Fatal(err)
	}
	vm := gorgonia.NewTapeMachine(g.g, gorgonia.BindDualValues(wrt...))
	defer vm.Close()
	if err := vm.RunAll(); err != nil {
		g.t.Fatal(err)
	}
	for _, n := range wrt {
		grad, err := n.Grad()
		if err != nil {
			g.t.Fatal(err)
		}
		gradients = append(gradients, append([]float64(nil), grad.Data().([]float64)...))
	}
	return loss.Value().Data().(float64), gradients
}
