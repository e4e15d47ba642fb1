package metrics

// ARI is the adjusted Rand index of Hubert and Arabie (Journal of Classification 1985): 1 for equal partitions, about 0 for
// chance, at least -0.5. Where no pair of samples is judged differently, as for no sample, it is 1, as in scikit-learn.
func (t *Table) ARI() float64 {
	p := t.pairs()
	if p.onlyA == 0 && p.onlyB == 0 {
		return 1
	}
	return 2 * (p.both*p.neither - p.onlyA*p.onlyB) /
		((p.both+p.onlyA)*(p.onlyA+p.neither) + (p.both+p.onlyB)*(p.onlyB+p.neither))
}

// RandIndex is the share of pairs of samples on which the labellings agree: in one cluster in both, or in neither. It is 1
// where there is no pair.
func (t *Table) RandIndex() float64 {
	p := t.pairs()
	all := p.both + p.neither + p.onlyA + p.onlyB
	if all == 0 {
		return 1
	}
	return (p.both + p.neither) / all
}

// pairing counts unordered pairs of samples by which labellings have them in one cluster. float64 holds products of such
// counts, which overflow integers from about 100,000 samples on.
type pairing struct{ both, onlyA, onlyB, neither float64 }

func (t *Table) pairs() pairing {
	both, inA, inB := 0, pairsWithin(t.countA), pairsWithin(t.countB)
	for _, c := range t.cells {
		both += c.count * (c.count - 1) / 2
	}
	all := t.n * (t.n - 1) / 2
	return pairing{
		both: float64(both), onlyA: float64(inA - both), onlyB: float64(inB - both),
		neither: float64(all - inA - inB + both),
	}
}

func pairsWithin(counts []int) (pairs int) {
	for _, c := range counts {
		pairs += c * (c - 1) / 2
	}
	return pairs
}
