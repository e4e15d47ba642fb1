package decode

import (
	"math"
	"math/rand/v2"
	"path/filepath"
	"testing"
)

// scene draws frames with real motion: a textured plane that pans, a disc that crosses it, and noise.
type scene struct {
	w, h    int
	texture []uint8 // [256, 256]
	rng     *rand.Rand
	rgb     []uint8
}

func newScene(w, h int) *scene {
	s := &scene{w: w, h: h, texture: make([]uint8, 256*256), rng: rand.New(rand.NewPCG(7, 7)), rgb: make([]uint8, w*h*3)}
	for y := range 256 {
		for x := range 256 {
			wave := math.Sin(float64(x)/9) + math.Sin(float64(y)/13) + math.Sin(float64(x+y)/31)
			s.texture[y*256+x] = uint8(128 + 30*wave + 20*s.rng.Float64())
		}
	}
	return s
}

// draw returns frame n, [h, w, 3]; it is overwritten by the next call.
func (s *scene) draw(n int) []uint8 {
	cx, cy := s.w/2+int(float64(s.w)/3*math.Sin(float64(n)/11)), s.h/2+int(float64(s.h)/3*math.Cos(float64(n)/17))
	for y := range s.h {
		for x := range s.w {
			v := s.texture[(y+n)&255*256+(x+2*n)&255]
			r, g, b := v, v/2+64, 255-v
			if dx, dy := x-cx, y-cy; dx*dx+dy*dy < s.h*s.h/36 {
				r, g, b = 230, uint8(40+n%100), 30
			}
			o := (y*s.w + x) * 3
			s.rgb[o], s.rgb[o+1], s.rgb[o+2] = r, g, b
		}
		s.rgb[y*s.w*3] += uint8(s.rng.IntN(8))
	}
	return s.rgb
}

// writeVideo makes a video of n frames in a temporary folder, with a tone that starts with the picture when o has sound.
func writeVideo(t testing.TB, o WriteOptions, n int) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "video.mp4")
	w, err := Create(path, o)
	if err != nil {
		t.Fatal(err)
	}
	s := newScene(o.Width, o.Height)
	for i := range n {
		if err := w.WriteFrame(s.draw(i)); err != nil {
			t.Fatal(err)
		}
	}
	if o.SampleRate > 0 {
		if err := w.WriteSound(tone(o.SampleRate, max(o.Channels, 1), n*o.SampleRate/o.Rate)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

// tone is n samples of 440 Hz at half of full scale, interleaved.
func tone(rate, channels, n int) []float32 {
	out := make([]float32, n*channels)
	for i := range out {
		out[i] = float32(0.5 * math.Sin(2*math.Pi*440*float64(i/channels)/float64(rate)))
	}
	return out
}
