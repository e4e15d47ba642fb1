package objective

import "context"

// Mined is the neighbours that SCAN trains with.
type Mined struct {
	Rows     [][]int32 // [N][1 + topK] the sample itself, then the others by falling inner product
	Accuracy float64   // share of the others that have the sample's target, 0..1
}

// MineNeighbours finds the neighbours of every sample by inner product, as wvangansbeke/Unsupervised-Classification 952ec31
// does in utils/memory.py, mine_nearest_neighbors (2005.12320, section 2.1). The sample itself stays in the list, in first
// place.
//
//	featuresND  [N, D] row-major, rows of length 1
//	targets     [N] labels, for the accuracy only
//	topK        neighbours beside the sample itself, less than N; the authors' 20, and 50 for larger subsets of ImageNet
//
// The error is ctx's; it panics if sizes do not fit.
func MineNeighbours(ctx context.Context, featuresND []float64, d int, targets []int, topK int) (Mined, error) {
	n := rowsOf(featuresND, d)
	near, err := Neighbours(ctx, featuresND, featuresND, d, NeighbourConfig{K: topK, Metric: InnerProduct, Self: true})
	if err != nil {
		return Mined{}, err
	}
	m := Mined{Rows: make([][]int32, n)}
	same := 0
	for i := range n {
		others := near.Rows[i*topK : (i+1)*topK]
		m.Rows[i] = append([]int32{int32(i)}, others...)
		for _, j := range others {
			if targets[j] == targets[i] {
				same++
			}
		}
	}
	m.Accuracy = float64(same) / float64(n*topK)
	return m, nil
}
