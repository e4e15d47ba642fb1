package objective

import (
	"context"
	"fmt"
	"math"
)

// Assign pairs rows with columns one to one so that the sum of the costs of the pairs is least. It is exact: shortest
// augmenting paths with potentials (Jonker and Volgenant, Computing 38, 1987) in O(rows² cols).
//
//	cost  [rows, cols] row-major, any unit, finite
//
// It returns the column of each row. Where there are more rows than columns, the rows left over have -1. It panics if the
// length of cost is not rows times cols, or if a cost is not finite.
func Assign(cost []float64, rows, cols int) []int {
	pairs, _ := AssignContext(context.Background(), cost, rows, cols)
	return pairs
}

// AssignMax is [Assign] for the largest sum, such as of the samples that a map of clusters to classes keeps.
func AssignMax(gain []float64, rows, cols int) []int {
	cost := make([]float64, len(gain))
	for i, g := range gain {
		cost[i] = -g
	}
	return Assign(cost, rows, cols)
}

// AssignContext is [Assign] that ends early, with the context's error, when ctx is done; it looks once a row.
func AssignContext(ctx context.Context, cost []float64, rows, cols int) ([]int, error) {
	if rows < 0 || cols < 0 || len(cost) != rows*cols {
		panic(fmt.Sprintf("objective: %d costs for %d rows and %d columns, want %d", len(cost), rows, cols, rows*cols))
	}
	for i, c := range cost {
		if math.IsNaN(c) || math.IsInf(c, 0) {
			panic(fmt.Sprintf("objective: cost of row %d and column %d is %g, want a finite number", i/cols, i%cols, c))
		}
	}
	if rows <= cols {
		p := newPairing(cost, rows, cols)
		return p.column, p.solve(ctx)
	}
	turned := make([]float64, len(cost)) // paths start at the shorter side
	for i := range rows {
		for j := range cols {
			turned[j*rows+i] = cost[i*cols+j]
		}
	}
	p := newPairing(turned, cols, rows)
	return p.row, p.solve(ctx)
}

// pairing is a partial assignment that is optimal for the rows it holds. Potentials prove it: the reduced cost
// cost - u - v is 0 on pairs and nowhere negative, and v is 0 on columns without a row.
type pairing struct {
	cost        []float64 // [rows, cols], rows <= cols
	cols        int
	u, v        []float64 // potentials of rows and columns
	column, row []int     // of each row and of each column; -1 without

	// of the search for one path
	distance []float64 // of each column from the first row, over reduced costs
	from     []int     // the row before each column
	open     []int     // columns whose distance is not final
	reached  []int     // columns whose distance is final, nearest first
}

// newPairing starts with each row's least cost, in a pair where that column is free.
func newPairing(cost []float64, rows, cols int) *pairing {
	p := &pairing{
		cost: cost, cols: cols, u: make([]float64, rows), v: make([]float64, cols),
		column: make([]int, rows), row: make([]int, cols),
		distance: make([]float64, cols), from: make([]int, cols), open: make([]int, cols), reached: make([]int, 0, cols),
	}
	for j := range p.row {
		p.row[j] = -1
	}
	for i := range p.column {
		p.column[i] = -1
		least := 0
		for j, c := range p.of(i) {
			if c < p.of(i)[least] {
				least = j
			}
		}
		p.u[i] = p.of(i)[least]
		if p.row[least] < 0 {
			p.column[i], p.row[least] = least, i
		}
	}
	return p
}

// of is the costs of row i.
func (p *pairing) of(i int) []float64 { return p.cost[i*p.cols : (i+1)*p.cols] }

// solve adds the rows that have no column yet, one after the other.
func (p *pairing) solve(ctx context.Context) error {
	for i := range p.column {
		if p.column[i] >= 0 {
			continue
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		end := p.search(i)
		p.shift(i, p.distance[end])
		for j := end; j >= 0; { // pairs on the path change over
			k := p.from[j]
			j, p.column[k], p.row[j] = p.column[k], j, k
		}
	}
	return nil
}

// search finds the shortest path from row start, over pairs and other edges in turn, to a column without a row.
func (p *pairing) search(start int) (end int) {
	for j := range p.cols {
		p.open[j], p.distance[j] = j, math.Inf(1)
	}
	open := p.open
	p.reached = p.reached[:0]
	for i, length := start, 0.0; ; {
		costs, base := p.of(i), length-p.u[i]
		next, nearest := -1, math.Inf(1)
		for at, j := range open {
			d := p.distance[j]
			if through := base + costs[j] - p.v[j]; through < d {
				d, p.distance[j], p.from[j] = through, through, i
			}
			// among equals a free column ends the search
			if d < nearest || next < 0 || d == nearest && p.row[j] < 0 {
				next, nearest = at, d
			}
		}
		j := open[next]
		if p.row[j] < 0 {
			return j
		}
		open[next] = open[len(open)-1]
		open = open[:len(open)-1]
		p.reached = append(p.reached, j)
		i, length = p.row[j], nearest
	}
}

// shift moves the potentials so that the path to the column at the given length has reduced cost 0.
func (p *pairing) shift(start int, length float64) {
	p.u[start] += length
	for _, j := range p.reached {
		slack := length - p.distance[j]
		p.u[p.row[j]] += slack
		p.v[j] -= slack
	}
}
