package pixel

import (
	"encoding/binary"
	"image"
	"math"
	"os"
	"path/filepath"
	"testing"

	"vssl/internal/safetensors"
)

// goldenImage reads a picture [3, H, W] in 0..1 of a golden case as grey levels; skips where VSSL_SHARED is not set.
func goldenImage(t *testing.T, name, tensor string) picture {
	t.Helper()
	shared := os.Getenv("VSSL_SHARED")
	if shared == "" {
		t.Skip("VSSL_SHARED not set: the golden case " + name + " is not compared")
	}
	f, err := safetensors.Open(filepath.Join(shared, "golden", "signals", name+".safetensors"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	info, ok := f.Lookup(tensor)
	if !ok || info.DType != safetensors.F32 {
		t.Fatalf("%s has no %s of floats", name, tensor)
	}
	raw, err := f.Read(nil, info)
	if err != nil {
		t.Fatal(err)
	}
	p := newPicture(info.Shape[1], info.Shape[2])
	for c := range p {
		for y := range p[c] {
			for x := range p[c][y] {
				p[c][y][x] = 255 * float64(math.Float32frombits(binary.LittleEndian.Uint32(raw)))
				raw = raw[4:]
			}
		}
	}
	return p
}

// rounded is the picture in 8 bits, planar: up to half a level away.
func rounded(p picture) []uint8 {
	var v []uint8
	for c := range p {
		for y := range p[c] {
			for x := range p[c][y] {
				v = append(v, uint8(math.Round(p[c][y][x])))
			}
		}
	}
	return v
}

func TestResizedCropGolden(t *testing.T) {
	in := goldenImage(t, "resized_crop", "in.x")
	h, w := in.size()
	packed := make([]uint8, 3*h*w)
	Interleave(packed, rounded(in), Clip{1, h, w})
	got := make([]uint8, 3*8*10)
	new(Resizer).RGB(got, packed, w, h, Geometry{Crop: image.Rect(3, 2, 28, 22), OutH: 8, OutW: 10})
	near(t, got, goldenImage(t, "resized_crop", "out.y"), 1)
}

// The reference answers the golden numbers; that the kernel answers the reference is tested beside it. Compared with each other, they
// differ by what rounding the input to 8 bits costs, which hue can triple.
func TestJitterGolden(t *testing.T) {
	in := goldenImage(t, "color_jitter", "in.x")
	h, w := in.size()
	factor := [4]float32{Brightness: 1.3, Contrast: 0.7, Saturation: 1.4, Hue: 0.1}
	for tensor, order := range map[string][]Step{
		"out.y": {Brightness, Contrast, Saturation, Hue}, "out.only_brightness": {Brightness},
		"out.only_contrast": {Contrast}, "out.only_saturation": {Saturation}, "out.only_hue": {Hue},
	} {
		want := goldenImage(t, "color_jitter", tensor)
		exact := refJitter(in, order, factor)
		for c := range want {
			for y := range h {
				for x := range w {
					if math.Abs(exact[c][y][x]-want[c][y][x]) > 0.01 {
						t.Fatalf("%s: channel %d, row %d, column %d: the reference gives %g, want %g", tensor, c, y, x, exact[c][y][x], want[c][y][x])
					}
				}
			}
		}
		got := rounded(in)
		Jitter(got, Clip{1, h, w}, order, factor, &Scratch{})
		near(t, got, want, 2.5)
	}
}

func TestBlurAndGreyGolden(t *testing.T) {
	in := goldenImage(t, "gaussian_blur", "in.x")
	h, w := in.size()
	got := rounded(in)
	Blur(got, Clip{1, h, w}, 5, 1.2, &Scratch{})
	near(t, got, goldenImage(t, "gaussian_blur", "out.y"), 1)
	in = goldenImage(t, "grayscale", "in.x")
	h, w = in.size()
	got = rounded(in)
	Grey(got, Clip{1, h, w})
	near(t, got, goldenImage(t, "grayscale", "out.y"), 1)
}
