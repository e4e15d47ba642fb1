package objective

import (
	"context"
	"fmt"
	"math/rand/v2"

	"vssl/internal/nearest"
)

// SampleRows copies n rows of featuresND [N, d] without repetition, in the random order that faiss draws from the seed.
// K of them are where faiss starts k-means, by the seed 1235 after a sample by the seed 1234.
func SampleRows[T nearest.Float](featuresND []T, d, n int, seed uint32) []T {
	if have := rowsOf(featuresND, d); n < 0 || n > have {
		panic(fmt.Sprintf("objective: %d rows of %d, want no more than there are", n, have))
	}
	sample := make([]T, 0, n*d)
	for _, i := range NewMersenne(seed).Perm(len(featuresND) / d)[:n] {
		sample = append(sample, featuresND[int(i)*d:(int(i)+1)*d]...)
	}
	return sample
}

// PlusPlus draws k starting centroids [k, d] as k-means++ does (Arthur and Vassilvitskii, 2007): the first is a row drawn
// evenly, each further one a row drawn with a chance in proportion to its squared distance to the nearest one drawn before.
// Where all distances are 0, rows are drawn evenly. It reads all features k times: hand in a sample where there are many. The
// error is ctx's.
func PlusPlus[T nearest.Float](ctx context.Context, featuresND []T, d, k int, rng *rand.Rand) ([]T, error) {
	n := rowsOf(featuresND, d)
	if k < 1 || k > n {
		panic(fmt.Sprintf("objective: k-means++ of %d centroids from %d rows, want 1 or more and no more than rows", k, n))
	}
	least, now := make([]float64, n), make([]float64, n)
	centroids := make([]T, 0, k*d)
	total := 0.0
	for len(centroids) < k*d {
		if err := ctx.Err(); err != nil {
			return nil, fmt.Errorf("k-means++: centroid %d: %w", len(centroids)/d, err)
		}
		i := rng.IntN(n)
		if total > 0 {
			i = draw(least, rng.Float64()*total)
		}
		row := featuresND[i*d : (i+1)*d]
		first := len(centroids) == 0
		centroids = append(centroids, row...)
		nearest.Pairs(now, featuresND, row, nearest.Euclidean)
		total = 0
		for i, v := range now {
			if first || v < least[i] {
				least[i] = v
			}
			total += least[i]
		}
	}
	return centroids, nil
}

// draw is the first place where the running sum of weights passes at, or the last place with a weight.
func draw(weights []float64, at float64) (place int) {
	for i, w := range weights {
		if w == 0 {
			continue
		}
		place = i
		if at -= w; at < 0 {
			break
		}
	}
	return place
}
