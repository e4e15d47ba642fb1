package metrics

import (
	"fmt"
	"math"
)

// Neighbours are the nearest rows of a bank for each of N queries, most similar first.
type Neighbours struct {
	K          int
	Index      []int64   // [N, K] rows of the bank
	Similarity []float32 // [N, K] cosines
}

// Vote is the weighted vote of 1805.01978, section 3.4: each neighbour adds exp(similarity/tau) to its label's class.
//
//	labels   of the bank's rows, 0..classes-1
//	tau      temperature, no unit, > 0
//
// It returns the votes [N, classes] row-major, not normalised. It panics if tau is not positive, a label is out of range or
// the lengths do not fit.
func (n Neighbours) Vote(labels []int, tau float64, classes int) []float64 {
	if !(tau > 0) {
		panic(fmt.Sprintf("metrics: temperature is %g, want more than 0", tau))
	}
	if n.K < 1 || len(n.Index)%n.K != 0 || len(n.Index) != len(n.Similarity) {
		panic(fmt.Sprintf("metrics: %d places and %d similarities, want a multiple of the %d neighbours",
			len(n.Index), len(n.Similarity), n.K))
	}
	votes := make([]float64, len(n.Index)/n.K*classes)
	for i, row := range n.Index {
		label := labels[row]
		if label < 0 || label >= classes {
			panic(fmt.Sprintf("metrics: label of bank row %d is %d, want 0..%d", row, label, classes-1))
		}
		votes[i/n.K*classes+label] += math.Exp(float64(n.Similarity[i]) / tau)
	}
	return votes
}

// Winners are the classes of most votes, the lowest of equal ones.
func Winners(votes []float64, classes int) []int {
	winners := make([]int, len(votes)/classes)
	for i := range winners {
		row := votes[i*classes : (i+1)*classes]
		for c, v := range row {
			if v > row[winners[i]] {
				winners[i] = c
			}
		}
	}
	return winners
}

// TopShare is the share of queries, 0..1, whose label is among the top classes of most votes; of equal votes, those of lower
// classes come first.
func TopShare(votes []float64, classes int, labels []int, top int) float64 {
	found := 0
	for i, label := range labels {
		if label < 0 || label >= classes {
			continue // no class of the vote
		}
		row := votes[i*classes : (i+1)*classes]
		before := 0
		for c, v := range row {
			if v > row[label] || v == row[label] && c < label {
				before++
			}
		}
		if before < top {
			found++
		}
	}
	return float64(found) / float64(len(labels))
}
