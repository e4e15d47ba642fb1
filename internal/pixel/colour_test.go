package pixel

import (
	"bytes"
	"math"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"
)

// near fails when a value of got is more than tolerance grey levels from want.
func near(t interface{ Fatalf(string, ...any) }, got []uint8, want picture, tolerance float64) {
	h, w := want.size()
	for c := range want {
		for y := range h {
			for x := range w {
				if g := float64(got[(c*h+y)*w+x]); math.Abs(g-want[c][y][x]) > tolerance {
					t.Fatalf("channel %d, row %d, column %d: got %g, want %.3f", c, y, x, g, want[c][y][x])
				}
			}
		}
	}
}

func noise(seed uint64, n int) []uint8 {
	r := rand.New(rand.NewPCG(seed, 1))
	v := make([]uint8, n)
	for i := range v {
		v[i] = uint8(r.UintN(256))
	}
	return v
}

// drawClip draws a clip, at times of few colours, so that equal channels and extreme values are common.
func drawClip(t *rapid.T) ([]uint8, Clip) {
	c := Clip{rapid.IntRange(1, 3).Draw(t, "T"), rapid.IntRange(2, 40).Draw(t, "H"), rapid.IntRange(2, 40).Draw(t, "W")}
	v := noise(rapid.Uint64().Draw(t, "seed"), c.Len())
	if rapid.Bool().Draw(t, "few colours") {
		for i := range v {
			v[i] = v[i] % 3 * 127
		}
	}
	return v, c
}

func drawOrder(t *rapid.T) []Step {
	all := rapid.Permutation([]Step{Brightness, Contrast, Saturation, Hue}).Draw(t, "order")
	return all[:rapid.IntRange(0, 4).Draw(t, "steps")]
}

func drawFactors(t *rapid.T) [4]float32 {
	var f [4]float32
	for _, s := range []Step{Brightness, Contrast, Saturation} {
		f[s] = rapid.Float32Range(0, 2).Draw(t, "factor")
	}
	f[Hue] = rapid.Float32Range(-0.5, 0.5).Draw(t, "hue")
	return f
}

func TestJitterAgreesWithReference(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v, c := drawClip(t)
		order, factor := drawOrder(t), drawFactors(t)
		got := bytes.Clone(v)
		Jitter(got, c, order, factor, &Scratch{})
		n := Clip{1, c.H, c.W}.Len()
		for f := range c.T {
			// Half a level of rounding, and a little for float32.
			near(t, got[f*n:], refJitter(toPicture(v[f*n:], c.H, c.W), order, factor), 0.52)
		}
	})
}

func TestJitterIdentity(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v, c := drawClip(t)
		got := bytes.Clone(v)
		Jitter(got, c, drawOrder(t), [4]float32{1, 1, 1, 0}, &Scratch{})
		if !bytes.Equal(got, v) {
			t.Fatalf("factors that change nothing changed pixels")
		}
	})
}

// Twelve shifts by a twelfth of the circle lead back.
func TestHueGoesRound(t *testing.T) {
	c := Clip{1, 16, 16}
	v := noise(3, c.Len())
	once := bytes.Clone(v)
	half := [4]float32{Hue: 0.5}
	Jitter(once, c, []Step{Hue}, half, &Scratch{})
	if bytes.Equal(once, v) {
		t.Fatal("half a turn of the hue changed nothing")
	}
	Jitter(once, c, []Step{Hue}, half, &Scratch{})
	near(t, once, toPicture(v, c.H, c.W), 2) // rounded twice
}

func TestGrey(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v, c := drawClip(t)
		got := bytes.Clone(v)
		Grey(got, c)
		n := c.H * c.W
		for i := range c.T * n {
			r := i/n*3*n + i%n
			want := refLuma(float64(v[r]), float64(v[r+n]), float64(v[r+2*n]))
			if got[r] != got[r+n] || got[r] != got[r+2*n] || math.Abs(float64(got[r])-want) > 0.51 {
				t.Fatalf("pixel %d: got %d %d %d, want %.2f", i, got[r], got[r+n], got[r+2*n], want)
			}
		}
	})
}

func TestSolarize(t *testing.T) {
	v := []uint8{0, 100, 127, 128, 200, 255, 1, 2, 3}
	Solarize(v, Clip{1, 1, 3}, 128)
	if want := []uint8{0, 100, 127, 127, 55, 0, 1, 2, 3}; !bytes.Equal(v, want) {
		t.Errorf("got %v, want %v", v, want)
	}
}

func TestBlurAgreesWithReference(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v, c := drawClip(t)
		radius := rapid.IntRange(0, min(c.H, c.W)-1).Draw(t, "radius")
		sigma := rapid.Float64Range(0.1, 5).Draw(t, "sigma")
		got := bytes.Clone(v)
		Blur(got, c, 2*radius+1, sigma, &Scratch{})
		n := Clip{1, c.H, c.W}.Len()
		for f := range c.T {
			near(t, got[f*n:], refBlur(toPicture(v[f*n:], c.H, c.W), 2*radius+1, sigma), 0.6)
		}
	})
}

func TestInterleave(t *testing.T) {
	got := make([]uint8, 12)
	Interleave(got, []uint8{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}, Clip{2, 1, 2})
	if want := []uint8{1, 3, 5, 2, 4, 6, 7, 9, 11, 8, 10, 12}; !bytes.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestShortSlicesPanic(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("a slice that is too short did not panic")
		}
	}()
	Grey(make([]uint8, 11), Clip{1, 2, 2})
}
