package pipelines

import (
	"context"

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
// exp(similarity/tau), as in 1805.01978, section 3.4; then the share whose class is among the top ones, for each other number of
// top. Ties go to the lower class.
func knnAccuracy(ctx context.Context, train, test *features, v vote, show func(done, total int), top ...int) ([]Estimate, error) {
	nearest, err := neighbours(ctx, test, train, v.k, false, show)
	if err != nil {
		return nil, err
	}
	var out []Estimate
	n := len(test.labels)
	for _, most := range top {
		share := nearest.Accuracy(train.labels, test.labels, v.tau, v.classes, most)
		out = append(out, wilson(int(share*float64(n)+0.5), n))
	}
	return out, nil
}
