package metrics

import (
	"fmt"
	"math"

	"vssl/methods/objective"
)

// Accuracy is the share of samples that the best one-to-one map of clusters (first labelling) to classes (second) keeps, 0..1:
// clusters without a class keep none. It is exact. Without samples it is 0.
func (t *Table) Accuracy() float64 {
	if t.n == 0 {
		return 0
	}
	gain := make([]float64, len(t.a)*len(t.b))
	for _, c := range t.cells {
		gain[c.row*len(t.b)+c.col] = float64(c.count)
	}
	kept := 0.0
	for row, col := range objective.AssignMax(gain, len(t.a), len(t.b)) {
		if col >= 0 {
			kept += gain[row*len(t.b)+col]
		}
	}
	return kept / float64(t.n)
}

// CheckClusters panics if either labelling has more labels than k, which published accuracies call the number of clusters.
func (t *Table) CheckClusters(k int) {
	if n := max(len(t.a), len(t.b)); n > k {
		panic(fmt.Sprintf("metrics: number of clusters is %d, want at least the %d labels that occur", k, n))
	}
}

// Purity is the share of samples that are of the commonest class (second labelling) of their cluster (first), 0..1: every
// cluster may choose its class. Without samples it is 0.
func (t *Table) Purity() float64 {
	if t.n == 0 {
		return 0
	}
	kept := 0
	for _, largest := range t.largestCells {
		kept += largest
	}
	return float64(kept) / float64(t.n)
}

// Purities are the shares of the commonest class in each cluster that has members, by ascending label.
func (t *Table) Purities() []float64 {
	shares := make([]float64, len(t.a))
	for i, largest := range t.largestCells {
		shares[i] = float64(largest) / float64(t.countA[i])
	}
	return shares
}

// Entropies are the entropies in nats of the class shares in each cluster that has members, by ascending label.
func (t *Table) Entropies() []float64 {
	entropies := make([]float64, len(t.a))
	for i, size := range t.countA {
		for _, c := range t.cells[t.firstOfRow[i]:t.firstOfRow[i+1]] {
			p := float64(c.count) / float64(size)
			entropies[i] += p * -math.Log(p)
		}
	}
	return entropies
}

// MeanPurity is the plain mean of [Table.Purities]: small clusters count as much as large ones. Without samples it is 0.
func (t *Table) MeanPurity() float64 { return mean(t.Purities()) }

// MeanEntropy is the plain mean of [Table.Entropies] in nats. Without samples it is 0.
func (t *Table) MeanEntropy() float64 { return mean(t.Entropies()) }

func mean(values []float64) float64 {
	if len(values) == 0 {
		return 0
	}
	total := 0.0
	for _, v := range values {
		total += v
	}
	return total / float64(len(values))
}

// Share is the fraction of predictions that equal their label, 0..1, under no map. It panics if there are none or the
// lengths differ.
func Share(predictions, labels []int) float64 {
	if len(predictions) != len(labels) || len(labels) == 0 {
		panic(fmt.Sprintf("metrics: %d predictions for %d labels, want as many and at least one", len(predictions), len(labels)))
	}
	right := 0
	for i, label := range labels {
		if predictions[i] == label {
			right++
		}
	}
	return float64(right) / float64(len(labels))
}
