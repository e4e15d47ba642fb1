package clips

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// stillsDir holds the pictures that the tests of decode read.
const stillsDir = "../decode/testdata/stills"

// turned is a picture [height, width, 3] as it is shown for an orientation of Exif.
func turned(rgb []uint8, width, height, orientation int) (shown []uint8, w, h int) {
	w, h = width, height
	if orientation >= 5 {
		w, h = height, width
	}
	shown = make([]uint8, len(rgb))
	for y := range h {
		for x := range w {
			// Where the picture's top row and left column are, by the standard.
			from := [...]image.Point{{x, y}, {width - 1 - x, y}, {width - 1 - x, height - 1 - y}, {x, height - 1 - y},
				{y, x}, {y, height - 1 - x}, {width - 1 - y, height - 1 - x}, {width - 1 - y, x}}[orientation-1]
			copy(shown[3*(y*w+x):3*(y*w+x)+3], rgb[3*(from.Y*width+from.X):])
		}
	}
	return shown, w, h
}

// packedStill is a picture in memory.
type packedStill struct {
	rgb  []uint8
	w, h int
}

func (p packedStill) Read(context.Context, *[]byte) (Raw, error) {
	return Raw{Bytes: p.rgb, Layout: Packed, Width: p.w, Height: p.h}, nil
}

// Every picture file gives the views that its pixels give, turned as it says, whatever is cut from it.
func TestPictureFilesGiveTheirPixels(t *testing.T) {
	data, err := os.ReadFile(filepath.Join(stillsDir, "stills.json"))
	if err != nil {
		t.Fatal(err)
	}
	var cases []struct {
		Name          string
		Width, Height int
		Tolerance     float64
		Orientation   int
		RGB           []uint8
	}
	if err := json.Unmarshal(data, &cases); err != nil {
		t.Fatal(err)
	}
	a := Augment{Size: 14, Scale: [2]float64{0.5, 1}, Ratio: [2]float64{0.7, 1.4}, Flip: 0.5}
	r := Recipe{Cuts: 1, Frames: 1, Stride: 1, Interval: None, Views: []View{{0, a}, {0, a}, {0, Centre(20)}}}
	for _, c := range cases {
		shown, w, h := turned(c.RGB, c.Width, c.Height, c.Orientation)
		got := one(t, Sample{Key: "k", Still: FileStill(filepath.Join(stillsDir, c.Name))}, r)
		want := one(t, Sample{Key: "k", Still: packedStill{shown, w, h}}, r)
		for v := range r.Views {
			// A picture that is turned is resized in the other order, which rounds otherwise.
			if d := meanDifference(got.Views[v].Pixels, want.Views[v].Pixels); d > c.Tolerance+0.02 {
				t.Errorf("%s: view %d is %.2f levels from its pixels, want %g", c.Name, v, d, c.Tolerance)
			}
		}
	}
}

// jpegFile writes a picture of soft shapes.
func jpegFile(t testing.TB, path string, width, height int) {
	t.Helper()
	img := image.NewRGBA(image.Rect(0, 0, width, height))
	for i := range width * height {
		x, y := float64(i%width), float64(i/width)
		r, g, b := 100*math.Sin(x/40)*math.Cos(y/30), 60*math.Sin((x+2*y)/50), 90*math.Cos((x-y)/45)
		img.SetRGBA(i%width, i/width, color.RGBA{uint8(128 + r), uint8(128 + g), uint8(128 + b), 255})
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, &jpeg.Options{Quality: 92}); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, b.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
}

