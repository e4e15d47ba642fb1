package clustering

import (
	"cmp"
	"math/rand/v2"
	"slices"

	"vssl/methods/metrics"
)

// evenly draws as many samples as there are, equally many from every cluster that has members and in random order, as
// facebookresearch/deepcluster does: with repetition where a cluster has too few.
//
//	clusterN  [N] 0..k-1, or -1 for samples that are never drawn; not all of them
func evenly(clusterN []int64, k int, rng *rand.Rand) []int {
	members := make([][]int, k)
	for i, c := range clusterN {
		if c >= 0 {
			members[c] = append(members[c], i)
		}
	}
	members = slices.DeleteFunc(members, func(own []int) bool { return len(own) == 0 })
	each := len(clusterN)/len(members) + 1
	var order []int
	for _, own := range members {
		if len(own) <= each {
			for range each {
				order = append(order, own[rng.IntN(len(own))])
			}
			continue
		}
		for _, i := range rng.Perm(len(own))[:each] {
			order = append(order, own[i])
		}
	}
	rng.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
	return order[:len(clusterN)]
}

// largest numbers clusters anew, the largest first and of equal ones that of the lower number, with -1 for those beyond the first
// k. It returns how many are left.
func largest(labels []int, k int) (renumbered []int, kept int) {
	size := map[int]int{}
	for _, label := range labels {
		size[label]++
	}
	var bySize []int
	for label := range size {
		bySize = append(bySize, label)
	}
	slices.SortFunc(bySize, func(a, b int) int { return cmp.Or(cmp.Compare(size[b], size[a]), cmp.Compare(a, b)) })
	number := map[int]int{}
	for i, label := range bySize {
		number[label] = i
		if i >= k {
			number[label] = -1
		}
	}
	for _, label := range labels {
		renumbered = append(renumbered, number[label])
	}
	return renumbered, min(k, len(bySize))
}

// agree is the normalised mutual information, 0..1, of two clusterings of the same samples, over those that both have a cluster
// for: 0 or more. Normalised by the geometric mean, as in the paper of DeepCluster.
func agree(before, now []int64) float64 {
	var a, b []int
	for i, k := range before {
		if k >= 0 && now[i] >= 0 {
			a, b = append(a, int(k)), append(b, int(now[i]))
		}
	}
	return metrics.Count(a, b).NMIGeometric()
}
