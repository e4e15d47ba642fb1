package pipelines

import (
	"context"
	"slices"

	"vssl/torch"
)

// retrieval looks for test rows of the same class in a gallery.
type retrieval struct {
	self bool // the gallery is the test rows themselves, where no row finds itself
	ks   []int
	show func(done, total int) // queries; nil for nothing
}

// recall is the share of test rows that have a row of their class among the k most similar of the gallery, for each k. A
// row whose class the gallery lacks finds none.
func (r retrieval) recall(ctx context.Context, gallery, test *features) ([]Estimate, error) {
	nearest, err := neighbours(ctx, test, gallery, slices.Max(r.ks), r.self, r.show)
	if err != nil {
		return nil, err
	}
	hits := make([]int, len(r.ks))
	for i, label := range test.labels {
		own := nearest.Index[i*nearest.K : (i+1)*nearest.K]
		first := slices.IndexFunc(own, func(row int32) bool { return gallery.labels[row] == label })
		for j, k := range r.ks {
			if first >= 0 && first < k {
				hits[j]++
			}
		}
	}
	out := make([]Estimate, len(r.ks))
	for j, n := range hits {
		out[j] = wilson(n, len(test.labels))
	}
	return out, nil
}

// rankable is the number of pairs up to which all rows of the gallery are put in order for every query.
const rankable = 500_000_000

// canRank says whether meanPrecision is worth its time.
func canRank(gallery, test int) bool { return gallery*test <= rankable }

// meanPrecision is the mean over the test rows of the average precision: the mean, over the rows of the gallery that have the
// query's class, of the share of that class among all that are as similar or more. Of equally similar rows the earlier comes first.
// A query whose class the gallery lacks counts 0. The error is ctx's.
func (r retrieval) meanPrecision(ctx context.Context, gallery, test *features) (Estimate, error) {
	const block = 128 // queries whose similarities to the whole gallery are held at a time
	n := len(test.labels)
	precision := make([]float64, n)
	queries, base := test.unit(), gallery.unit()
	for lo := 0; lo < n; lo += block {
		if err := ctx.Err(); err != nil {
			return Estimate{}, err
		}
		hi := min(lo+block, n)
		torch.In(func(*torch.Scope) {
			q := torch.FromFloat32(queries[lo*test.dim:hi*test.dim], hi-lo, test.dim)
			g := torch.FromFloat32(base, len(gallery.labels), gallery.dim)
			order := q.MatMul(g.T()).ArgSort(1, true).Int64s()
			for i := lo; i < hi; i++ {
				ranked := order[(i-lo)*len(gallery.labels) : (i-lo+1)*len(gallery.labels)]
				precision[i] = averagePrecision(ranked, gallery.labels, test.labels[i], r.without(i))
			}
		})
	}
	return meanOfMany(precision), nil
}

// without is the row of the gallery that query i does not see, -1 for none.
func (r retrieval) without(i int) int64 {
	if r.self {
		return int64(i)
	}
	return -1
}

// averagePrecision goes down the ranked rows of the gallery, without one of them.
func averagePrecision(ranked []int64, labels []int, class int, without int64) float64 {
	found, seen, sum := 0, 0, 0.0
	for _, row := range ranked {
		if row == without {
			continue
		}
		seen++
		if labels[row] == class {
			found++
			sum += float64(found) / float64(seen)
		}
	}
	if found == 0 {
		return 0
	}
	return sum / float64(found)
}
