package pipelines

import (
	"math"

	"vssl/methods/metrics"
	"vssl/torch"
)

// rowsAtOnce bounds the memory of a neighbour search: queries are compared in parts of this many rows.
const rowsAtOnce = 1024

// neighbours finds for each row of query its k most similar rows of base by cosine, most similar first: indices and
// similarities, [N*k] each. k is cut to the rows there are; skipSame leaves out base row i for query row i.
func neighbours(query, base *features, k int, skipSame bool) (index []int64, similarity []float32, used int) {
	used = min(k, len(base.labels))
	if skipSame {
		used = min(k, len(base.labels)-1)
	}
	torch.In(func(*torch.Scope) {
		torch.NoGrad(func() {
			q, b := query.tensor(), base.tensor().T()
			for at := 0; at < len(query.labels); at += rowsAtOnce {
				torch.In(func(*torch.Scope) {
					n := min(rowsAtOnce, len(query.labels)-at)
					scores := q.Narrow(0, at, n).MatMul(b)
					if skipSame {
						scores = hideSame(scores, at)
					}
					values, places := scores.TopK(used, 1, true)
					index = append(index, places.Int64s()...)
					similarity = append(similarity, values.Float32s()...)
				})
			}
		})
	})
	return index, similarity, used
}

// hideSame lowers the scores of a row with itself below all others; scores holds the rows from number at on.
func hideSame(scores *torch.Tensor, at int) *torch.Tensor {
	rows := torch.Arange(scores.Dim(0), torch.CPU).AddScalar(float64(at)).Unsqueeze(1)
	same := torch.Arange(scores.Dim(1), torch.CPU).Unsqueeze(0).Eq(rows)
	return scores.MaskedFill(same, math.Inf(-1))
}

// knnAccuracy is the share of test rows whose class wins the vote of the k nearest training rows, each weighing
// exp(similarity/tau), as in 1805.01978, section 3.4. Ties go to the lower class.
func knnAccuracy(train, test *features, k int, tau float64, classes int) float64 {
	index, similarity, used := neighbours(test, train, k, false)
	nearest := metrics.Neighbours{K: used, Index: index, Similarity: similarity}
	return nearest.Accuracy(train.labels, test.labels, tau, classes, 1)
}

// recallAt is the share of test rows that have a row of their class among their k most similar training rows.
func recallAt(train, test *features, k int) float64 {
	index, _, used := neighbours(test, train, k, false)
	found := 0
	for i, label := range test.labels {
		for _, at := range index[i*used : (i+1)*used] {
			if train.labels[at] == label {
				found++
				break
			}
		}
	}
	return float64(found) / float64(len(test.labels))
}
