package pipelines

import (
	"context"
	"slices"

	"vssl/methods/metrics"
	"vssl/methods/objective"
)

// neighbours finds for each row of query its k most similar rows of base by cosine, most similar first. k is cut to the rows
// there are; skipSame leaves out base row i for query row i. The error is ctx's, or says that features are not finite.
func neighbours(ctx context.Context, query, base *features, k int, skipSame bool) (metrics.Neighbours, error) {
	most := len(base.labels)
	if skipSame {
		most--
	}
	n := metrics.Neighbours{K: min(k, most)}
	if n.K < 1 {
		return n, nil
	}
	lists, err := objective.Neighbours(ctx, query.unit(), base.unit(), query.dim,
		objective.NeighbourConfig{K: n.K, Metric: objective.InnerProduct, Self: skipSame})
	n.Index, n.Similarity = lists.Rows, lists.Near
	return n, err
}

// knnAccuracy is the share of test rows whose class wins the vote of the k nearest training rows, each weighing
// exp(similarity/tau), as in 1805.01978, section 3.4. Ties go to the lower class.
func knnAccuracy(ctx context.Context, train, test *features, k int, tau float64, classes int) (float64, error) {
	nearest, err := neighbours(ctx, test, train, k, false)
	if err != nil {
		return 0, err
	}
	return nearest.Accuracy(train.labels, test.labels, tau, classes, 1), nil
}

// recallAt is the share of test rows that have a row of their class among their k most similar training rows, for each k.
func recallAt(ctx context.Context, train, test *features, ks ...int) ([]float64, error) {
	nearest, err := neighbours(ctx, test, train, slices.Max(ks), false)
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
