package pixel

import (
	"bytes"
	"image"
	"math"
	"testing"

	"pgregory.net/rapid"
)

// inFloats is a clip of bytes from 0 to 1.
func inFloats(v []uint8) []float32 {
	f := make([]float32, len(v))
	for i, b := range v {
		f[i] = float32(b) / 255
	}
	return f
}

// closeTo fails where bytes are further than limit grey levels from floats.
func closeTo(t *rapid.T, what string, got []uint8, want []float32, limit float64) {
	t.Helper()
	for i, w := range want {
		if d := math.Abs(float64(got[i]) - 255*float64(w)); !(d <= limit) {
			t.Fatalf("%s: value %d is %d in bytes and %g levels in floats", what, i, got[i], 255*w)
		}
	}
}

// Bytes are the rounded floats: half a level, and where bytes are computed in fixed point a little more.
func TestFloatsAgreeWithBytes(t *testing.T) {
	var s Scratch
	rapid.Check(t, func(t *rapid.T) {
		v, c := drawClip(t)
		order, factor := drawOrder(t), drawFactors(t)
		b, f := bytes.Clone(v), inFloats(v)
		Jitter(b, c, order, factor, &s)
		JitterFloats(f, c, order, factor, &s)
		closeTo(t, "jitter", b, f, 0.501)

		b, f = bytes.Clone(v), inFloats(v)
		Grey(b, c)
		GreyFloats(f, c)
		closeTo(t, "grey", b, f, 0.501)

		radius, sigma := rapid.IntRange(0, min(c.H, c.W)-1).Draw(t, "radius"), rapid.Float64Range(0.1, 5).Draw(t, "sigma")
		b, f = bytes.Clone(v), inFloats(v)
		Blur(b, c, 2*radius+1, sigma, &s)
		BlurFloats(f, c, 2*radius+1, sigma)
		closeTo(t, "blur", b, f, 0.6)
	})
}

func TestResizedFloatsAgreeWithBytes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v, c := drawClip(t)
		c.T = 1
		x, y := rapid.IntRange(0, c.W-1).Draw(t, "x"), rapid.IntRange(0, c.H-1).Draw(t, "y")
		g := Geometry{Crop: image.Rect(x, y, rapid.IntRange(x+1, c.W).Draw(t, "x1"), rapid.IntRange(y+1, c.H).Draw(t, "y1"))}
		g.OutH, g.OutW = rapid.IntRange(1, 20).Draw(t, "outH"), rapid.IntRange(1, 20).Draw(t, "outW")
		g.Aliased = rapid.Bool().Draw(t, "aliased")
		packed, b := make([]uint8, c.Len()), make([]uint8, 3*g.OutH*g.OutW)
		Interleave(packed, v, c)
		new(Resizer).RGB(b, packed, c.W, c.H, g)
		f := make([]float32, len(b))
		ResizeFloats(f, inFloats(v), c, g.Crop, g.OutH, g.OutW, g.Aliased)
		closeTo(t, "resize", b, f, 0.8)
	})
}

// slowBox is Pillow's blur as it is defined, one value at a time.
func slowBox(line []uint8, b float32) []uint8 {
	r := int(b)
	at := func(i int) int { return int(line[max(0, min(i, len(line)-1))]) }
	w := int(float32(1<<24) / (2*b + 1))
	e := (1<<24 - (2*r+1)*w) / 2
	out := make([]uint8, len(line))
	for x := range line {
		sum := 0
		for k := -r; k <= r; k++ {
			sum += at(x + k)
		}
		out[x] = uint8((w*sum + e*(at(x-r-1)+at(x+r+1)) + 1<<23) >> 24)
	}
	return out
}

func TestBoxIsTheDefinition(t *testing.T) {
	var s Scratch
	rapid.Check(t, func(t *rapid.T) {
		v, c := drawClip(t)
		sigma := rapid.Float64Range(0, 30).Draw(t, "sigma")
		b := boxRadius(float32(sigma))
		want := bytes.Clone(v)
		for p := range 3 * c.T {
			plane := want[p*c.H*c.W : (p+1)*c.H*c.W]
			for y := range c.H {
				row := plane[y*c.W : (y+1)*c.W]
				copy(row, slowBox(slowBox(slowBox(row, b), b), b))
			}
			for x := range c.W {
				column := make([]uint8, c.H)
				for y := range column {
					column[y] = plane[y*c.W+x]
				}
				for y, v := range slowBox(slowBox(slowBox(column, b), b), b) {
					plane[y*c.W+x] = v
				}
			}
		}
		if Box(v, c, sigma, &s); !bytes.Equal(v, want) {
			t.Fatalf("sigma %g over %+v comes out otherwise than defined", sigma, c)
		}
	})
}

// The variance of three boxes is that of the Gaussian that they stand for.
func TestBoxRadius(t *testing.T) {
	for _, sigma := range []float64{0.1, 0.5, 1, 2, 3.7, 10} {
		b := float64(boxRadius(float32(sigma)))
		n := math.Floor(b)
		total := 2*b + 1
		variance := 2 * (b - n) * (n + 1) * (n + 1) / total // of one box: two values in part, and 2n+1 whole ones
		for k := 1.0; k <= n; k++ {
			variance += 2 * k * k / total
		}
		if got := math.Sqrt(3 * variance); math.Abs(got-sigma) > 1e-4*sigma {
			t.Errorf("boxes for sigma %g have the deviation %g", sigma, got)
		}
	}
}
