package pixel

import (
	"image"
	"math"
)

// The references follow the definitions word by word, in float64 and loops, and share nothing with the kernels.
// Pictures are [3][H][W] float64, 0..255.

type picture [3][][]float64

func newPicture(h, w int) picture {
	var p picture
	for c := range p {
		p[c] = newPlane(h, w)
	}
	return p
}

func newPlane(h, w int) [][]float64 {
	p := make([][]float64, h)
	for y := range p {
		p[y] = make([]float64, w)
	}
	return p
}

func (p picture) size() (h, w int) { return len(p[0]), len(p[0][0]) }

func toPicture(planar []uint8, h, w int) picture {
	p := newPicture(h, w)
	for c := range p {
		for y := range h {
			for x := range w {
				p[c][y][x] = float64(planar[(c*h+y)*w+x])
			}
		}
	}
	return p
}

func clip255(v float64) float64 { return math.Min(255, math.Max(0, v)) }

// refLine resizes one line from the span from..from+scale*out of samples lo..hi-1.
func refLine(in []float64, from, scale float64, lo, hi, out int) []float64 {
	res := make([]float64, out)
	support := math.Max(scale, 1)
	for i := range res {
		centre := from + scale*(float64(i)+0.5)
		sum, weight := 0.0, 0.0
		for j := max(lo, int(math.Floor(centre-support+0.5))); j < min(hi, int(math.Floor(centre+support+0.5))); j++ {
			w := math.Max(0, 1-math.Abs(float64(j)+0.5-centre)/support)
			sum += w * in[j]
			weight += w
		}
		res[i] = sum / weight
	}
	return res
}

// refPlane resizes the luma rectangle crop of a plane whose samples lie 1<<shift luma samples apart.
func refPlane(in [][]float64, crop image.Rectangle, shiftY, shiftX, oh, ow int) [][]float64 {
	uy, ux := float64(int(1)<<shiftY), float64(int(1)<<shiftX)
	up := func(v, s int) int { return (v + 1<<s - 1) >> s }
	rows := make([][]float64, len(in))
	for y := range in {
		rows[y] = refLine(in[y], float64(crop.Min.X)/ux, float64(crop.Dx())/ux/float64(ow), crop.Min.X>>shiftX, up(crop.Max.X, shiftX), ow)
	}
	out := newPlane(oh, ow)
	col := make([]float64, len(in))
	for x := range ow {
		for y := range in {
			col[y] = rows[y][x]
		}
		for y, v := range refLine(col, float64(crop.Min.Y)/uy, float64(crop.Dy())/uy/float64(oh), crop.Min.Y>>shiftY, up(crop.Max.Y, shiftY), oh) {
			out[y][x] = v
		}
	}
	return out
}

// refTurn rotates clockwise by degrees.
func refTurn(p picture, degrees int) picture {
	for ; degrees > 0; degrees -= 90 {
		h, w := p.size()
		q := newPicture(w, h)
		for c := range p {
			for y := range h {
				for x := range w {
					q[c][x][h-1-y] = p[c][y][x]
				}
			}
		}
		p = q
	}
	return p
}

func refFlip(p picture) picture {
	h, w := p.size()
	q := newPicture(h, w)
	for c := range p {
		for y := range h {
			for x := range w {
				q[c][y][w-1-x] = p[c][y][x]
			}
		}
	}
	return q
}

func refYUV(y, u, v, kr, kb float64, full bool) [3]float64 {
	if full {
		u, v = (u-128)/127.5, (v-128)/127.5
	} else {
		y, u, v = (y-16)*255/219, (u-128)/112, (v-128)/112
	}
	r := y + 255*(1-kr)*v
	b := y + 255*(1-kb)*u
	g := (y - kr*r - kb*b) / (1 - kr - kb)
	return [3]float64{clip255(r), clip255(g), clip255(b)}
}

func refLuma(r, g, b float64) float64 { return 0.2989*r + 0.587*g + 0.114*b }

func refJitter(p picture, order []Step, factor [4]float32) picture {
	h, w := p.size()
	for _, s := range order {
		f := float64(factor[s])
		mean := 0.0
		for y := range h {
			for x := range w {
				mean += refLuma(p[0][y][x], p[1][y][x], p[2][y][x]) / float64(h*w)
			}
		}
		q := newPicture(h, w)
		for y := range h {
			for x := range w {
				v := [3]float64{p[0][y][x], p[1][y][x], p[2][y][x]}
				g := refLuma(v[0], v[1], v[2])
				if s == Hue {
					v = refHue(v, f)
				}
				for c := range v {
					switch s {
					case Brightness:
						v[c] = f * v[c]
					case Contrast:
						v[c] = f*v[c] + (1-f)*mean
					case Saturation:
						v[c] = f*v[c] + (1-f)*g
					}
					q[c][y][x] = clip255(v[c])
				}
			}
		}
		p = q
	}
	return p
}

// refHue goes through HSV, as the textbook has it.
func refHue(v [3]float64, shift float64) [3]float64 {
	top, low := max(v[0], v[1], v[2]), min(v[0], v[1], v[2])
	if top == low {
		return v
	}
	var h float64
	switch span := top - low; top {
	case v[0]:
		h = (v[1] - v[2]) / span
	case v[1]:
		h = 2 + (v[2]-v[0])/span
	default:
		h = 4 + (v[0]-v[1])/span
	}
	h = math.Mod(math.Mod(h/6+shift, 1)+1, 1)
	s := (top - low) / top
	i := math.Floor(h * 6)
	f := h*6 - i
	p, q, t := top*(1-s), top*(1-s*f), top*(1-s*(1-f))
	return [][3]float64{{top, t, p}, {q, top, p}, {p, top, t}, {p, q, top}, {t, p, top}, {top, p, q}}[int(i)%6]
}

func refBlur(p picture, kernel int, sigma float64) picture {
	h, w := p.size()
	reflect := func(i, n int) int {
		if i < 0 {
			i = -i
		}
		if i >= n {
			i = 2*(n-1) - i
		}
		return i
	}
	line := func(at func(i int) float64, i, n int) float64 {
		sum, weight := 0.0, 0.0
		for k := -kernel / 2; k <= kernel/2; k++ {
			e := math.Exp(-0.5 * float64(k*k) / sigma / sigma)
			sum += e * at(reflect(i+k, n))
			weight += e
		}
		return sum / weight
	}
	for c := range p {
		rows, out := newPlane(h, w), newPlane(h, w)
		for y := range h {
			for x := range w {
				rows[y][x] = line(func(i int) float64 { return p[c][y][i] }, x, w)
			}
		}
		for y := range h {
			for x := range w {
				out[y][x] = line(func(i int) float64 { return rows[i][x] }, y, h)
			}
		}
		p[c] = out
	}
	return p
}
