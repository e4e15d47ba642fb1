package demo

import (
	"math"
	"math/rand/v2"
)

// rgb is a colour, each part from 0 to 1.
type rgb [3]float64

// A dye is a colour whose hue wanders with time.
type dye struct {
	hue, saturation, value float64 // of the first frame, each 0..1
	drift                  float64 // turns of hue a second
}

// at returns the colour at t seconds.
func (d dye) at(t float64) rgb {
	var c rgb
	for i := range c {
		// each part is a plateau of the hue circle, a third of a turn from the next
		h := d.hue + d.drift*t + float64(i)/3
		away := math.Abs(6*(h-math.Floor(h)) - 3)
		c[i] = d.value * (1 - d.saturation*(1-min(max(away-1, 0), 1)))
	}
	return c
}

func drawDye(r *rand.Rand, drift, low, high float64) dye {
	return dye{hue: r.Float64(), saturation: between(r, 0.15, 0.85), value: between(r, low, high), drift: drift}
}

// scene is all that a clip looks like but the motion. It is drawn without regard to the class.
type scene struct {
	from, to outline // the shape changes slowly between the two
	morph    [2]float64
	mark     marking
	dyes     [2][2]dye // the shape's colours: a light pair and a dark one
	dark     bool      // wears the dark pair where the motion says nothing
	radius   float64

	ground  *tile
	under   [2]dye     // the background's colours
	scroll  [2]float64 // heights of the frame a second
	shine   [3]float64 // depth, frequency in Hz and phase of the lighting
	sheen   [2]float64 // light grows to this side, in parts a height
	noise   float64    // standard deviation, in parts of full white
	pebbles []pebble
}

// pebble is a small thing that lies in the background and does not move with the shape.
type pebble struct {
	x, y, radius, angle float64
	outline             outline
	dye                 dye
}

// drawScene draws the look of a clip for a frame of the given aspect.
func drawScene(r *rand.Rand, aspect float64) *scene {
	drift := either(r) * between(r, 0.1, 0.5)
	s := &scene{
		from: outlines[r.IntN(len(outlines))], to: outlines[r.IntN(len(outlines))],
		morph:  [2]float64{between(r, 0.25, 0.5), r.Float64()},
		mark:   markings[r.IntN(len(markings))],
		dark:   r.IntN(2) == 1,
		radius: between(r, 0.13, 0.2),
		ground: drawTile(r),
		scroll: [2]float64{between(r, -0.1, 0.1), between(r, -0.1, 0.1)},
		shine:  [3]float64{between(r, 0.05, 0.2), between(r, 0.2, 0.5), r.Float64()},
		sheen:  [2]float64{between(r, -0.3, 0.3), between(r, -0.3, 0.3)},
		noise:  between(r, 0, 0.02),
	}
	s.dyes[0] = [2]dye{drawDye(r, drift, 0.9, 1), drawDye(r, drift, 0.45, 0.65)}
	s.dyes[1] = [2]dye{drawDye(r, drift, 0.03, 0.15), drawDye(r, drift, 0.4, 0.6)}
	back := either(r) * between(r, 0.1, 0.5)
	s.under = [2]dye{drawDye(r, back, 0.3, 0.7), drawDye(r, back, 0.3, 0.7)}
	for range r.IntN(4) {
		s.pebbles = append(s.pebbles, pebble{
			x: between(r, -aspect/2, aspect/2), y: between(r, -0.5, 0.5), radius: between(r, 0.03, 0.07),
			angle: r.Float64(), outline: outlines[r.IntN(len(outlines))], dye: drawDye(r, back, 0.2, 0.9),
		})
	}
	return s
}

// blend is how far the shape has changed from its first outline to its second at t seconds, 0..1.
func (s *scene) blend(t float64) float64 { return 0.5 - 0.5*wave(t, s.morph[0], s.morph[1]) }

// wears returns the two colours of the shape at t seconds, swapped against what it wears by itself or not.
func (s *scene) wears(t float64, swap bool) (body, mark rgb) {
	pair := s.dyes[0]
	if s.dark != swap {
		pair = s.dyes[1]
	}
	return pair[0].at(t), pair[1].at(t)
}

// light is the brightness of the whole frame at t seconds, about 1.
func (s *scene) light(t float64) float64 { return 1 + s.shine[0]*wave(t, s.shine[1], s.shine[2]) }
