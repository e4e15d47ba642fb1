package pipelines

import (
	"math"

	"gonum.org/v1/gonum/stat"
	"gonum.org/v1/gonum/stat/distuv"
)

// Estimate is what was measured, with the 95 % confidence interval around it.
type Estimate struct{ Value, Low, High float64 }

// z95 is the quantile of the standard normal distribution that leaves 2.5 % on each side.
const z95 = 1.959963984540054

// wilson is the share hits/n with Wilson's score interval (Journal of the American Statistical Association 22, 1927), which
// stays inside 0..1 and has a width also at 0 and 1. n is 1 or more.
func wilson(hits, n int) Estimate {
	size := float64(n)
	p := float64(hits) / size
	centre := (p + z95*z95/(2*size)) / (1 + z95*z95/size)
	half := z95 / (1 + z95*z95/size) * math.Sqrt(p*(1-p)/size+z95*z95/(4*size*size))
	return Estimate{p, min(p, max(0, centre-half)), max(p, min(1, centre+half))}
}

// meanOfMany is the mean of many values, mean +- 1.96 s/sqrt(n): over episodes, or over queries.
func meanOfMany(values []float64) Estimate { return aroundMean(values, z95) }

// meanOfFew is the mean over a few runs, with Student's quantile in place of the normal one.
func meanOfFew(values []float64) Estimate {
	if len(values) < 2 {
		return aroundMean(values, 0)
	}
	return aroundMean(values, distuv.StudentsT{Sigma: 1, Nu: float64(len(values) - 1)}.Quantile(0.975))
}

// aroundMean is the mean of shares with quantile times the standard error on each side, cut to 0..1. One value has no width.
func aroundMean(values []float64, quantile float64) Estimate {
	mean, deviation := stat.MeanStdDev(values, nil)
	if len(values) < 2 {
		deviation = 0
	}
	half := quantile * deviation / math.Sqrt(float64(len(values)))
	return Estimate{mean, max(0, mean-half), min(1, mean+half)}
}
