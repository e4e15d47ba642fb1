package clips

import (
	"bytes"
	"testing"

	"pgregory.net/rapid"

	"vssl/internal/pixel"
)

func drawAugment(t *rapid.T, size int) Augment {
	p := rapid.Float64Range(0, 1)
	a := Augment{Size: size, Flip: p.Draw(t, "flip"), Grey: p.Draw(t, "grey")}
	a.Jitter = Jitter{P: p.Draw(t, "jitter"), Brightness: 2 * p.Draw(t, "b"), Contrast: 2 * p.Draw(t, "c"), Saturation: 2 * p.Draw(t, "s"), Hue: p.Draw(t, "h") / 2}
	a.Blur = Blur{P: p.Draw(t, "blur"), SigmaMin: 0.1, SigmaMax: 3}
	a.Blur.Kind = rapid.SampledFrom([]BlurKind{"", Gaussian, Box}).Draw(t, "kind")
	a.Solarize = Solarize{P: p.Draw(t, "solarize"), Threshold: 255 * p.Draw(t, "threshold")}
	return a
}

// Equal frames stay equal under every look, and painting a clip is painting its frames.
func TestPaintHoldsOverTime(t *testing.T) {
	var s pixel.Scratch
	rapid.Check(t, func(t *rapid.T) {
		c := pixel.Clip{T: rapid.IntRange(2, 5).Draw(t, "T"), H: rapid.IntRange(4, 33).Draw(t, "side")}
		c.W = c.H
		a := drawAugment(t, c.H)
		if err := a.Validate(); err != nil {
			t.Fatal(err)
		}
		l := a.drawLook(RNG(rapid.Uint64().Draw(t, "seed"), 0, 0, 1), c.W, c.H)
		frame := make([]uint8, c.Len()/c.T)
		rng := RNG(rapid.Uint64().Draw(t, "pixels"), 0, 0, 0)
		for i := range frame {
			frame[i] = uint8(rng.UintN(256))
		}
		clip := bytes.Repeat(frame, c.T)
		l.paint(clip, c, a.kernel(), &s)
		l.paint(frame, pixel.Clip{T: 1, H: c.H, W: c.W}, a.kernel(), &s)
		if !bytes.Equal(clip, bytes.Repeat(frame, c.T)) {
			t.Fatalf("look %+v changed equal frames in different ways", l)
		}
	})
}

// An augmentation that is off in all its parts leaves pixels alone.
func TestPaintIdentity(t *testing.T) {
	c := pixel.Clip{T: 2, H: 8, W: 8}
	clip := make([]uint8, c.Len())
	for i := range clip {
		clip[i] = uint8(i * 37)
	}
	want := bytes.Clone(clip)
	Augment{Size: 8}.drawLook(RNG(1, 0, 0, 1), 8, 8).paint(clip, c, 3, &pixel.Scratch{})
	if !bytes.Equal(clip, want) {
		t.Error("augmentations that are off changed pixels")
	}
}
