package clips

import (
	"math/rand/v2"
	"slices"
)

// cutStarts draws where the cuts of a sample begin. length > 0 is the sample's length in nominal frames; each start lies in
// 0..length-1. Where the sample is shorter than a cut, cuts start anywhere and run on from its beginning (see cutFrame).
// The first two cuts are a pair, so are the next two; an odd last one starts anywhere.
func (r Recipe) cutStarts(length int, rng *rand.Rand) []int {
	room, fits := places(length, r.Span())
	starts := make([]int, 0, r.Cuts+1)
	if r.Interval == Even {
		for i := range r.Cuts {
			start := 0
			if fits {
				start = room * (2*i + 1) / (2 * r.Cuts)
			}
			starts = append(starts, start)
		}
		return starts
	}
	for len(starts) < r.Cuts {
		starts = append(starts, r.pair(length, drawPair(rng))...)
	}
	return starts[:r.Cuts]
}

// pairDraw holds the random numbers of one pair of cuts, all in 0..1: the order of drawing never depends on what comes out.
type pairDraw struct {
	u    float64    // of the distance
	at   [2]float64 // of the places
	swap bool
}

func drawPair(rng *rand.Rand) pairDraw {
	return pairDraw{rng.Float64(), [2]float64{rng.Float64(), rng.Float64()}, rng.IntN(2) == 1}
}

// pair places two cuts as CVRL's authors do: a distance by the law, then the first cut anywhere that leaves room for it. In a
// sample shorter than a cut no distance fits, and both start anywhere.
func (r Recipe) pair(length int, d pairDraw) []int {
	room, fits := places(length, r.Span())
	starts := []int{int(d.at[0] * float64(room)), int(d.at[1] * float64(room))}
	switch cdf := r.Interval.cdf(); {
	case r.Interval == Zero:
		starts[1] = starts[0]
	case cdf != nil && fits:
		delta := distance(cdf, room, d.u)
		starts[0] = int(d.at[0] * float64(room-delta))
		starts[1] = starts[0] + delta
	}
	if d.swap {
		slices.Reverse(starts)
	}
	return starts
}

// places is the number of places at which a cut of the given span may start, and whether cuts there end inside the sample.
func places(length, span int) (room int, fits bool) {
	if length > span {
		return length - span, true
	}
	return length, false
}

// cutFrame is the nominal frame of frame t of a cut; beyond its end, a sample begins again.
func (r Recipe) cutFrame(start, t, length int) int { return (start + t*r.Stride) % length }
