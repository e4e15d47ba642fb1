package clips

import "math/rand/v2"

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
		p := r.PlacePair(length, drawPair(rng))
		starts = append(starts, p.Starts[:]...)
	}
	return starts[:r.Cuts]
}

// PairDraw holds the random numbers of one pair of cuts: the order of drawing never depends on what comes out.
type PairDraw struct {
	U    float64    // of the distance, 0..1
	At   [2]float64 // of the places, 0..1
	Swap bool       // whether the later cut comes first
}

func drawPair(rng *rand.Rand) PairDraw {
	return PairDraw{rng.Float64(), [2]float64{rng.Float64(), rng.Float64()}, rng.IntN(2) == 1}
}

// Placement says where two cuts of a sample begin.
type Placement struct {
	Distance int    // as the law drew it, in nominal frames; 0 without a law. A sample that is shorter than a cut does not keep it
	Starts   [2]int // nominal frames
}

// PlacePair places two cuts in a sample of length > 0 nominal frames as CVRL's authors do: a distance by the law,
// then the first cut anywhere that leaves room for it. In a sample shorter than a cut no distance fits, and both
// start anywhere. Nothing is random but d.
func (r Recipe) PlacePair(length int, d PairDraw) Placement {
	room, fits := places(length, r.Span())
	p := Placement{Starts: [2]int{int(d.At[0] * float64(room)), int(d.At[1] * float64(room))}}
	if cdf := r.Interval.cdf(); cdf != nil {
		p.Distance = distance(cdf, room, d.U)
		if fits {
			p.Starts[0] = int(d.At[0] * float64(room-p.Distance))
			p.Starts[1] = p.Starts[0] + p.Distance
		}
	} else if r.Interval == Zero {
		p.Starts[1] = p.Starts[0]
	}
	if d.Swap {
		p.Starts[0], p.Starts[1] = p.Starts[1], p.Starts[0]
	}
	return p
}

// places is the number of places at which a cut of the given span may start, and whether cuts there end inside the sample.
func places(length, span int) (room int, fits bool) {
	if length > span {
		return length - span, true
	}
	return length, false
}

// CutFrame is the nominal frame of frame t of a cut; beyond its end, a sample begins again.
func (r Recipe) CutFrame(start, t, length int) int { return (start + t*r.Stride) % length }
