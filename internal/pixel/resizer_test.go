package pixel

import (
	"bytes"
	"image"
	"testing"

	"pgregory.net/rapid"
)

// drawYUV draws a picture with rows longer than its width, as decoders make them.
func drawYUV(t *rapid.T, h, w int) YUV {
	f := YUV{Width: w, Height: h, Full: rapid.Bool().Draw(t, "full")}
	f.ShiftX, f.ShiftY = rapid.IntRange(0, 2).Draw(t, "shift x"), rapid.IntRange(0, 1).Draw(t, "shift y")
	k := rapid.SampledFrom([][2]float64{{0.299, 0.114}, {0.2126, 0.0722}, {0.2627, 0.0593}}).Draw(t, "matrix")
	f.Kr, f.Kb = k[0], k[1]
	seed := rapid.Uint64().Draw(t, "seed")
	for p := range f.Planes {
		rows, cols := h, w
		if p > 0 {
			rows, cols = (h+1<<f.ShiftY-1)>>f.ShiftY, (w+1<<f.ShiftX-1)>>f.ShiftX
		}
		f.Stride[p] = cols + rapid.IntRange(0, 5).Draw(t, "padding")
		f.Planes[p] = noise(seed+uint64(p), rows*f.Stride[p])
	}
	return f
}

func drawGeometry(t *rapid.T, h, w int) Geometry {
	g := Geometry{Rotation: rapid.SampledFrom([]int{0, 90, 180, 270}).Draw(t, "rotation"), Flip: rapid.Bool().Draw(t, "flip")}
	if g.Rotation%180 != 0 {
		h, w = w, h
	}
	ch, cw := rapid.IntRange(1, h).Draw(t, "crop height"), rapid.IntRange(1, w).Draw(t, "crop width")
	y, x := rapid.IntRange(0, h-ch).Draw(t, "top"), rapid.IntRange(0, w-cw).Draw(t, "left")
	g.Crop = image.Rect(x, y, x+cw, y+ch)
	g.OutH, g.OutW = rapid.IntRange(1, 40).Draw(t, "out height"), rapid.IntRange(1, 40).Draw(t, "out width")
	return g
}

func planeOf(f YUV, p int) [][]float64 {
	rows := len(f.Planes[p]) / f.Stride[p]
	out := newPlane(rows, f.Stride[p])
	for y := range rows {
		for x := range f.Stride[p] {
			out[y][x] = float64(f.Planes[p][y*f.Stride[p]+x])
		}
	}
	return out
}

// refResize resizes the stored picture to the turned-back size of the result, converts, then turns and mirrors it.
func refResize(f YUV, g Geometry) picture {
	crop, oh, ow := g.Crop, g.OutH, g.OutW
	w, h := f.Width, f.Height
	for turn := g.Rotation; turn > 0; turn -= 90 {
		// One turn back: shown (x, y) came from (y, shown width - 1 - x) of the picture before.
		sw := h
		if (turn/90)%2 == 0 {
			sw = w
		}
		crop = image.Rect(crop.Min.Y, sw-crop.Max.X, crop.Max.Y, sw-crop.Min.X)
		oh, ow = ow, oh
	}
	y := refPlane(planeOf(f, 0), crop, 0, 0, oh, ow)
	u := refPlane(planeOf(f, 1), crop, f.ShiftY, f.ShiftX, oh, ow)
	v := refPlane(planeOf(f, 2), crop, f.ShiftY, f.ShiftX, oh, ow)
	p := newPicture(oh, ow)
	for i := range oh {
		for j := range ow {
			for c, val := range refYUV(y[i][j], u[i][j], v[i][j], f.Kr, f.Kb, f.Full) {
				p[c][i][j] = val
			}
		}
	}
	p = refTurn(p, g.Rotation)
	if g.Flip {
		p = refFlip(p)
	}
	return p
}

func TestResizeYUVAgreesWithReference(t *testing.T) {
	var r Resizer // over all cases: tables of the case before must not be used
	rapid.Check(t, func(t *rapid.T) {
		h, w := rapid.IntRange(1, 60).Draw(t, "height"), rapid.IntRange(1, 90).Draw(t, "width")
		f, g := drawYUV(t, h, w), drawGeometry(t, h, w)
		got := make([]uint8, 3*g.OutH*g.OutW)
		r.YUV(got, f, g)
		near(t, got, refResize(f, g), 0.6)
	})
}

func TestResizeRGBAgreesWithReference(t *testing.T) {
	var r Resizer
	rapid.Check(t, func(t *rapid.T) {
		h, w := rapid.IntRange(1, 60).Draw(t, "height"), rapid.IntRange(1, 90).Draw(t, "width")
		g := drawGeometry(t, h, w)
		planar := noise(rapid.Uint64().Draw(t, "seed"), 3*h*w)
		packed := make([]uint8, len(planar))
		Interleave(packed, planar, Clip{1, h, w})
		got := make([]uint8, 3*g.OutH*g.OutW)
		r.RGB(got, packed, w, h, g)
		near(t, got, refResizeRGB(toPicture(planar, h, w), g), 0.65) // half a level, and what a hundred rounded weights may add up to
	})
}

// refResizeRGB does it in the order of the definition: turn, crop and resize, mirror.
func refResizeRGB(p picture, g Geometry) picture {
	p = refTurn(p, g.Rotation)
	for c := range p {
		p[c] = refPlane(p[c], g.Crop, 0, 0, g.OutH, g.OutW)
	}
	if g.Flip {
		p = refFlip(p)
	}
	return p
}

// A crop that is not resized keeps its pixels.
func TestResizeIdentity(t *testing.T) {
	c := Clip{1, 30, 50}
	planar := noise(9, c.Len())
	packed := make([]uint8, len(planar))
	Interleave(packed, planar, c)
	got := make([]uint8, len(planar))
	new(Resizer).RGB(got, packed, c.W, c.H, Geometry{Crop: image.Rect(0, 0, c.W, c.H), OutH: c.H, OutW: c.W})
	if !bytes.Equal(got, planar) {
		t.Error("resizing to the same size changed pixels")
	}
}

// An even area stays what it is, at any size.
func TestResizeKeepsEvenAreas(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h, w := rapid.IntRange(1, 200).Draw(t, "height"), rapid.IntRange(1, 200).Draw(t, "width")
		g := drawGeometry(t, h, w)
		level := rapid.Byte().Draw(t, "level")
		got := make([]uint8, 3*g.OutH*g.OutW)
		new(Resizer).RGB(got, bytes.Repeat([]byte{level}, 3*h*w), w, h, g)
		for i, v := range got {
			if v != level {
				t.Fatalf("value %d is %d, want %d", i, v, level)
			}
		}
	})
}

func TestCropOutsidePanics(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("a crop outside the picture did not panic")
		}
	}()
	new(Resizer).RGB(make([]uint8, 12), make([]uint8, 48), 4, 4, Geometry{Crop: image.Rect(2, 2, 5, 4), OutH: 2, OutW: 2})
}
