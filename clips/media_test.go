package clips

import (
	"math"
	"os"
	"path/filepath"
	"testing"
	"time"

	"vssl/decode"
)

// video describes a test file: moving bars, or frames of one grey level each.
type video struct {
	frames, w, h int
	rate         int
	level        func(frame int) uint8 // nil: moving bars
	sound        bool                  // a tone of 440 Hz
}

// write encodes the file. It fails the test where the encoder is missing.
func (v video) write(t testing.TB, path string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	o := decode.WriteOptions{Width: v.w, Height: v.h, Rate: v.rate, GOP: 12, CRF: 1}
	if v.sound {
		o.SampleRate, o.Channels = 16000, 1
	}
	w, err := decode.Create(path, o)
	if err != nil {
		t.Fatal(err)
	}
	rgb := make([]uint8, 3*v.w*v.h)
	for f := range v.frames {
		v.paint(rgb, f)
		if err := w.WriteFrame(rgb); err != nil {
			t.Fatal(err)
		}
	}
	if v.sound {
		tone := make([]float32, 16000*v.frames/v.rate)
		for i := range tone {
			tone[i] = float32(0.5 * math.Sin(2*math.Pi*440*float64(i)/16000))
		}
		if err := w.WriteSound(tone); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
}

func (v video) paint(rgb []uint8, frame int) {
	for i := range v.w * v.h {
		x, y := i%v.w, i/v.w
		c := [3]uint8{uint8(16 * (x + frame)), uint8(8 * (y + 2*frame)), uint8(5 * frame)}
		if v.level != nil {
			l := v.level(frame)
			c = [3]uint8{l, l, l}
		}
		copy(rgb[3*i:], c[:])
	}
}

// videoSource is a folder of n small videos in two classes, with two files between them that cannot be read.
func videoSource(t testing.TB, n int) Source {
	t.Helper()
	root := t.TempDir()
	for i := range n {
		class := []string{"left", "right"}[i%2]
		v := video{frames: 20 + 3*i, w: 48, h: 32, rate: 10, sound: i%2 == 0}
		v.write(t, filepath.Join(root, class, string(rune('a'+i))+".mp4"))
	}
	for name, content := range map[string]string{"left/aa.mp4": mp4Head + "nonsense", "right/zz.mkv": mkvHead} {
		if err := os.WriteFile(filepath.Join(root, name), []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	s, err := OpenSource("folder", root, SourceOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func smallRecipe() Recipe {
	r := Pair(4, 2, Contrastive(24))
	r.Sound = &SoundSpec{Rate: 8000, Length: 500 * time.Millisecond}
	return r
}
