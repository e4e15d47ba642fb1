package clips

import (
	"bytes"
	"context"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"vssl/decode"
	"vssl/internal/pixel"
)

// meanDifference is that of two pictures, in grey levels.
func meanDifference(a, b []uint8) float64 {
	sum := 0.0
	for i := range a {
		sum += math.Abs(float64(a[i]) - float64(b[i]))
	}
	return sum / float64(len(a))
}

// The way through the planes, which converts last, and the way through FFmpeg's conversion to RGB, which converts first, lead to
// the same picture but for the sharpness of colours.
func TestPlanesAgreeWithRGB(t *testing.T) {
	path := filepath.Join(t.TempDir(), "v.mp4")
	video{frames: 2, w: 96, h: 64, rate: 10}.write(t, path)
	v, err := decode.Open(context.Background(), path, decode.Options{IndexDir: "-"})
	if err != nil {
		t.Fatal(err)
	}
	defer v.Close()
	rng := func(stream int) *rand.Rand { return RNG(1, 0, 0, stream) }
	err = v.Frames(context.Background(), []int{1}, func(_ int, f *decode.Frame) error {
		if _, ok := f.Planes(); !ok {
			t.Error("H.264 gave no planes")
		}
		for view := range 8 {
			c := newCanvas(View{Augment: Augment{Size: 40, Scale: [2]float64{0.3, 1}, Ratio: [2]float64{0.5, 2}, Flip: 0.5}}, 1)
			if err := c.place(f, 0, rng, view); err != nil {
				return err
			}
			byPlanes := bytes.Clone(c.planar)
			c.placeRGB(c.planar, f, pixel.Geometry{Crop: c.looks[0].crop, OutH: 40, OutW: 40, Flip: c.looks[0].flip})
			if d := meanDifference(byPlanes, c.planar); d > 2.5 {
				t.Errorf("view %d: crop %v differs by %.2f levels in the mean", view, c.looks[0].crop, d)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// A file that says that it is to be turned is shown turned: the picture equals the stored one, cropped alike and turned clockwise.
func TestRotatedVideoIsShownUpright(t *testing.T) {
	shared := os.Getenv("VSSL_SHARED")
	if shared == "" {
		t.Skip("VSSL_SHARED not set: no rotated recording to look at")
	}
	path := filepath.Join(shared, "data", "video", "video_90.mov") // stored 568 x 320, to be turned clockwise
	v, err := decode.Open(context.Background(), path, decode.Options{IndexDir: "-", NoRotate: true})
	if err != nil {
		t.Fatal(err)
	}
	defer v.Close()
	const side = 64
	stored := newCanvas(View{Augment: Centre(side)}, 1)
	err = v.Frames(context.Background(), []int{1}, func(_ int, f *decode.Frame) error {
		return stored.place(f, 0, func(int) *rand.Rand { return RNG(0, 0, 0, 0) }, 0)
	})
	if err != nil {
		t.Fatal(err)
	}
	shown := one(t, Sample{Path: path}, Plain(1, 1, 1, side)).Views[0].Pixels
	for y := range side {
		for x := range side {
			for c := range 3 {
				got, want := shown[3*(y*side+x)+c], stored.planar[(c*side+side-1-x)*side+y]
				if got != want {
					t.Fatalf("row %d, column %d, channel %d is %d, want %d", y, x, c, got, want)
				}
			}
		}
	}
}
