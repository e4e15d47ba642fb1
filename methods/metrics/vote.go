package metrics

import (
	"fmt"
	"math"
)

// Neighbours are the nearest rows of a bank for each of N queries, most similar first.
type Neighbours struct {
	K          int       // of each query, >= 1
	Index      []int32   // [N, K] rows of the bank
	Similarity []float64 // [N, K] cosines
}

// Vote is the weighted vote of 1805.01978, section 3.4, for one query: each neighbour adds exp(similarity/tau) to its label's
// class.
//
//	votes   [classes], what is there already is dropped
//	query   0..N-1
//	labels  of the bank's rows, 0..classes-1
//	tau     temperature, no unit, > 0
//
// It returns votes, not normalised, and panics if tau is not positive or a label is out of range.
func (n Neighbours) Vote(votes []float64, query int, labels []int, tau float64) []float64 {
	if !(tau > 0) {
		panic(fmt.Sprintf("metrics: temperature is %g, want more than 0", tau))
	}
	clear(votes)
	for at := query * n.K; at < (query+1)*n.K; at++ {
		label := labels[n.Index[at]]
		if label < 0 || label >= len(votes) {
			panic(fmt.Sprintf("metrics: label of bank row %d is %d, want 0..%d", n.Index[at], label, len(votes)-1))
		}
		votes[label] += math.Exp(n.Similarity[at] / tau)
	}
	return votes
}

// Accuracy is the share of queries, 0..1, whose target is among the top classes of most votes; of equal votes, those of lower
// classes come first. A target that is no class is never among them. It panics as [Neighbours.Vote] does, and if there are
// no targets or their number is not N.
func (n Neighbours) Accuracy(labels, targets []int, tau float64, classes, top int) float64 {
	if len(targets) == 0 || n.K < 1 || len(n.Index) != n.K*len(targets) {
		panic(fmt.Sprintf("metrics: %d neighbours, %d for each query, and %d targets, want at least 1 and as many as queries",
			len(n.Index), n.K, len(targets)))
	}
	found := 0
	votes := make([]float64, classes)
	for i, target := range targets {
		if target >= 0 && target < classes && rank(n.Vote(votes, i, labels, tau), target) < top {
			found++
		}
	}
	return float64(found) / float64(len(targets))
}

// Winner is the class of most votes, the lowest of equal ones; votes that are not numbers come last.
func Winner(votes []float64) int {
	best := 0
	for c := range votes {
		if ahead(votes, c, best) {
			best = c
		}
	}
	return best
}

// rank is the number of classes that come before class.
func rank(votes []float64, class int) (before int) {
	for c := range votes {
		if ahead(votes, c, class) {
			before++
		}
	}
	return before
}

// ahead tells whether class c comes before class d. Similarities of a network that has diverged give NaN, which must not win.
func ahead(votes []float64, c, d int) bool {
	x, y := votes[c], votes[d]
	if math.IsNaN(x) || math.IsNaN(y) {
		return !math.IsNaN(x) || math.IsNaN(y) && c < d
	}
	return x > y || x == y && c < d
}
