package objective

import (
	"context"
	"fmt"
	"math/rand/v2"

	"vssl/torch"
)

// ODCBank is the samples memory of ODC: an embedding and a pseudo-label of every sample, and the clusters' centroids.
type ODCBank struct {
	FeaturesND  *torch.Tensor // [N, D] float, rows of length 1
	LabelsN     *torch.Tensor // [N] int64
	CentroidsKD *torch.Tensor // [K, D] float, not of length 1
}

// odcEps is what the authors add to a length before they divide by it.
const odcEps = 1e-10

// ODCUpdateSamples moves the bank's rows of a batch towards its new features and labels them anew: 2006.10645, section 3.2, as
// open-mmlab/OpenSelfSup 1db69ec does in models/memories/odc_memory.py, update_samples_memory.
//
//	indicesB    [B] int64, bank rows of the batch; of repeated ones the last counts
//	featuresBD  [B, D] float, any length
//	momentum    weight of the new feature, 0..1; the authors' 0.5
//
// It returns the bank after the step, without a gradient, and the share of the batch whose label changed. The inputs are not
// changed. Centroids are not of length 1, so tight clusters attract more.
func ODCUpdateSamples(bank ODCBank, indicesB, featuresBD *torch.Tensor, momentum float64) (after ODCBank, changed float64) {
	torch.NoGrad(func() {
		newBD := featuresBD.Div(featuresBD.NormDims(2, true, 1).AddScalar(odcEps))
		rowsBD := bank.FeaturesND.IndexSelect(0, indicesB).MulScalar(1 - momentum).Add(newBD.MulScalar(momentum))
		rowsBD = rowsBD.Div(rowsBD.NormDims(2, true, 1).AddScalar(odcEps))
		labelsB := rowsBD.MatMul(bank.CentroidsKD.T()).ArgMax(1)
		changed = labelsB.Ne(bank.LabelsN.IndexSelect(0, indicesB)).To(torch.Float64).Mean().Float()
		after = ODCBank{bank.FeaturesND.Clone(), bank.LabelsN.Clone(), bank.CentroidsKD}
		for b, i := range indicesB.Int64s() { // one after the other: the order of repeated rows is defined
			after.FeaturesND.Select(0, int(i)).Copy_(rowsBD.Select(0, b))
			after.LabelsN.Select(0, int(i)).Copy_(labelsB.Select(0, b))
		}
	})
	return after, changed
}

// ODCUpdateCentroids returns the means of the clusters' bank rows, not brought to length 1; a cluster without members keeps its
// centroid. It is update_centroids_memory of the same file.
func ODCUpdateCentroids(bank ODCBank) (centroidsKD *torch.Tensor) {
	torch.NoGrad(func() {
		sumsKD := bank.CentroidsKD.ZerosLike().IndexAdd(0, bank.LabelsN, bank.FeaturesND)
		countK1 := bank.LabelsN.Bincount(bank.CentroidsKD.Dim(0)).Unsqueeze(1).To(sumsKD.DType())
		centroidsKD = countK1.GtScalar(0).Where(sumsKD.Div(countK1.ClampMin(1)), bank.CentroidsKD)
	})
	return centroidsKD
}

// ODCLoss is the loss of ODC: cross-entropy to the pseudo-labels, in which rare clusters count more; models/odc.py, set_reweight.
//
//	labelsN   [N] int64, the bank's
//	logitsBK  [B, K] float
//	targetsB  [B] int64
//	power     of the inverse cluster sizes; the authors' 0.5
//
// It returns the weights [K], of sum 1, and a scalar in nats: the weighted mean over B. The gradient goes to the logits.
func ODCLoss(labelsN, logitsBK, targetsB *torch.Tensor, power float64) (weightK, loss *torch.Tensor) {
	const eps = 1e-5 // keeps empty clusters finite; they weigh far more than all others
	countK := labelsN.Bincount(logitsBK.Dim(1)).To(logitsBK.DType())
	weightK = countK.AddScalar(eps).Reciprocal().PowScalar(power)
	weightK = weightK.Div(weightK.Sum())
	return weightK, torch.CrossEntropyWeighted(logitsBK, targetsB, weightK)
}

// ODCSmallConfig says how small clusters are dealt with.
type ODCSmallConfig struct {
	MinCluster int // a cluster with fewer members is small; the authors' 20

	// Cut, if not nil, says how the members of the cluster that refills the e-th small one are cut: true for those that move. nil:
	// two-means.
	Cut func(e int, members []int) []bool
}

// ODCSmall is the bank's labels and centroids after small clusters were dealt with.
type ODCSmall struct {
	Labels    []int     // [N]
	Centroids []float64 // [K, D]
	Split     []int     // for each small cluster, the one that was cut to refill it
}

