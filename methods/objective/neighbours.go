package objective

import (
	"context"
	"fmt"
	"slices"

	"vssl/internal/nearest"
)

// NeighbourConfig says which neighbours are looked for.
type NeighbourConfig struct {
	K      int // neighbours of each query, from 1 to what there is
	Metric Metric
	Self   bool // queries are the base itself, row by row, and no row is its own neighbour

	Progress func(rows int) // if not nil, is called with the queries answered so far
}

// NeighbourLists are the K nearest rows of each query, from near to far; those equally near by ascending row.
type NeighbourLists struct {
	Rows []int32   // [N, K] rows of the base
	Near []float64 // [N, K] squared distances, or inner products
}

// Neighbours searches exactly: every query meets every row of the base.
//
//	queriesND  [N, D] row-major
//	baseMD     [M, D]; the same slice where a set is searched in itself
//
// Candidates are found by products of blocks in T and then ordered by distances that are taken anew in float64; a few more than
// K are kept for that. Beyond its arguments and results it holds 30 MB or so at D = 128. The error is ctx's, or says that rows
// are not finite; it panics if sizes do not fit.
func Neighbours[T nearest.Float](ctx context.Context, queriesND, baseMD []T, d int, c NeighbourConfig) (NeighbourLists, error) {
	n, m := rowsOf(queriesND, d), rowsOf(baseMD, d)
	most := m
	if c.Self {
		most--
	}
	if c.K < 1 || c.K > most || c.Self && n != m {
		panic(fmt.Sprintf("objective: %d neighbours of %d queries among %d rows, self excluded: %t", c.K, n, m, c.Self))
	}
	lists := NeighbourLists{make([]int32, n*c.K), make([]float64, n*c.K)}
	block := max(256, blockNumbers/2/d)
	var heaps nearest.Heaps[T]
	for lo := 0; lo < n; lo += block {
		hi := min(lo+block, n)
		part := queriesND[lo*d : hi*d]
		const spare = 8 // neighbours beyond K whose order rounding may have changed
		self := -1
		if c.Self {
			self = lo
		}
		heaps.Reset(hi-lo, min(c.K+spare, most))
		if err := searchBlock(ctx, &heaps, part, self, baseMD, d, c.Metric); err != nil {
			return NeighbourLists{}, fmt.Errorf("neighbours: row %d: %w", lo, err)
		}
		heaps.Sorted(lists.Rows[lo*c.K:hi*c.K], lists.Near[lo*c.K:hi*c.K], c.K, part, baseMD, d, c.Metric)
		if at := slices.Index(lists.Rows[lo*c.K:hi*c.K], -1); at >= 0 {
			return NeighbourLists{}, fmt.Errorf("neighbours: row %d has fewer than %d: it or others are not finite", lo+at/c.K, c.K)
		}
		if c.Progress != nil {
			c.Progress(hi)
		}
	}
	return lists, nil
}

// searchBlock shows the whole base to the queries, the first of which is row self of it or -1, in blocks that are laid out once
// for all of them.
func searchBlock[T nearest.Float](ctx context.Context, h *nearest.Heaps[T], part []T, self int, base []T, d int, m Metric) error {
	var panels nearest.Panels[T]
	block := max(256, blockNumbers/4/d)
	for at := 0; at*d < len(base); at += block {
		if err := ctx.Err(); err != nil {
			return err
		}
		panels.Pack(base[at*d:min((at+block)*d, len(base))], d, m)
		h.Offer(&panels, at, part, self)
	}
	return nil
}
