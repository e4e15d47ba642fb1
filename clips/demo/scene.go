package demo

import (
	"math"
	"math/rand/v2"
)

// scene is all that a clip looks like but the motion. It is drawn without regard to the class.
//
// It goes from look to look, each drawn anew and blending into the next. Since a look is gone after a second, what two
// cuts of one clip look like says little about whether they belong together, unless they are of the same moment.
type scene struct {
	radius float64    // of the shape
	dark   bool       // the shape wears its dark colours where the motion says nothing
	scroll [2]float64 // of the background, in heights of the frame a second
	beat   float64    // seconds from one look to the next
	start  float64    // of the first look, 0 or less
	looks  []look
}

// look is what the scene wears for a moment.
type look struct {
	outline outline
	marking marking
	wear    [2][2]rgb  // the shape's colours, body and marking: a light pair and a dark one
	ground  *tile      // the background's pattern
	under   [2]rgb     // the background's colours
	light   float64    // brightness of the whole frame, about 1
	sheen   [2]float64 // light grows to this side, in parts a height
}

// rgb is a colour, each part from 0 to 1.
type rgb [3]float64

// hsv returns a colour from its hue in turns, saturation and value.
func hsv(hue, saturation, value float64) rgb {
	var c rgb
	for i := range c {
		// each part is a plateau of the hue circle, a third of a turn from the next
		h := hue + float64(i)/3
		away := math.Abs(6*(h-math.Floor(h)) - 3)
		c[i] = value * (1 - saturation*(1-min(max(away-1, 0), 1)))
	}
	return c
}

// mix is the colour a share of the way from c to d.
func (c rgb) mix(d rgb, share float64) rgb {
	for i := range c {
		c[i] += share * (d[i] - c[i])
	}
	return c
}

// drawScene draws the look of a clip of some seconds.
func drawScene(r *rand.Rand, seconds float64) *scene {
	s := &scene{
		radius: between(r, 0.17, 0.25),
		dark:   r.IntN(2) == 1,
		scroll: [2]float64{between(r, -0.1, 0.1), between(r, -0.1, 0.1)},
		beat:   between(r, 0.45, 0.7),
	}
	s.start = -s.beat * r.Float64()
	for t := s.start; t < seconds+s.beat; t += s.beat {
		s.looks = append(s.looks, drawLook(r))
	}
	return s
}

func drawLook(r *rand.Rand) look {
	dye := func(low, high float64) rgb { return hsv(r.Float64(), between(r, 0.1, 0.8), between(r, low, high)) }
	l := look{
		outline: outlines[r.IntN(len(outlines))],
		marking: markings[r.IntN(len(markings))],
		ground:  drawTile(r),
		light:   between(r, 0.85, 1.15),
		sheen:   [2]float64{between(r, -0.2, 0.2), between(r, -0.2, 0.2)},
	}
	l.wear[0] = [2]rgb{dye(0.9, 1), dye(0.5, 0.65)}
	l.wear[1] = [2]rgb{dye(0.03, 0.12), dye(0.3, 0.45)}
	// the pattern of the background is faint beside the shape
	hue, value, contrast := r.Float64(), between(r, 0.4, 0.55), either(r)*between(r, 0.04, 0.12)
	l.under[0] = hsv(hue, between(r, 0.1, 0.5), value)
	l.under[1] = hsv(hue+between(r, -0.1, 0.1), between(r, 0.1, 0.5), value+contrast)
	return l
}

// at returns the looks before and after t seconds and how far the scene is from the one to the other, 0..1.
func (s *scene) at(t float64) (from, to *look, share float64) {
	place := (t - s.start) / s.beat
	i := min(max(int(place), 0), len(s.looks)-2)
	x := min(max(place-float64(i), 0), 1)
	return &s.looks[i], &s.looks[i+1], x * x * (3 - 2*x)
}
