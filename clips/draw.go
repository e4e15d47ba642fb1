package clips

import (
	"image"
	"math"
	"math/rand/v2"

	"vssl/internal/pixel"
)

// look is one drawing of all augmentations of a view.
type look struct {
	crop   image.Rectangle // of the shown picture
	flip   bool
	ops    []operationStep // of RandAugment
	order  []pixel.Step    // of the colour jitter; empty for none
	factor [4]float32      // by step
	grey   bool
	sigma  float64 // of the blur, pixels; 0 for none
	box    bool    // the blur is of kind Box
	invert int     // solarise from this level on; 256 for none
}

// drawLook draws a look for a shown picture of width x height pixels.
func (a Augment) drawLook(rng *rand.Rand, width, height int) look {
	l := look{invert: 256, box: a.Blur.Kind == Box}
	l.crop = a.drawCrop(rng, width, height)
	l.flip = rng.Float64() < a.Flip
	if rng.Float64() < a.Jitter.P {
		l.order, l.factor = a.Jitter.draw(rng)
	}
	l.grey = rng.Float64() < a.Grey
	if rng.Float64() < a.Blur.P {
		l.sigma = between(rng, a.Blur.SigmaMin, a.Blur.SigmaMax)
	}
	if rng.Float64() < a.Solarize.P {
		l.invert = 128
		if t := a.Solarize.Threshold; t > 0 {
			l.invert = int(math.Ceil(t))
		}
	}
	l.ops = a.RandAugment.draw(rng) // last, so that recipes without it draw what they always drew
	return l
}

func between(rng *rand.Rand, lo, hi float64) float64 { return lo + (hi-lo)*rng.Float64() }

// draw draws the order of the steps and their factors; steps of strength 0 are left out.
func (j Jitter) draw(rng *rand.Rand) (order []pixel.Step, factor [4]float32) {
	for _, s := range rng.Perm(4) {
		strength := [4]float64{j.Brightness, j.Contrast, j.Saturation, j.Hue}[s]
		if strength == 0 {
			continue
		}
		order = append(order, pixel.Step(s))
		if pixel.Step(s) == pixel.Hue {
			factor[s] = float32(between(rng, -strength, strength))
		} else {
			factor[s] = float32(between(rng, math.Max(0, 1-strength), 1+strength))
		}
	}
	return order, factor
}

// drawCrop draws the crop as torchvision's RandomResizedCrop does: the area evenly, the aspect evenly in its logarithm, ten attempts
// to fit it in, then the largest crop in the middle whose aspect is allowed.
func (a Augment) drawCrop(rng *rand.Rand, width, height int) image.Rectangle {
	if a.CenterCrop {
		side := min(width, height)
		return middle(width, height, side, side)
	}
	const attempts = 10
	s, r := a.scale(), a.ratio()
	for range attempts {
		area := float64(width) * float64(height) * between(rng, s[0], s[1])
		aspect := math.Exp(between(rng, math.Log(r[0]), math.Log(r[1])))
		w, h := int(math.Round(math.Sqrt(area*aspect))), int(math.Round(math.Sqrt(area/aspect)))
		if w > 0 && w <= width && h > 0 && h <= height {
			x, y := rng.IntN(width-w+1), rng.IntN(height-h+1)
			return image.Rect(x, y, x+w, y+h)
		}
	}
	w, h := width, height
	switch aspect := float64(width) / float64(height); {
	case aspect < r[0]:
		h = clampInt(int(math.Round(float64(w)/r[0])), height)
	case aspect > r[1]:
		w = clampInt(int(math.Round(float64(h)*r[1])), width)
	}
	return middle(width, height, w, h)
}

func clampInt(v, most int) int { return max(1, min(v, most)) }

// middle is the rectangle of w x h pixels in the middle of width x height.
func middle(width, height, w, h int) image.Rectangle {
	x, y := (width-w)/2, (height-h)/2
	return image.Rect(x, y, x+w, y+h)
}

// scaled moves a rectangle of a picture of the size from onto the same part of one of the size to: frames may change their size
// in the middle of a file.
func scaled(r image.Rectangle, from, to image.Point) image.Rectangle {
	if from == to {
		return r
	}
	x0, y0 := r.Min.X*to.X/from.X, r.Min.Y*to.Y/from.Y
	x1, y1 := r.Max.X*to.X/from.X, r.Max.Y*to.Y/from.Y
	x0, y0 = min(x0, to.X-1), min(y0, to.Y-1)
	return image.Rect(x0, y0, max(x1, x0+1), max(y1, y0+1))
}

// paint runs the colour steps of a look over a planar clip. The order is RandAugment, then that of SimCLR: jitter, grey, blur,
// solarise.
func (l look) paint(clip []uint8, c pixel.Clip, kernel int, s *pixel.Scratch) {
	for _, o := range l.ops {
		o.paint(clip, c, s)
	}
	pixel.Jitter(clip, c, l.order, l.factor, s)
	if l.grey {
		pixel.Grey(clip, c)
	}
	switch {
	case l.sigma > 0 && l.box:
		pixel.Box(clip, c, l.sigma, s)
	case l.sigma > 0:
		pixel.Blur(clip, c, kernel, l.sigma, s)
	}
	if l.invert < 256 {
		pixel.Solarize(clip, c, l.invert)
	}
}
