package clips

import (
	"bytes"
	"context"
	"math"
	"path/filepath"
	"testing"
	"time"
)

// one reads a single sample through a loader.
func one(t *testing.T, s Sample, r Recipe) *Batch {
	t.Helper()
	l := NewLoader(context.Background(), LoaderConfig{Source: NewSet("test", []Sample{s}, nil, nil), Recipe: r, Batch: 1, Seed: 3, IndexDir: t.TempDir()})
	defer l.Close()
	b, err := l.Next()
	if err != nil {
		t.Fatal(err, l.tail)
	}
	return b
}

// levels returns the grey level in the middle of each frame of a view.
func levels(v ViewBatch) []int {
	var all []int
	for t := range v.T {
		all = append(all, int(v.Pixels[((t*v.H+v.H/2)*v.W+v.W/2)*3]))
	}
	return all
}

// Frames say which they are by their grey level, 4 a frame.
func TestFramesThatAreTaken(t *testing.T) {
	path := filepath.Join(t.TempDir(), "v.mp4")
	video{frames: 50, w: 32, h: 32, rate: 10, level: func(f int) uint8 { return uint8(20 + 4*f) }}.write(t, path)
	for _, c := range []struct {
		name   string
		sample Sample
		recipe Recipe
		want   [][]int // frames by view
	}{
		{"one cut in the middle", Sample{Path: path}, Plain(1, 4, 3, 16), [][]int{{20, 23, 26, 29}}},
		{"two cuts", Sample{Path: path}, Plain(2, 3, 10, 16), [][]int{{7, 17, 27}, {22, 32, 42}}},
		{"a span", Sample{Path: path, Start: time.Second, End: 2 * time.Second}, Plain(1, 4, 2, 16), [][]int{{12, 14, 16, 18}}},
		{"a span shorter than a cut begins again", Sample{Path: path, Start: 4 * time.Second, End: 4300 * time.Millisecond}, Plain(1, 5, 1, 16), [][]int{{40, 41, 42, 40, 41}}},
		{"a span behind the end is the whole file", Sample{Path: path, Start: 60 * time.Second, End: 70 * time.Second}, Plain(1, 2, 1, 16), [][]int{{24, 25}}},
		{"a file shorter than a cut begins again", Sample{Path: path}, Plain(1, 4, 40, 16), [][]int{{0, 40, 30, 20}}},
	} {
		b := one(t, c.sample, c.recipe)
		for v, want := range c.want {
			for i, l := range levels(b.Views[v]) {
				if math.Abs(float64(l-(20+4*want[i]))) > 1.5 {
					t.Errorf("%s: view %d, frame %d has level %d, which is frame %.1f, want %d", c.name, v, i, l, float64(l-20)/4, want[i])
				}
			}
		}
	}
}

// Whatever is drawn, a clip of equal frames stays one, unless each frame is drawn for itself.
func TestAugmentationsHoldOverTime(t *testing.T) {
	path := filepath.Join(t.TempDir(), "still.mp4")
	still := video{frames: 12, w: 64, h: 48, rate: 10}
	still.level = func(int) uint8 { return 90 }
	still.write(t, path)
	a := Contrastive(32)
	a.Solarize.P = 0.5
	var different bool
	for seed := range uint64(20) {
		for _, perFrame := range []bool{false, true} {
			a.PerFrame = perFrame
			l := NewLoader(context.Background(), LoaderConfig{Source: NewSet("test", []Sample{{Path: path}}, nil, nil), Recipe: Pair(6, 1, a), Batch: 1, Seed: seed, IndexDir: "-", Workers: 1})
			b, err := l.Next()
			l.Close()
			if err != nil {
				t.Fatal(err)
			}
			for _, v := range b.Views {
				n := v.H * v.W * 3
				for f := 1; f < v.T; f++ {
					equal := bytes.Equal(v.Pixels[:n], v.Pixels[f*n:(f+1)*n])
					if !equal && !perFrame {
						t.Fatalf("seed %d: frame %d differs from frame 0", seed, f)
					}
					different = different || !equal
				}
			}
		}
	}
	if !different {
		t.Error("drawn for each frame, no frame ever differed")
	}
}

func TestSoundGoesWithTheCut(t *testing.T) {
	dir := t.TempDir()
	loud, silent := filepath.Join(dir, "loud.mp4"), filepath.Join(dir, "silent.mp4")
	video{frames: 40, w: 32, h: 32, rate: 10, sound: true}.write(t, loud)
	video{frames: 40, w: 32, h: 32, rate: 10}.write(t, silent)
	r := Plain(2, 4, 2, 16)
	r.Sound = &SoundSpec{Rate: 8000, Length: 800 * time.Millisecond}
	for _, path := range []string{loud, silent} {
		b := one(t, Sample{Path: path}, r)
		if len(b.Sound) != 2 {
			t.Fatalf("%d sounds, want one a cut", len(b.Sound))
		}
		for cut, s := range b.Sound {
			if len(s.Samples) != 6400 || s.N != 6400 || s.Channels != 1 {
				t.Fatalf("cut %d: %d samples", cut, len(s.Samples))
			}
			power := 0.0
			for _, v := range s.Samples {
				power += float64(v) * float64(v) / float64(len(s.Samples))
			}
			want := 0.0
			if path == loud {
				want = 0.125 // of a tone of amplitude 0.5
			}
			if math.Abs(power-want) > 0.02 || s.Present[0] != (path == loud) {
				t.Errorf("%s, cut %d: power %.4f, want %.3f; present %v", filepath.Base(path), cut, power, want, s.Present[0])
			}
		}
	}
}

func TestOnePassServesAllViews(t *testing.T) {
	path := filepath.Join(t.TempDir(), "v.mp4")
	video{frames: 60, w: 32, h: 32, rate: 10}.write(t, path)
	same := Recipe{Cuts: 1, Frames: 4, Stride: 2, Views: []View{{0, Centre(16)}, {0, Centre(16)}, {0, Centre(20)}}}
	b := one(t, Sample{Path: path}, same)
	if !bytes.Equal(b.Views[0].Pixels, b.Views[1].Pixels) {
		t.Error("two equal views of one cut differ")
	}
	if b.Views[2].H != 20 || len(b.Views[2].Pixels) != 4*20*20*3 {
		t.Errorf("a view of another size has %d bytes", len(b.Views[2].Pixels))
	}
}
