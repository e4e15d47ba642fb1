package objective

import (
	"context"
	"fmt"
	"maps"
	"math"
	"slices"
)

// PICConfig says how power iteration clustering runs on a graph of neighbours.
type PICConfig struct {
	Sigma      float64 // of the affinity exp(-distance²/Sigma²), > 0; the authors' 0.2
	Alpha      float64 // weight of the graph against an even start, > 0; 0.001
	Neighbours int     // of each sample, 1 or more; 5
	Iterations int     // 200
	Distribute bool    // clusters of one member join a neighbour's; true
}

// PICResult is a clustering.
type PICResult struct {
	Neighbours [][]int32   // [N][1 + Neighbours] the sample itself, then the others from near to far
	Distances  [][]float64 // [N][1 + Neighbours] squared
	Contrast   []float64   // [N] (N v - 1)/Alpha for the vector v that the iteration ends with
	Raw        []int       // [N] clusters before those of one member are distributed, by ascending root
	Labels     []int       // [N] clusters, numbered as they first appear
}

// PIC clusters as DeepCluster 2d1927e does without k-means, clustering.py, run_pic: a random walk over the graph of nearest
// neighbours gives every sample a weight, and each sample follows its neighbour of steepest ascent to a peak, which is the
// cluster.
//
//	featuresND  [N, D] row-major, rows of length 1, such as [Whiten] makes; more rows than neighbours
//
// The number of clusters is found, not given. Everything is deterministic. The error is ctx's; it panics if sizes or parameters
// do not fit.
func PIC(ctx context.Context, featuresND []float64, d int, c PICConfig) (PICResult, error) {
	n := rowsOf(featuresND, d)
	if !(c.Sigma > 0) || !(c.Alpha > 0) || c.Iterations < 0 {
		panic(fmt.Sprintf("objective: PIC with sigma %g, alpha %g and %d iterations, want more than 0, 0 and -1",
			c.Sigma, c.Alpha, c.Iterations))
	}
	near, err := Neighbours(ctx, featuresND, featuresND, d, NeighbourConfig{K: c.Neighbours, Metric: Euclidean, Self: true})
	if err != nil {
		return PICResult{}, err
	}
	r := PICResult{}
	for i := range n {
		at := i * c.Neighbours
		r.Neighbours = append(r.Neighbours, append([]int32{int32(i)}, near.Rows[at:at+c.Neighbours]...))
		r.Distances = append(r.Distances, append([]float64{0}, near.Near[at:at+c.Neighbours]...))
	}
	graph := neighbourGraph(r, c.Sigma)
	v := graph.walk(c.Alpha, c.Iterations)
	for _, weight := range v {
		r.Contrast = append(r.Contrast, (float64(n)*weight-1)/c.Alpha)
	}
	r.Raw = graph.peaks(v)
	moved := r.Raw
	if c.Distribute {
		moved = r.distribute()
	}
	r.Labels = byAppearance(moved)
	return r, nil
}

// edges are the neighbours of one sample by ascending number, and what ties it to them.
type edges struct {
	to     []int32
	weight []float64
}

type sparse []edges

// neighbourGraph is A + transposed A for the affinities A of the listed neighbours, so that a mutual pair counts twice.
func neighbourGraph(r PICResult, sigma float64) sparse {
	weights := make([]map[int32]float64, len(r.Neighbours))
	for i := range weights {
		weights[i] = map[int32]float64{}
	}
	for i, list := range r.Neighbours {
		for c, j := range list[1:] {
			a := math.Exp(-r.Distances[i][c+1] / (sigma * sigma))
			weights[i][j] += a
			weights[j][int32(i)] += a
		}
	}
	graph := make(sparse, len(weights))
	for i, row := range weights {
		for _, j := range slices.Sorted(maps.Keys(row)) {
			graph[i].to = append(graph[i].to, j)
			graph[i].weight = append(graph[i].weight, row[j])
		}
	}
	return graph
}

// walk iterates v = alpha W v + (1 - alpha)/N, divided by its sum, from an even start.
func (g sparse) walk(alpha float64, iterations int) []float64 {
	n := float64(len(g))
	v, next := make([]float64, len(g)), make([]float64, len(g))
	for i := range v {
		v[i] = 1 / n
	}
	for range iterations {
		total := 0.0
		for i, row := range g {
			next[i] = (1 - alpha) / n
			for e, j := range row.to {
				next[i] += alpha * row.weight[e] * v[j]
			}
			total += next[i]
		}
		for i := range next {
			next[i] /= total
		}
		v, next = next, v
	}
	return v
}

// peaks numbers the samples that no neighbour rises above, and gives each sample the number of the peak that it climbs to.
func (g sparse) peaks(v []float64) []int {
	up := make([]int, len(g))
	number := make([]int, len(g))
	found := 0
	for i, row := range g {
		up[i] = i
		steepest := 0.0
		for e, j := range row.to {
			if rise := row.weight[e] * (v[j] - v[i]); rise > steepest {
				steepest, up[i] = rise, int(j)
			}
		}
		if up[i] == i {
			number[i] = found
			found++
		}
	}
	labels := make([]int, len(g))
	for i := range labels {
		at := i
		for up[at] != at {
			at = up[at]
		}
		labels[i] = number[at]
	}
	return labels
}

// distribute moves every cluster of one member to that of its first neighbour which is not alone itself; without one it stays.
func (r PICResult) distribute() []int {
	size := make([]int, len(r.Raw))
	for _, k := range r.Raw {
		size[k]++
	}
	moved := append([]int(nil), r.Raw...)
	for i, k := range r.Raw {
		if size[k] != 1 {
			continue
		}
		for _, j := range r.Neighbours[i][1:] {
			if size[r.Raw[j]] > 1 {
				moved[i] = r.Raw[j]
				break
			}
		}
	}
	return moved
}

// byAppearance renumbers labels as they first appear.
func byAppearance(labels []int) []int {
	number := map[int]int{}
	out := make([]int, len(labels))
	for i, k := range labels {
		if _, seen := number[k]; !seen {
			number[k] = len(number)
		}
		out[i] = number[k]
	}
	return out
}
