package metrics

import "vssl/torch"

// JointLabels labels samples by two modalities at once, as SeLaVi (2006.13662) does: the cluster of the largest product of the
// two softmaxes, the first on a tie, for each head.
//
//	logitsVHNK, logitsAHNK  [H, N, K] float
//
// It returns H labellings of N samples, and panics with a *torch.Error if the shapes differ.
func JointLabels(logitsVHNK, logitsAHNK *torch.Tensor) [][]int {
	heads := make([][]int, logitsVHNK.Dim(0))
	torch.NoGrad(func() {
		for h := range heads {
			torch.In(func(*torch.Scope) {
				pNK := logitsVHNK.Select(0, h).To(torch.Float64).Softmax(1)
				qNK := logitsAHNK.Select(0, h).To(torch.Float64).Softmax(1)
				for _, label := range pNK.Mul(qNK).ArgMax(1).Int64s() {
					heads[h] = append(heads[h], int(label))
				}
			})
		}
	})
	return heads
}

// BestHead finds the labelling of the largest [Table.NMIArithmetic] against the classes, the first on a tie, and gives that of
// each. It looks at the truth: published results of several heads do, but a user without classes cannot. It panics if there is no
// labelling or the lengths differ.
func BestHead(heads [][]int, classes []int) (best int, nmi []float64) {
	if len(heads) == 0 {
		panic("metrics: no labelling, want at least 1")
	}
	for h, labels := range heads {
		nmi = append(nmi, Count(labels, classes).NMIArithmetic())
		if nmi[h] > nmi[best] {
			best = h
		}
	}
	return best, nmi
}
