package metrics

import "math"

// EntropyA is the entropy of the first labelling in nats: -sum p log p of its labels' shares. Without samples it is 1, as
// scikit-learn answers.
func (t *Table) EntropyA() float64 { return entropy(t.countA, t.n) }

// EntropyB is [Table.EntropyA] of the second labelling.
func (t *Table) EntropyB() float64 { return entropy(t.countB, t.n) }

// JointEntropy is the entropy in nats of the pairs of labels. Without samples it is 1, as the others.
func (t *Table) JointEntropy() float64 {
	counts := make([]int, len(t.cells))
	for i, c := range t.cells {
		counts[i] = c.count
	}
	return entropy(counts, t.n)
}

// entropy is that of counts > 0 which sum to n.
func entropy(counts []int, n int) float64 {
	if n == 0 {
		return 1
	}
	if len(counts) == 1 {
		return 0 // exactly, and not -0
	}
	total, logN := 0.0, math.Log(float64(n))
	for _, c := range counts {
		total -= float64(c) / float64(n) * (math.Log(float64(c)) - logN)
	}
	return total
}

// MutualInformation is sum p_ab log(p_ab / (p_a p_b)) in nats, at least 0. It is 0 where one labelling has a single label or
// there are no samples.
func (t *Table) MutualInformation() float64 {
	if len(t.a) <= 1 || len(t.b) <= 1 {
		return 0
	}
	n := float64(t.n)
	total := 0.0
	for _, c := range t.cells {
		count := float64(c.count)
		expected := float64(t.countA[c.row]) / n * float64(t.countB[c.col])
		// what rounding leaves of a cell without information is nothing
		if v := count / n * math.Log(count/expected); math.Abs(v) >= 0x1p-52 {
			total += v
		}
	}
	return max(total, 0)
}

// ConditionalEntropyAB is the entropy in nats of the first labelling where the second is known.
func (t *Table) ConditionalEntropyAB() float64 { return t.JointEntropy() - t.EntropyB() }

// ConditionalEntropyBA is the entropy in nats of the second labelling where the first is known.
func (t *Table) ConditionalEntropyBA() float64 { return t.JointEntropy() - t.EntropyA() }

// VariationOfInformation is the sum of the two conditional entropies in nats: a metric of partitions, 0 for equal ones.
func (t *Table) VariationOfInformation() float64 {
	return t.ConditionalEntropyAB() + t.ConditionalEntropyBA()
}

// NMIArithmetic is the mutual information over the mean of the two entropies, 0..1. Two labellings of one label each, or of
// no samples, have 1; if only one has a single label it is 0, as in scikit-learn.
func (t *Table) NMIArithmetic() float64 {
	return t.normalised(func(a, b float64) float64 { return (a + b) / 2 })
}

// NMIGeometric is [Table.NMIArithmetic] with the geometric mean.
func (t *Table) NMIGeometric() float64 {
	return t.normalised(func(a, b float64) float64 { return math.Sqrt(a * b) })
}

func (t *Table) normalised(mean func(a, b float64) float64) float64 {
	if len(t.a) <= 1 && len(t.b) <= 1 {
		return 1
	}
	mi := t.MutualInformation()
	if mi == 0 {
		return 0
	}
	return mi / mean(t.EntropyA(), t.EntropyB())
}

// AMI is the mutual information adjusted for chance with the arithmetic mean: (MI - E) / ((H_a + H_b)/2 - E), where E is
// [Table.ExpectedMutualInformation]. 1 for equal partitions, also
// those of one cluster, of single samples or of no sample; about 0 for chance, and less for worse than that.
func (t *Table) AMI() float64 {
	if t.same() {
		return 1 // for single samples, the formula says 0/0
	}
	if len(t.a) == 1 || len(t.b) == 1 {
		return 0
	}
	expected := t.ExpectedMutualInformation()
	rest := (t.EntropyA()+t.EntropyB())/2 - expected
	const least = 0x1p-52 // keeps the sign, as scikit-learn
	if rest < 0 {
		rest = min(rest, -least)
	} else {
		rest = max(rest, least)
	}
	return (t.MutualInformation() - expected) / rest
}
