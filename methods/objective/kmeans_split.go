package objective

import "fmt"

// FaissEpsilon is by how much faiss moves the two halves of a split cluster apart.
const FaissEpsilon = 1.0 / 1024

// FaissUniforms starts the numbers that faiss splits clusters by: the Mersenne twister seeded 1234, afresh for each call.
func FaissUniforms() func() float32 { return NewMersenne(1234).Float32 }

// SplitConfig says how empty clusters are refilled.
type SplitConfig struct {
	Points  int            // N, the rows that were clustered; more than there are clusters
	Epsilon float64        // by how much the two halves move apart; [FaissEpsilon]
	Uniform func() float32 // the draws, in 0..1
}

// SplitEmpty refills empty clusters as faiss 02dbb4e does in impl/ClusteringHelpers.cpp, split_clusters, which is also
// DeepCluster's rule: each empty cluster i in ascending order takes half of a cluster j that is drawn with a chance of (count_j
// - 1)/(N - K), from j = 0 on in circles. Coordinates of the two copies move apart by factors of 1 + eps and 1 - eps.
//
//	centroidsKD  [K, D], changed in place
//	countsK      [K] members, changed in place: of the cluster that is split half stay, and so halves occur
//
// Float32 is the authors' type. It panics if N is less than K, or if no cluster has more than one member, since no draw would
// end.
func SplitEmpty(centroidsKD, countsK []float32, c SplitConfig) {
	k := len(countsK)
	d := len(centroidsKD) / max(k, 1)
	if rowsOf(centroidsKD, max(d, 1)) != k || c.Points < k {
		panic(fmt.Sprintf("objective: %d numbers are no %d centroids, or %d points are fewer", len(centroidsKD), k, c.Points))
	}
	for i, count := range countsK {
		if count != 0 {
			continue
		}
		checkDonors(countsK)
		j := 0
		for ; ; j = (j + 1) % k {
			chance := float32(float64(countsK[j]-1) / float64(float32(c.Points-k)))
			if c.Uniform() < chance {
				break
			}
		}
		from, to := centroidsKD[j*d:(j+1)*d], centroidsKD[i*d:(i+1)*d]
		for at, v := range from {
			sign := 1 - 2*float64(at%2)
			to[at] = float32(float64(v) * (1 + sign*c.Epsilon))
			from[at] = float32(float64(v) * (1 - sign*c.Epsilon))
		}
		countsK[i] = countsK[j] / 2
		countsK[j] -= countsK[i]
	}
}

func checkDonors(countsK []float32) {
	for _, count := range countsK {
		if count > 1 {
			return
		}
	}
	panic(fmt.Sprintf("objective: no cluster of %v has more than one member to give", countsK))
}