// ODCSmallClusters keeps clusters from vanishing, deal_with_small_clusters of the same file. The members of each small cluster
// go to the nearest large one by the product with its centroid; then each small cluster in turn takes one half of what is the
// largest cluster by then, the first of equally large ones. The centroids of both halves become the means of their members;
// others do not move.
//
//	featuresND   [N, D] row-major, the bank's
//	labels       [N], 0..K-1
//	centroidsKD  [K, D]
//
// The authors cut with scikit-learn's KMeans of 2 clusters; here k-means starts 8 times from seeded k-means++ and the best ends
// is taken, with the first member in the half that stays. It panics if no cluster is large, or a cluster that must be cut has
// one member.
func ODCSmallClusters(featuresND []float64, labels []int, centroidsKD []float64, d int, c ODCSmallConfig) ODCSmall {
	k := rowsOf(centroidsKD, d)
	if rowsOf(featuresND, d) != len(labels) {
		panic(fmt.Sprintf("objective: %d labels for %d rows", len(labels), rowsOf(featuresND, d)))
	}
	s := ODCSmall{Labels: append([]int(nil), labels...), Centroids: append([]float64(nil), centroidsKD...)}
	counts := make([]int, k)
	for _, l := range labels {
		counts[l]++
	}
	small := s.dissolve(featuresND, d, counts, c.MinCluster)
	if c.Cut == nil {
		c.Cut = func(_ int, members []int) []bool { return twoMeans(featuresND, d, members) }
	}
	for e, empty := range small {
		largest := 0
		for j, count := range counts {
			if count > counts[largest] {
				largest = j
			}
		}
		var members []int
		for i, l := range s.Labels {
			if l == largest {
				members = append(members, i)
			}
		}
		for at, move := range c.Cut(e, members) {
			if move {
				s.Labels[members[at]] = empty
				counts[largest], counts[empty] = counts[largest]-1, counts[empty]+1
			}
		}
		s.recentre(featuresND, d, largest, counts[largest])
		s.recentre(featuresND, d, empty, counts[empty])
		s.Split = append(s.Split, largest)
	}
	return s
}

// dissolve moves the members of small clusters to large ones, keeps counts, and returns which were small.
func (s *ODCSmall) dissolve(featuresND []float64, d int, counts []int, least int) (small []int) {
	isSmall := make([]bool, len(counts))
	for k, count := range counts {
		if isSmall[k] = count < least; isSmall[k] {
			small = append(small, k)
		}
	}
	if len(small) == len(counts) {
		panic(fmt.Sprintf("objective: clusters have %v members, want one with %d or more", counts, least))
	}
	for i, l := range s.Labels {
		if !isSmall[l] {
			continue
		}
		to, most := -1, 0.0
		for k := range counts {
			if isSmall[k] {
				continue
			}
			if p := dot(s.Centroids[k*d:(k+1)*d], featuresND[i*d:(i+1)*d]); to < 0 || p > most {
				to, most = k, p
			}
		}
		s.Labels[i] = to
		counts[l], counts[to] = counts[l]-1, counts[to]+1
	}
	return small
}

// recentre makes the centroid of cluster k the mean of its members; without any it stays.
func (s *ODCSmall) recentre(featuresND []float64, d, k, count int) {
	if count == 0 {
		return
	}
	centre := s.Centroids[k*d : (k+1)*d]
	clear(centre)
	for i, l := range s.Labels {
		if l == k {
			for j := range centre {
				centre[j] += featuresND[i*d+j] / float64(count)
			}
		}
	}
}

func dot(a, b []float64) (s float64) {
	for j := range a {
		s += a[j] * b[j]
	}
	return s
}

// twoMeans cuts rows into two clusters and tells which are not in that of the first.
func twoMeans(featuresND []float64, d int, rows []int) []bool {
	if len(rows) < 2 {
		panic(fmt.Sprintf("objective: the largest cluster has %d member, want 2 or more", len(rows)))
	}
	part := make([]float64, 0, len(rows)*d)
	for _, i := range rows {
		part = append(part, featuresND[i*d:(i+1)*d]...)
	}
	const starts, iterations = 8, 20 // the authors iterate 20 times
	rng := rand.New(rand.NewPCG(0, 0))
	var found Clusters[float64]
	for start := range starts {
		centres, err := PlusPlus(context.Background(), part, d, 2, rng)
		if err != nil {
			panic(err) // only of a context that ends
		}
		now, err := KMeans(context.Background(), part, centres, d, KMeansConfig{Iterations: iterations})
		if err != nil {
			panic(err)
		}
		if start == 0 || now.Objective[iterations-1] < found.Objective[iterations-1] {
			found = now
		}
	}
	other := make([]bool, len(rows))
	for i, k := range found.Labels {
		other[i] = k != found.Labels[0]
	}
	return other
}
