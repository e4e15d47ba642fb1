package pipelines

import (
	"context"
	"slices"

	"vssl/methods/metrics"
	"vssl/methods/objective"
)

// neighbours finds for each row of query its k most similar rows of base by cosine, most similar first. k is cut to the rows
// there are; skipSame leaves out base row i for query row i. show, unless nil, is told how many queries are answered. The error
// is ctx's, or says that features are not finite.
func neighbours(ctx context.Context, query, base *features, k int, skipSame bool, show func(done, total int)) (metrics.Neighbours, error) {
	most := len(base.labels)
	if skipSame {
		most--
	}
	n := metrics.Neighbours{K: min(k, most)}
	if n.K < 1 {
		return n, nil
	}
	search := objective.NeighbourConfig{K: n.K, Metric: objective.InnerProduct, Self: skipSame}
	if show != nil {
		search.Progress = func(rows int) { show(rows, len(query.labels)) }
	}
	lists, err := objective.Neighbours(ctx, query.unit(), base.unit(), query.dim, search)
	n.Index, n.Similarity = lists.Rows, lists.Near
	return n, err
}

// vote says how neighbours name a row.
type vote struct {
	k       int     // neighbours
	tau     float64 // temperature of their weights, no unit, > 0
	classes int
}

// knnAccuracy is the share of test rows whose class wins the vote of the k nearest training rows, each weighing
// exp(similarity/tau), as in 1805.01978, section 3.4. Ties go to the lower class.
func knnAccuracy(ctx context.Context, train, test *features, v vote, show func(done, total int)) (float64, error) {
	nearest, err := neighbours(ctx, test, train, v.k, false, show)
	if err != nil {
		return 0, err
	}
	return nearest.Accuracy(train.labels, test.labels, v.tau, v.classes, 1), nil
}

// recallAt is the share of test rows that have a row of their class among their k most similar training rows, for each k.
func recallAt(ctx context.Context, train, test *features, show func(done, total int), ks ...int) ([]float64, error) {
	nearest, err := neighbours(ctx, test, train, slices.Max(ks), false, show)
	if err != nil {
		return nil, err
	}
	recall := make([]float64, len(ks))
	for i, label := range test.labels {
		own := nearest.Index[i*nearest.K : (i+1)*nearest.K]
		first := slices.IndexFunc(own, func(row int32) bool { return train.labels[row] == label })
		for j, k := range ks {
			if first >= 0 && first < k {
				recall[j] += 1 / float64(len(test.labels))
			}
		}
	}
	return recall, nil
}
