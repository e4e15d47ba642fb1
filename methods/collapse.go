package methods

import (
	"math"

	"vssl/torch"
)

// Collapse measures how far features have fallen together.
type Collapse struct {
	// Std is the standard deviation of the normalised features over the batch, the mean over their dimensions, times
	// sqrt(D): about 1 for directions spread evenly over the sphere, 0 when all are one (2011.10566, section 4.1).
	Std float64
	// Rank is the exponential of the entropy of the singular values of the normalised features, as shares of their sum:
	// 1 when all lie on a line, at most min(N, D) (2210.02885).
	Rank float64
}

// MeasureCollapse measures features [N, D], N >= 2, rows not normalised. It needs an open scope, records no gradient, and
// panics with a *torch.Error for another rank. Features that are not finite give NaN.
func MeasureCollapse(features *torch.Tensor) Collapse {
	var std float64
	var singular []float64
	torch.NoGrad(func() {
		torch.NoAutocast(func() {
			z := features.Detach().ToDevice(torch.CPU).To(torch.Float32).Normalize(1, 1e-12)
			std = z.StdDims(false, false, 0).Mean().Float() * math.Sqrt(float64(z.Dim(1)))
			if !math.IsNaN(std) { // the decomposition fails on NaN
				singular = z.SingularValues().Float64s()
			}
		})
	})
	if math.IsNaN(std) {
		return Collapse{Std: std, Rank: std}
	}
	return Collapse{Std: std, Rank: effectiveRank(singular)}
}

// effectiveRank is exp of the entropy of values >= 0 as shares of their sum; 0 when all are 0.
func effectiveRank(values []float64) float64 {
	sum := 0.0
	for _, v := range values {
		sum += v
	}
	if sum == 0 {
		return 0
	}
	entropy := 0.0
	for _, v := range values {
		if p := v / sum; p > 0 {
			entropy -= p * math.Log(p)
		}
	}
	return math.Exp(entropy)
}
