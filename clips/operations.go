package clips

import (
	"math"

	"vssl/internal/pixel"
)

// Operation is one operation of RandAugment: how a magnitude becomes its strength, and what it does to pixels.
type Operation struct {
	Name      string
	Max, Bias float64 // strength is magnitude / greatest magnitude * Max + Bias
	whole     bool    // the product is cut to a whole number
	signed    bool    // a draw decides the sign
	apply     func(clip []uint8, c pixel.Clip, strength float64, s *pixel.Scratch)
}

// Operations are the 14 of FixMatch (2001.07685) and CLSA (2104.07713), with the authors' ranges. Statistics that an
// operation needs, such as a histogram, are those of all frames of a clip together: equal pixels stay equal from
// frame to frame.
func Operations() []Operation { return append([]Operation(nil), operations...) }

var operations = []Operation{
	{Name: "AutoContrast", apply: autoContrast},
	{Name: "Brightness", Max: 0.9, Bias: 0.05, apply: brightness},
	{Name: "Color", Max: 0.9, Bias: 0.05, apply: colour},
	{Name: "Contrast", Max: 0.9, Bias: 0.05, apply: contrast},
	{Name: "Equalize", apply: equalize},
	{Name: "Identity", apply: func([]uint8, pixel.Clip, float64, *pixel.Scratch) {}},
	{Name: "Posterize", Max: 4, Bias: 4, whole: true, apply: posterize},
	{Name: "Rotate", Max: 30, whole: true, signed: true, apply: rotate},
	{Name: "Sharpness", Max: 0.9, Bias: 0.05, apply: pixel.Sharpness},
	{Name: "ShearX", Max: 0.3, signed: true, apply: affine(func(p float64, _, _ int) [6]float64 {
		return [6]float64{1, p, 0, 0, 1, 0}
	})},
	{Name: "ShearY", Max: 0.3, signed: true, apply: affine(func(p float64, _, _ int) [6]float64 {
		return [6]float64{1, 0, 0, p, 1, 0}
	})},
	{Name: "Solarize", Max: 256, whole: true, apply: solarize},
	{Name: "TranslateX", Max: 0.3, signed: true, apply: affine(func(p float64, w, _ int) [6]float64 {
		return [6]float64{1, 0, math.Trunc(p * float64(w)), 0, 1, 0}
	})},
	{Name: "TranslateY", Max: 0.3, signed: true, apply: affine(func(p float64, _, h int) [6]float64 {
		return [6]float64{1, 0, 0, 0, 1, math.Trunc(p * float64(h))}
	})},
}

// Strength is what a magnitude means for the operation; negate turns its direction where it has one.
func (o Operation) Strength(magnitude, greatest float64, negate bool) float64 {
	v := magnitude * o.Max / greatest
	if o.whole {
		v = math.Trunc(v)
	}
	if v += o.Bias; negate && o.signed {
		return -v
	}
	return v
}

// Apply runs the operation over a clip.
func (o Operation) Apply(p Planes, strength float64) {
	o.apply(p.Values, p.clip(), strength, &pixel.Scratch{})
}

// everyChannel fills the tables of all channels with f of each value.
func everyChannel(f func(v int) uint8) *[3][256]uint8 {
	var t [3][256]uint8
	for v := range 256 {
		t[0][v] = f(v)
		t[1][v], t[2][v] = t[0][v], t[0][v]
	}
	return &t
}

// autoContrast stretches the values that are there, by channel, to the whole range.
func autoContrast(clip []uint8, c pixel.Clip, _ float64, _ *pixel.Scratch) {
	t := everyChannel(func(v int) uint8 { return uint8(v) })
	for ch, count := range pixel.Histograms(clip, c) {
		lo, hi := 0, 255
		for lo < 255 && count[lo] == 0 {
			lo++
		}
		for hi > 0 && count[hi] == 0 {
			hi--
		}
		if hi <= lo {
			continue
		}
		scale := 255 / float64(hi-lo)
		for v := range 256 {
			t[ch][v] = uint8(max(0, min(float64(v)*scale-float64(lo)*scale, 255)))
		}
	}
	pixel.Tables(clip, c, t)
}

func brightness(clip []uint8, c pixel.Clip, p float64, _ *pixel.Scratch) {
	pixel.Tables(clip, c, everyChannel(func(v int) uint8 { return pixel.Blend(0, uint8(v), p) }))
}

func contrast(clip []uint8, c pixel.Clip, p float64, _ *pixel.Scratch) {
	mean := uint8(pixel.MeanGrey(clip, c) + 0.5)
	pixel.Tables(clip, c, everyChannel(func(v int) uint8 { return pixel.Blend(mean, uint8(v), p) }))
}

func colour(clip []uint8, c pixel.Clip, p float64, _ *pixel.Scratch) { pixel.Colour(clip, c, p) }

// equalize gives every value, by channel, about the same share of the pixels.
func equalize(clip []uint8, c pixel.Clip, _ float64, _ *pixel.Scratch) {
	t := everyChannel(func(v int) uint8 { return uint8(v) })
	for ch, count := range pixel.Histograms(clip, c) {
		total, last := 0, 0
		for _, n := range count {
			if n > 0 {
				total, last = total+n, n
			}
		}
		step := (total - last) / 255
		if step == 0 {
			continue
		}
		below := step / 2
		for v, n := range count {
			t[ch][v] = uint8(min(below/step, 255))
			below += n
		}
	}
	pixel.Tables(clip, c, t)
}

// posterize keeps the highest bits.
func posterize(clip []uint8, c pixel.Clip, bits float64, _ *pixel.Scratch) {
	const all = uint16(0xff00)
	mask := uint8(all >> int(max(0, min(bits, 8))))
	pixel.Tables(clip, c, everyChannel(func(v int) uint8 { return uint8(v) & mask }))
}

// solarize turns the values from 256 - strength on into 255 less the value.
func solarize(clip []uint8, c pixel.Clip, strength float64, _ *pixel.Scratch) {
	pixel.Solarize(clip, c, 256-int(strength))
}

// affine is an operation that moves pixels by the matrix of its strength and the size of the picture.
func affine(matrix func(strength float64, w, h int) [6]float64) func([]uint8, pixel.Clip, float64, *pixel.Scratch) {
	return func(clip []uint8, c pixel.Clip, strength float64, s *pixel.Scratch) {
		pixel.Affine(clip, c, matrix(strength, c.W, c.H), s)
	}
}

// rotate turns by degrees, counter-clockwise where they are positive, about the middle.
var rotate = affine(func(degrees float64, w, h int) [6]float64 {
	sin, cos := math.Sincos(degrees * math.Pi / 180)
	x, y := float64(w)/2, float64(h)/2
	return [6]float64{cos, -sin, x - cos*x + sin*y, sin, cos, y - sin*x - cos*y}
})
