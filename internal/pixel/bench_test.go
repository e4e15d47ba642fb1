package pixel

import (
	"image"
	"testing"
)

var small = Clip{16, 112, 112}

// perClip reports what one clip of 16 frames costs.
func perClip(b *testing.B) {
	b.ReportMetric(b.Elapsed().Seconds()*1e3/float64(b.N), "ms/clip")
}

func BenchmarkJitter(b *testing.B) {
	for _, c := range []struct {
		name  string
		order []Step
	}{{"hue", []Step{Hue}}, {"all", []Step{Brightness, Contrast, Saturation, Hue}}, {"contrast last", []Step{Hue, Brightness, Saturation, Contrast}}} {
		b.Run(c.name, func(b *testing.B) {
			v := noise(1, small.Len())
			s := &Scratch{}
			for b.Loop() {
				Jitter(v, small, c.order, [4]float32{1.01, 0.99, 1.01, 0.1}, s)
			}
			perClip(b)
		})
	}
}

func BenchmarkBlur(b *testing.B) {
	v := noise(1, small.Len())
	s := &Scratch{}
	for b.Loop() {
		Blur(v, small, 11, 1.5, s)
	}
	perClip(b)
}

func BenchmarkGreySolarizeInterleave(b *testing.B) {
	v := noise(1, small.Len())
	out := make([]uint8, len(v))
	for b.Loop() {
		Grey(v, small)
		Solarize(v, small, 128)
		Interleave(out, v, small)
	}
	perClip(b)
}

func BenchmarkResize(b *testing.B) {
	for _, c := range []struct {
		name string
		w, h int
		crop image.Rectangle
	}{{"340x256", 340, 256, image.Rect(40, 20, 300, 220)}, {"1280x720", 1280, 720, image.Rect(150, 60, 1130, 660)}} {
		b.Run(c.name, func(b *testing.B) {
			f := YUV{Width: c.w, Height: c.h, ShiftX: 1, ShiftY: 1, Kr: 0.299, Kb: 0.114, Stride: [3]int{c.w, c.w / 2, c.w / 2}}
			for p := range f.Planes {
				f.Planes[p] = noise(uint64(p), f.Stride[p]*c.h)
			}
			g := Geometry{Crop: c.crop, OutH: 112, OutW: 112}
			dst := make([]uint8, small.Len()/small.T)
			var r Resizer
			for b.Loop() {
				for range small.T {
					r.YUV(dst, f, g)
				}
			}
			perClip(b)
		})
	}
}

// A crop of its own for each picture, as data sets of small pictures have it: the tables are most of the work.
func BenchmarkResizeSmallAnew(b *testing.B) {
	src, dst := noise(1, 3*32*32), make([]uint8, 3*32*32)
	var r Resizer
	for i := 0; b.Loop(); i++ {
		r.RGB(dst, src, 32, 32, Geometry{Crop: image.Rect(i%5, i%7, 20+i%11, 21+i%9), OutH: 32, OutW: 32})
	}
}

func BenchmarkBox(b *testing.B) {
	v := noise(1, small.Len())
	s := &Scratch{}
	for b.Loop() {
		Box(v, small, 1.5, s)
	}
	perClip(b)
}

func BenchmarkOperations(b *testing.B) {
	s := &Scratch{}
	var invert [3][256]uint8
	for c := range invert {
		for v := range 256 {
			invert[c][v] = uint8(255 - v)
		}
	}
	for _, o := range []struct {
		name string
		run  func(v []uint8)
	}{
		{"tables", func(v []uint8) { Tables(v, small, &invert) }},
		{"histograms", func(v []uint8) { Histograms(v, small) }},
		{"mean grey", func(v []uint8) { MeanGrey(v, small) }},
		{"colour", func(v []uint8) { Colour(v, small, 0.9) }},
		{"sharpness", func(v []uint8) { Sharpness(v, small, 0.9, s) }},
		{"affine", func(v []uint8) { Affine(v, small, [6]float64{1, 0.1, 0, 0, 1, 0}, s) }},
	} {
		b.Run(o.name, func(b *testing.B) {
			v := noise(1, small.Len())
			for b.Loop() {
				o.run(v)
			}
			perClip(b)
		})
	}
}