// A picture that the decoder makes smaller looks as one that is made smaller later. Of a crop, whose edges fall on whole pixels
// of the smaller picture, that is true but for half of such a pixel.
func TestShrinkingChangesLittle(t *testing.T) {
	path := filepath.Join(t.TempDir(), "large.jpg")
	jpegFile(t, path, 640, 480)
	for _, size := range []int{16, 24, 40} {
		whole := Augment{Size: size, Scale: [2]float64{1, 1}, Ratio: [2]float64{4. / 3, 4. / 3}}
		crop := Augment{Size: size, Scale: [2]float64{0.5, 1}, Ratio: [2]float64{0.7, 1.4}, Flip: 0.5}
		large := Augment{Size: 480, Scale: [2]float64{1, 1}} // nothing can be taken from it
		views := []View{{0, whole}, {0, crop}, {0, large}}
		recipe := Recipe{Cuts: 1, Frames: 1, Stride: 1, Interval: None, Views: views[:2]}
		with := one(t, Sample{Key: "k", Still: FileStill(path)}, recipe)
		recipe.Views = views
		without := one(t, Sample{Key: "k", Still: FileStill(path)}, recipe)
		for v, limit := range []float64{1.5, 6} {
			if d := meanDifference(with.Views[v].Pixels, without.Views[v].Pixels); d > limit || d == 0 {
				t.Errorf("size %d, view %d: %.2f levels, want more than 0 and at most %g", size, v, d, limit)
			}
		}
	}
}

// Every frame of a clip is the picture; what is drawn for each frame is drawn anew.
func TestAPictureFillsAllFrames(t *testing.T) {
	path := filepath.Join(t.TempDir(), "p.jpg")
	jpegFile(t, path, 60, 40)
	for _, perFrame := range []bool{false, true} {
		a := Contrastive(24)
		a.PerFrame = perFrame
		v := one(t, Sample{Key: "k", Still: FileStill(path)}, Pair(3, 2, a)).Views[1]
		n := len(v.Pixels) / 3
		if equal := bytes.Equal(v.Pixels[:n], v.Pixels[n:2*n]); equal == perFrame {
			t.Errorf("per frame %v: frames are equal: %v", perFrame, equal)
		}
	}
}

