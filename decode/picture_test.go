package decode

import (
	"bytes"
	"image"
	"math"
	"testing"
)

// What is read is what was written, up to the loss of the encoder; that holds the matrix, the range and the order of R, G, B.
func TestRGBIsWhatWasWritten(t *testing.T) {
	o := WriteOptions{Width: 96, Height: 64, Rate: 25, CRF: 1}
	v := open(t, writeVideo(t, o, 6))
	s := newScene(o.Width, o.Height)
	err := v.Frames(t.Context(), span(0, 6, 1), func(k int, f *Frame) error {
		want, got := s.draw(k), f.RGB(nil, f.Bounds())
		mean := [3]float64{}
		for i := range got {
			mean[i%3] += float64(got[i]) - float64(want[i])
		}
		for c := range mean { // chroma is halved, so single pixels differ; the mean must not
			if m := mean[c] / float64(len(got)/3); math.Abs(m) > 1 {
				t.Errorf("frame %d: channel %d is off by %.2f on average", k, c, m)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// A crop holds the same pixels as the whole picture there, at odd places too.
func TestCropOfRGB(t *testing.T) {
	v := open(t, writeVideo(t, WriteOptions{Width: 96, Height: 64, Rate: 25}, 2))
	err := v.Frames(t.Context(), []int{1}, func(_ int, f *Frame) error {
		whole := f.RGB(nil, f.Bounds())
		room := make([]uint8, 3*96*64)
		for _, r := range []image.Rectangle{
			image.Rect(0, 0, 1, 1), image.Rect(13, 7, 64, 50), image.Rect(95, 63, 96, 64), image.Rect(2, 3, 96, 64), image.Rect(10, 10, 26, 27),
		} {
			got := f.RGB(room, r)
			for y := range r.Dy() {
				want := whole[((r.Min.Y+y)*96+r.Min.X)*3:][:r.Dx()*3]
				if !bytes.Equal(got[y*r.Dx()*3:][:r.Dx()*3], want) {
					t.Errorf("crop %v: row %d differs", r, y)
					break
				}
			}
		}
		mustPanic(t, "a crop outside", func() { f.RGB(nil, image.Rect(0, 0, 97, 1)) })
		mustPanic(t, "an empty crop", func() { f.RGB(nil, image.Rect(3, 3, 3, 9)) })
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// The planes, converted by the formula of the matrix that they name, give RGB's pixels where chroma is even.
func TestPlanesAgreeWithRGB(t *testing.T) {
	v := open(t, writeVideo(t, WriteOptions{Width: 96, Height: 64, Rate: 25, CRF: 1}, 2))
	err := v.Frames(t.Context(), []int{0}, func(_ int, f *Frame) error {
		p, ok := f.Planes()
		if !ok || p.Matrix != BT709 || p.FullRange || p.ShiftX != 1 || p.ShiftY != 1 || p.ChromaW != 48 || p.ChromaH != 32 {
			t.Fatalf("planes %v of %+v", ok, p)
		}
		kr, kb := p.Matrix.Weights()
		rgb := f.RGB(nil, f.Bounds())
		sum := 0.0
		for y := range p.Height {
			for x := range p.Width {
				c := y>>p.ShiftY*p.StrideC + x>>p.ShiftX
				luma := (float64(p.Y[y*p.StrideY+x]) - 16) / 219
				red := luma + 2*(1-kr)*(float64(p.Cr[c])-128)/224
				blue := luma + 2*(1-kb)*(float64(p.Cb[c])-128)/224
				green := (luma - kr*red - kb*blue) / (1 - kr - kb)
				for i, v := range []float64{red, green, blue} {
					sum += float64(rgb[(y*p.Width+x)*3+i]) - 255*min(max(v, 0), 1)
				}
			}
		}
		if mean := sum / float64(len(rgb)); math.Abs(mean) > 0.5 {
			t.Errorf("off by %.2f on average", mean)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestFrameIsLentOnly(t *testing.T) {
	v := open(t, writeVideo(t, WriteOptions{Width: 64, Height: 48, Rate: 25}, 2))
	var kept *Frame
	if err := v.Frames(t.Context(), []int{0}, func(_ int, f *Frame) error { kept = f; return nil }); err != nil {
		t.Fatal(err)
	}
	mustPanic(t, "planes after the callback", func() { kept.Planes() })
	mustPanic(t, "a sum after the callback", func() { kept.MD5() })
}

func mustPanic(t *testing.T, what string, f func()) {
	t.Helper()
	defer func() {
		if recover() == nil {
			t.Errorf("%s: no panic", what)
		}
	}()
	f()
}

func TestRotation(t *testing.T) {
	for angle, want := range map[float64]int{0: 0, -90: 90, 90: 270, 180: 180, -180: 180, -89.9: 90, 45: 0, math.NaN(): 0, math.Inf(1): 0, -9.2e18: 0} {
		var f streamFacts
		f.setRotation(angle)
		if got := quarterTurns(f); got != want {
			t.Errorf("a matrix of %v degrees turns by %d, want %d", angle, got, want)
		}
	}
}
