package objective

import (
	"context"
	"fmt"

	"vssl/torch"
)

// AlignConfig bounds the search of [AlignHeads]; the values in brackets are the authors'.
type AlignConfig struct {
	Steps    int // exchanges proposed in a try, at most (50000)
	Restarts int // tries (2)
	Patience int // a try ends when so many proposals in a row were refused (1000)
}

// Alignment is the answer of [AlignHeads].
type Alignment struct {
	Order         []int   // [K]: cluster i of the video is cluster Order[i] of the audio
	Initial, Cost float64 // sum over clusters of the distances, before and after; no unit
}

// AlignHeads orders the clusters of the audio head as those of the video head, by exchanges that lower the cost: the alignment
// of modalities of 2006.13662, as its authors search for it. The exact answer is [Assign] of [HeadDistances].
//
//	distances  [K, K] row-major, see [HeadDistances]
//	swaps      pairs of clusters to exchange, in the order in which they are proposed; each try goes on where the last ended
//
// The patience counts from the step of the last exchange, which the authors do not set back when a new try counts its steps
// from 0 again. It panics where swaps do not suffice.
func AlignHeads(distances []float64, k int, swaps [][2]int, c AlignConfig) Alignment {
	if len(distances) != k*k {
		panic(fmt.Sprintf("objective: %d distances for %d clusters, want %d", len(distances), k, k*k))
	}
	order := identity(k)
	best := Alignment{Order: identity(k), Initial: orderCost(distances, order)}
	best.Cost = best.Initial
	next, last := 0, 0
	for range c.Restarts {
		order = identity(k)
		for step := range c.Steps {
			if next == len(swaps) {
				panic(fmt.Sprintf("objective: all %d proposals are used and the search has not ended", len(swaps)))
			}
			i, j := swaps[next][0], swaps[next][1]
			next++
			p, q := order[i], order[j]
			if distances[i*k+p]+distances[j*k+q]-distances[i*k+q]-distances[j*k+p] > 0 {
				order[i], order[j] = q, p
				last = step
			}
			if step-last > c.Patience {
				break
			}
		}
		if cost := orderCost(distances, order); cost < best.Cost {
			best.Order, best.Cost = order, cost
		}
	}
	return best
}

func identity(k int) []int {
	order := make([]int, k)
	for i := range order {
		order[i] = i
	}
	return order
}

func orderCost(distances []float64, order []int) (sum float64) {
	for i, j := range order {
		sum += distances[i*len(order)+j]
	}
	return sum
}

// HeadDistances are the sums over the samples of |p_v - p_a| for all pairs of a video cluster and an audio cluster, [K, K]
// row-major. It reads blocks of a few rows and ends with ctx's error. It panics if the sizes differ.
func HeadDistances(ctx context.Context, video, audio LogRows) ([]float64, error) {
	n, k := video.Size()
	if m, l := audio.Size(); m != n || l != k {
		panic(fmt.Sprintf("objective: modalities of [%d, %d] and [%d, %d], want the same", n, k, m, l))
	}
	distances := make([]float64, k*k)
	const rows = 1024
	for from := 0; from < n; from += rows {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		torch.In(func(*torch.Scope) {
			b := min(rows, n-from)
			videoKN := video.Block(from, b).To(torch.Float64).Exp().T().Contiguous()
			audioKN := audio.Block(from, b).To(torch.Float64).Exp().T().Contiguous()
			for i, d := range videoKN.Cdist(audioKN, 1).Float64s() {
				distances[i] += d
			}
		})
	}
	return distances, nil
}
