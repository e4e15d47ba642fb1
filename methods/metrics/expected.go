package metrics

import (
	"maps"
	"math"
	"slices"
)

// ExpectedMutualInformation is the mean of [Table.MutualInformation] in nats over all pairs of labellings with these label
// counts: the hypergeometric model of Vinh, Epps and Bailey (JMLR 2010), equation 24. It is exact to rounding.
//
// The expectation of a cell depends only on its two counts, so each pair of different counts is worked out once, and only
// where the probability is not lost in rounding. 1,000 by 1,000 labels of a million samples take well below a second.
func (t *Table) ExpectedMutualInformation() float64 {
	if t.n == 0 || len(t.a) == 1 || len(t.b) == 1 {
		return 0
	}
	sizesA, timesA := sizes(t.countA)
	sizesB, timesB := sizes(t.countB)
	logs := logarithms(min(sizesA[len(sizesA)-1], sizesB[len(sizesB)-1]))
	total := 0.0
	for _, a := range sizesA {
		for _, b := range sizesB {
			total += float64(timesA[a]) * float64(timesB[b]) * expectedCell(a, b, t.n, logs)
		}
	}
	return total
}

// sizes are the different counts, ascending, and how often each occurs.
func sizes(counts []int) (different []int, times map[int]int) {
	times = map[int]int{}
	for _, c := range counts {
		times[c]++
	}
	return slices.Sorted(maps.Keys(times)), times
}

// logarithms are log 0..log n; that of 0 is never used.
func logarithms(n int) []float64 {
	logs := make([]float64, n+1)
	for i := range logs {
		logs[i] = math.Log(float64(i))
	}
	return logs
}

// expectedCell is the mean of k/n log(n k / (a b)) where k of b draws without return come from a of n samples.
//
// Weights relative to that of the mode follow from their ratios, up and down until they no longer count, and are divided by
// their sum. So no difference of large log-factorials costs digits.
func expectedCell(a, b, n int, logs []float64) float64 {
	low, high := max(0, a+b-n), min(a, b)
	mode := int((float64(a) + 1) * (float64(b) + 1) / (float64(n) + 2))
	mode = min(max(mode, low), high)
	offset := math.Log(float64(n)) - math.Log(float64(a)) - math.Log(float64(b))
	const lost = 1e-19 // of the weight of the mode
	fa, fb, rest := float64(a), float64(b), float64(n-a-b)
	weights, sum := 1.0, 0.0
	if mode > 0 {
		sum = float64(mode) * (logs[mode] + offset)
	}
	for k, w := mode+1, 1.0; k <= high; k++ {
		f := float64(k)
		w *= (fa - f + 1) * (fb - f + 1) / (f * (rest + f))
		weights += w
		sum += w * f * (logs[k] + offset)
		if w < lost {
			break
		}
	}
	for k, w := mode-1, 1.0; k >= low; k-- {
		f := float64(k)
		w *= (f + 1) * (rest + f + 1) / ((fa - f) * (fb - f))
		weights += w
		if w < lost || k == 0 { // 0 log 0 is 0
			break
		}
		sum += w * f * (logs[k] + offset)
	}
	return sum / weights / float64(n)
}
