package metrics_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"vssl/methods/metrics"
)

// TestExpectationByLogGamma compares with equation 24 of Vinh, Epps and Bailey over every count that a cell can have.
func TestExpectationByLogGamma(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 7))
	for _, labels := range []int{2, 5, 40} {
		const n = 3000
		a, b := make([]int, n), make([]int, n)
		for i := range a {
			a[i], b[i] = int(float64(labels)*math.Pow(rng.Float64(), 3)), rng.IntN(labels)
		}
		want := 0.0
		for _, x := range count(a) {
			for _, y := range count(b) {
				want += plainExpectedCell(x, y, n)
			}
		}
		if got := metrics.Count(a, b).ExpectedMutualInformation(); math.Abs(got-want) > 1e-9*want {
			t.Errorf("%d labels: expected information is %.12g, by factorials %.12g", labels, got, want)
		}
	}
}

func count(labels []int) map[int]int {
	counts := map[int]int{}
	for _, l := range labels {
		counts[l]++
	}
	return counts
}

func plainExpectedCell(a, b, n int) (sum float64) {
	for k := max(1, a+b-n); k <= min(a, b); k++ {
		logP := logFactorial(a) + logFactorial(b) + logFactorial(n-a) + logFactorial(n-b) - logFactorial(n) - logFactorial(k) -
			logFactorial(a-k) - logFactorial(b-k) - logFactorial(n-a-b+k)
		f := float64(k)
		sum += f / float64(n) * math.Log(float64(n)*f/(float64(a)*float64(b))) * math.Exp(logP)
	}
	return sum
}

func logFactorial(n int) float64 {
	v, _ := math.Lgamma(float64(n) + 1)
	return v
}
