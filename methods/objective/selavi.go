package objective

import (
	"context"
	"fmt"
	"math"
	"slices"

	"vssl/torch"
)

// SizesConfig says how large clusters shall be: section 3.2 of 2006.13662.
type SizesConfig struct {
	Samples   int     // N
	Deviation float64 // of the sizes as a share of N/K (0.1)
	Shared    bool    // one drawing for all heads, clamped at 1 below and permuted from head to head; else one for each head
	// Paper follows the paper's text: the largest sizes go to the clusters of largest mass, and the target is proportional to
	// the size. The authors' code sorts along an axis of length one, which leaves the sizes in the order drawn, and its target is
	// proportional to the inverse of the size; that is what is done without Paper.
	Paper bool
}

// GaussSizes turns standard normal draws into sizes around N/K. Negative ones are raised to 1 only where they are Shared, as
// with the authors, or where they are the Paper's, which must be positive.
func (c SizesConfig) GaussSizes(draws []float64) []float64 {
	sizes := make([]float64, len(draws))
	for i, d := range draws {
		sizes[i] = (1 + c.Deviation*d) * float64(c.Samples) / float64(len(draws))
		if c.Shared || c.Paper {
			sizes[i] = max(sizes[i], 1)
		}
	}
	return sizes
}

// ZipfSizes are k sizes proportional to 1/rank^exponent with sum n, largest first. (The authors' code knows the name but keeps
// the uniform target.)
func ZipfSizes(n, k int, exponent float64) []float64 {
	sizes := make([]float64, k)
	total := 0.0
	for i := range sizes {
		sizes[i] = math.Pow(float64(i+1), -exponent)
		total += sizes[i]
	}
	for i := range sizes {
		sizes[i] *= float64(n) / total
	}
	return sizes
}

// Arrange gives the sizes to the clusters by their mass, ascending, equal ones as they stand, and returns them by cluster: in
// the order of sizes, or with Paper in ascending order. It panics if the counts differ.
func (c SizesConfig) Arrange(sizes, mass []float64) []float64 {
	if len(sizes) != len(mass) {
		panic(fmt.Sprintf("objective: %d sizes for %d clusters", len(sizes), len(mass)))
	}
	if c.Paper {
		sizes = slices.Sorted(slices.Values(sizes))
	}
	order := make([]int, len(mass))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		switch {
		case mass[a] < mass[b]:
			return -1
		case mass[a] > mass[b]:
			return 1
		}
		return 0
	})
	arranged := make([]float64, len(sizes))
	for i, cluster := range order {
		arranged[cluster] = sizes[i]
	}
	return arranged
}

// Target is the share of each cluster: in proportion to 1/size, or with Paper to the size; the sum is 1.
func (c SizesConfig) Target(sizes []float64) []float64 {
	target := make([]float64, len(sizes))
	total := 0.0
	for i, s := range sizes {
		if target[i] = 1 / s; c.Paper {
			target[i] = s
		}
		total += target[i]
	}
	for i := range target {
		target[i] /= total
	}
	return target
}

// ColumnMass sums P^power over the rows, for each of the K clusters: what orders the clusters of a joint head with power 2,
// since the rows of [JointRows] are means. It reads blocks of a few rows and ends with ctx's error.
func ColumnMass(ctx context.Context, rows LogRows, power float64) ([]float64, error) {
	n, k := rows.Size()
	mass := make([]float64, k)
	blockRows := rowsAtATime(n, k)
	for from := 0; from < n; from += blockRows {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		torch.In(func(*torch.Scope) {
			block := rows.Block(from, min(blockRows, n-from)).To(torch.Float64)
			for i, v := range block.MulScalar(power).Exp().SumDims(false, 0).Float64s() {
				mass[i] += v
			}
		})
	}
	return mass, nil
}
