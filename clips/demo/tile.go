package demo

import (
	"math"
	"math/rand/v2"
)

// tileSize is the side of a tile in texels, a power of two.
const tileSize = 128

// tile is a pattern that repeats in both directions: how much of the second colour is in each place, 0..1.
type tile [tileSize][tileSize]float32

// drawTile draws a pattern: waves, ramps, chequers or clouds. One tile is one height of the frame.
func drawTile(r *rand.Rand) *tile {
	t := new(tile)
	fill := [...]func(*rand.Rand, *tile){fillWaves, fillSteps, fillChequers, fillClouds}
	fill[r.IntN(len(fill))](r, t)
	return t
}

// each sets every texel from its place, 0..1 in both directions.
func (t *tile) each(f func(u, v float64) float64) {
	for y := range t {
		for x := range t[y] {
			t[y][x] = float32(min(max(f(float64(x)/tileSize, float64(y)/tileSize), 0), 1))
		}
	}
}

// cycles draws a whole number of repetitions, so that the tile closes.
func cycles(r *rand.Rand, most int) float64 { return float64(r.IntN(2*most+1) - most) }

func fillWaves(r *rand.Rand, t *tile) {
	a, b, depth := cycles(r, 3), cycles(r, 3), between(r, 0.2, 0.5)
	t.each(func(u, v float64) float64 { return 0.5 + depth*wave(a*u+b*v, 1, 0) })
}

func fillSteps(r *rand.Rand, t *tile) {
	a, b, edge := cycles(r, 3), 1+float64(r.IntN(3)), between(r, 2, 8)
	t.each(func(u, v float64) float64 { return 0.5 + 0.4*math.Tanh(edge*wave(a*u+b*v, 1, 0)) })
}

func fillChequers(r *rand.Rand, t *tile) {
	n, edge := 1+float64(r.IntN(3)), between(r, 2, 8)
	t.each(func(u, v float64) float64 { return 0.5 + 0.4*math.Tanh(edge*wave(u, n, 0)*wave(v, n, 0)) })
}

// fillClouds adds waves in random directions, the finer the weaker.
func fillClouds(r *rand.Rand, t *tile) {
	var a, b, phase [7]float64
	for i := range a {
		a[i], b[i], phase[i] = cycles(r, 2+i/2), cycles(r, 2+i/2), r.Float64()
	}
	t.each(func(u, v float64) float64 {
		sum := 0.5
		for i := range a {
			sum += 0.4 / float64(2+i) * wave(a[i]*u+b[i]*v, 1, phase[i])
		}
		return sum
	})
}

// at returns the pattern at a place in texels, bilinear between four of them.
func (t *tile) at(x, y float64) float64 {
	x0, y0 := math.Floor(x), math.Floor(y)
	fx, fy := float32(x-x0), float32(y-y0)
	i, j := int(x0)&(tileSize-1), int(y0)&(tileSize-1)
	k, l := (i+1)&(tileSize-1), (j+1)&(tileSize-1)
	top := t[j][i] + fx*(t[j][k]-t[j][i])
	low := t[l][i] + fx*(t[l][k]-t[l][i])
	return float64(top + fy*(low-top))
}