func TestImageFolder(t *testing.T) {
	root := tree(t, map[string]string{"dog/notes.txt": "woof", "cat/film.mp4": mp4Head, "cat/liar.jpg": "text", "cat/zero.png": "",
		".hidden.png": pngHead, "dog/photo.heic": "\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1"})
	for _, name := range []string{"dog/b10.jpg", "dog/b9.jpg", "cat/deep/a.jpeg", "loose.jpg", "cat/noext"} {
		jpegFile(t, filepath.Join(root, name), 20, 16)
	}
	gif, err := os.ReadFile(filepath.Join(stillsDir, "moving.gif"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(root, "cat/m.gif"), gif, 0o644); err != nil {
		t.Fatal(err)
	}
	s := open(t, "imagefolder", root, SourceOptions{})
	same(t, "samples", keys(s), []string{"cat/deep/a.jpeg=cat", "cat/m.gif=cat", "cat/noext=cat", "dog/b9.jpg=dog", "dog/b10.jpg=dog",
		"loose.jpg=-"})
	got := reasons(s)
	for path, want := range map[string]string{"dog/notes.txt": "text", "cat/film.mp4": "video",
		"cat/liar.jpg": "named like a picture, but holds text", "cat/zero.png": "empty file", ".hidden.png": "hidden",
		"dog/photo.heic": "picture of a format that is not read"} {
		if !strings.HasPrefix(got[path], want) {
			t.Errorf("%s: left out as %q, want %q", path, got[path], want)
		}
	}
	if _, _, samples := epoch(t, LoaderConfig{Source: s, Recipe: Plain(1, 1, 1, 16), Batch: 4, Workers: 2}); len(samples) != s.Len() {
		t.Errorf("%d of %d pictures were read", len(samples), s.Len())
	}
	// The same tree as a folder is its videos; without them, its pictures.
	same(t, "with videos", keys(open(t, "folder", root, SourceOptions{})), []string{"cat/film.mp4=cat", "cat/m.gif=cat"})
	dogs := open(t, "folder", root, SourceOptions{Split: "dog"})
	same(t, "without videos", keys(dogs), []string{"b9.jpg=-", "b10.jpg=-"})
	if dogs.Sample(0).Still == nil {
		t.Error("a picture of a folder is no still")
	}
	cats := open(t, "imagefolder", root, SourceOptions{Split: "cat"})
	same(t, "a split", keys(cats), []string{"deep/a.jpeg=deep", "m.gif=-", "noext=-"})
	if _, err := OpenSource("imagefolder", root, SourceOptions{Split: "../x"}); err == nil {
		t.Error("a split outside the root was accepted")
	}
}

// A list may mix videos and pictures; a picture that cannot be decoded is reported.
func TestListOfPicturesAndVideos(t *testing.T) {
	root := tree(t, map[string]string{"list.csv": "image,label\na.jpg,x\nv.mp4,y\nbroken.png,x\n", "broken.png": pngHead})
	jpegFile(t, filepath.Join(root, "a.jpg"), 20, 16)
	video{frames: 10, w: 32, h: 32, rate: 10}.write(t, filepath.Join(root, "v.mp4"))
	s := open(t, "list", root, SourceOptions{})
	same(t, "samples", keys(s), []string{"a.jpg=x", "v.mp4=y", "broken.png=x"})
	_, skipped, samples := epoch(t, LoaderConfig{Source: s, Recipe: Plain(1, 4, 1, 16), Batch: 1, Workers: 2, IndexDir: "-"})
	if len(samples) != 2 || len(skipped) != 1 || !strings.Contains(skipped[0].Reason, "PNG: the file is cut off") {
		t.Errorf("%d samples, skipped %v", len(samples), skipped)
	}
}

// The decoders of a loader's workers go with it.
func TestPictureDecodersAreClosed(t *testing.T) {
	if testing.Short() {
		t.Skip("short: starts hundreds of loaders")
	}
	path := filepath.Join(t.TempDir(), "p.jpg")
	jpegFile(t, path, 600, 400)
	samples := make([]Sample, 8)
	for i := range samples {
		samples[i] = Sample{Path: path, Still: FileStill(path)}
	}
	before := 0
	for i := range 120 {
		if i == 40 {
			before = resident(t)
		}
		epoch(t, LoaderConfig{Source: NewSet("test", samples, nil, nil), Recipe: Plain(1, 1, 1, 16), Batch: 4, Workers: 4})
	}
	if grown := resident(t) - before; grown > 16<<10 {
		t.Errorf("%d KiB more after 80 loaders", grown)
	}
}

// BenchmarkPictures reads pictures, two views each with the colours of SimCLR, in two workers.
func BenchmarkPictures(b *testing.B) {
	for _, kind := range []struct{ w, h, size int }{{32, 32, 32}, {500, 375, 224}} {
		path := filepath.Join(b.TempDir(), "p.jpg")
		jpegFile(b, path, kind.w, kind.h)
		samples := make([]Sample, 4096)
		for i := range samples {
			samples[i] = Sample{Path: path, Still: FileStill(path)}
		}
		a := Augment{Size: kind.size, Scale: [2]float64{0.2, 1}, Ratio: [2]float64{0.75, 1.33}, Flip: 0.5, Grey: 0.2}
		a.Jitter = Jitter{P: 0.8, Brightness: 0.4, Contrast: 0.4, Saturation: 0.4, Hue: 0.1}
		cfg := LoaderConfig{Source: NewSet("bench", samples, nil, nil), Batch: 64, Workers: 2,
			Recipe: Recipe{Cuts: 1, Frames: 1, Stride: 1, Interval: None, Views: []View{{0, a}, {0, a}}}}
		b.Run(fmt.Sprintf("%dx%d", kind.w, kind.h), func(b *testing.B) {
			read, cpu := 0, cpuTime(b)
			l := NewLoader(context.Background(), cfg)
			for b.Loop() {
				batch, err := l.Next()
				if errors.Is(err, io.EOF) {
					l.Close()
					read += l.Stats().Samples
					l = NewLoader(context.Background(), cfg)
					batch, err = l.Next()
				}
				if err != nil {
					b.Fatal(err)
				}
				batch.Release()
			}
			l.Close()
			read += l.Stats().Samples
			b.ReportMetric((cpuTime(b)-cpu).Seconds()*float64(time.Second/time.Microsecond)/float64(read), "cpu-us/picture")
			b.Logf("\n%v", l.Stats())
		})
	}
}
