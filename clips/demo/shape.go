package demo

import "math"

// An outline is the signed distance to the edge of a shape of radius about 1 around (0, 0): negative inside. It is exact
// enough near the edge for smoothing it.
type outline func(x, y float64) float64

var outlines = []outline{disc, square, triangle, star, cross, ring, flower, moon}

func disc(x, y float64) float64 { return math.Hypot(x, y) - 0.92 }

func square(x, y float64) float64 { return box(x, y, 0.76, 0.76) }

func box(x, y, halfWidth, halfHeight float64) float64 {
	dx, dy := math.Abs(x)-halfWidth, math.Abs(y)-halfHeight
	return math.Hypot(max(dx, 0), max(dy, 0)) + min(max(dx, dy), 0)
}

// triangle is the intersection of three half planes.
func triangle(x, y float64) float64 {
	const sin, cos = 0.8660254037844386, 0.5 // of 60 degrees
	return max(y, sin*x-cos*y, -sin*x-cos*y) - 0.5
}

func star(x, y float64) float64 {
	turns := 5 * math.Atan2(y, x) / (2 * math.Pi)
	saw := math.Abs(turns - math.Round(turns)) // 0 at a tip, 1/2 between two
	return 0.75 * (math.Hypot(x, y) - 1.05 + saw)
}

func cross(x, y float64) float64 { return min(box(x, y, 0.95, 0.32), box(x, y, 0.32, 0.95)) }

func ring(x, y float64) float64 { return math.Abs(math.Hypot(x, y)-0.66) - 0.28 }

func flower(x, y float64) float64 {
	return 0.85 * (math.Hypot(x, y) - 0.76 - 0.2*math.Cos(6*math.Atan2(y, x)))
}

func moon(x, y float64) float64 {
	return max(math.Hypot(x, y)-0.95, 0.6-math.Hypot(x-0.6, y))
}

// A marking tells the two colours of a shape apart: positive where the second one is. None of them looks the same after
// a small turn, so that spinning shows on every shape.
type marking func(x, y float64) float64

var markings = []marking{
	func(_, y float64) float64 { return y - 0.1 },                                             // halves
	func(_, y float64) float64 { return math.Sin(6.5*y+0.6) / 6.5 },                           // stripes
	func(x, y float64) float64 { return 0.38 - math.Hypot(x-0.3, y+0.3) },                     // a spot aside
	func(x, y float64) float64 { return math.Hypot(x, y) * math.Sin(3*math.Atan2(y, x)) / 3 }, // wedges
	func(x, y float64) float64 { return math.Sin(5*x+1) * math.Sin(5*y+0.5) / 5 },             // chequers
}

// cover turns a signed distance in pixels into the share of a pixel that lies inside.
func cover(distance float64) float64 { return min(max(0.5-distance, 0), 1) }
