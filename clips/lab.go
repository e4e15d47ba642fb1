package clips

import (
	"fmt"
	"math"
)

// LabMean and LabStd are the middle and half the range that sRGB covers in CIE Lab: L, a, b. With them, values come to -1..1,
// as contrastive multiview coding (1906.05849) wants its views L and ab.
var (
	LabMean = [3]float64{(0 + 100) / 2.0, (-86.183 + 98.233) / 2, (-107.857 + 94.478) / 2}
	LabStd  = [3]float64{(100 - 0) / 2.0, (86.183 + 98.233) / 2, (107.857 + 94.478) / 2}
)

// RGBToLab converts three planes in place, from sRGB in 0..1 to CIE Lab under the illuminant D65 for the observer of 2 degrees:
// L in 0..100, a and b about -108..98. It panics unless the planes are of one length.
func RGBToLab(planes [3][]float32) {
	r, g, b := planes[0], planes[1], planes[2]
	if len(g) != len(r) || len(b) != len(r) {
		panic(fmt.Sprintf("clips: planes of %d, %d and %d values, want one length", len(r), len(g), len(b)))
	}
	for i := range r {
		red, green, blue := linear(r[i]), linear(g[i]), linear(b[i])
		x := cubeRoot((0.412453*red + 0.357580*green + 0.180423*blue) / 0.95047)
		y := cubeRoot(0.212671*red + 0.715160*green + 0.072169*blue)
		z := cubeRoot((0.019334*red + 0.119193*green + 0.950227*blue) / 1.08883)
		r[i], g[i], b[i] = float32(116*y-16), float32(500*(x-y)), float32(200*(y-z))
	}
}

// linear takes the gamma curve off an sRGB value.
func linear(v float32) float64 {
	c := float64(v)
	if c > 0.04045 {
		return math.Pow((c+0.055)/1.055, 2.4)
	}
	return c / 12.92
}

// cubeRoot is CIE's cube root, a line near 0.
func cubeRoot(t float64) float64 {
	if t > 0.008856 {
		return math.Cbrt(t)
	}
	return 7.787*t + 16.0/116
}
