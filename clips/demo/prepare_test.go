package demo

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"image"
	"math"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"vssl/clips"
	"vssl/decode"
)

// tiny is a set that is made in a moment: two clips of some classes, one of the others.
var tiny = Config{Clips: 12, Seed: 5, Width: 48, Height: 32, Seconds: 0.4}

func prepare(t *testing.T, dir string, c Config) {
	t.Helper()
	if err := Prepare(t.Context(), dir, c, nil); err != nil {
		t.Fatal(err)
	}
}

// contents are all files below dir by name, with what is in them.
func contents(t *testing.T, dir string) map[string]string {
	t.Helper()
	files := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		name, _ := filepath.Rel(dir, path)
		files[name] = string(data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func same(t *testing.T, got, want map[string]string) {
	t.Helper()
	for name := range want {
		if got[name] != want[name] {
			t.Errorf("%s is missing or differs", name)
		}
	}
	for name := range got {
		if _, ok := want[name]; !ok {
			t.Errorf("%s is too much", name)
		}
	}
}

// The files are what was rendered: frames, times and sound, in the codecs that were promised.
func TestFilesHoldWhatWasDrawn(t *testing.T) {
	dir := t.TempDir()
	c := Config{Clips: 4, Seed: 5, Seconds: 1}.withDefaults()
	prepare(t, dir, c)
	for i := range c.Clips {
		path := filepath.Join(dir, c.path(i))
		v, err := decode.Open(t.Context(), path, decode.Options{IndexDir: t.TempDir()})
		if err != nil {
			t.Fatal(err)
		}
		var want [][]uint8
		all := make([]int, c.frames())
		for k := range all {
			all[k] = k
		}
		want = render(c, i, all...)
		frames := 0
		err = v.Frames(t.Context(), all, func(k int, f *decode.Frame) error {
			frames++
			if loss := psnr(f.RGB(nil, image.Rect(0, 0, f.Width, f.Height)), want[k]); loss < 25 {
				t.Errorf("%s, frame %d: %.1f dB from what was drawn", path, k, loss)
			}
			return nil
		})
		if err != nil || frames != c.frames() {
			t.Errorf("%s: %d frames, %v; want %d", path, frames, err, c.frames())
		}
		sound, err := v.Sound(t.Context(), 0, time.Second, audioRate, 1)
		if err != nil {
			t.Fatal(err)
		}
		if r := loudness(sound, c.draw(i).sound()); r < 0.9 {
			t.Errorf("%s: loudness over time correlates with what was played by %.2f", path, r)
		}
		if err := v.Close(); err != nil {
			t.Error(err)
		}
	}
}

// psnr compares two pictures of bytes in dB.
func psnr(a, b []uint8) float64 {
	sum := 0.0
	for i := range a {
		d := float64(a[i]) - float64(b[i])
		sum += d * d
	}
	return 10 * math.Log10(255*255*float64(len(a))/(sum+1e-9))
}

// loudness correlates the loudness of two sounds over windows of 20 ms.
func loudness(a, b []float32) float64 {
	const window = audioRate / 50
	level := func(v []float32) (out []float64) {
		for part := range slices.Chunk(v[:len(v)/window*window], window) {
			power := 0.0
			for _, s := range part {
				power += float64(s) * float64(s)
			}
			out = append(out, math.Sqrt(power))
		}
		return out
	}
	n := min(len(a), len(b))
	return correlation(level(a[:n]), level(b[:n]))
}

func TestLabels(t *testing.T) {
	dir := t.TempDir()
	prepare(t, dir, tiny)
	rows, err := csv.NewReader(bytes.NewReader([]byte(contents(t, dir)[labelsFile]))).ReadAll()
	if err != nil || len(rows) != tiny.Clips+1 || !slices.Equal(rows[0], []string{"path", "label", "split"}) {
		t.Fatalf("%v: %v", err, rows)
	}
	if !slices.Equal(rows[1], []string{"slide/0000.mp4", "slide", "train"}) || !slices.Equal(rows[9], []string{"slide/0001.mp4", "slide", "test"}) {
		t.Errorf("rows %v and %v", rows[1], rows[9])
	}
	for _, row := range rows[1:] {
		if info, err := os.Stat(filepath.Join(dir, row[0])); err != nil || info.Size() == 0 {
			t.Errorf("%s: %v", row[0], err)
		}
	}
}

func TestSplitOfTheDefaultSet(t *testing.T) {
	c := Defaults()
	counts := map[string]int{}
	for i := range c.Clips {
		counts[classes[c.label(i)].name+" "+c.split(i)]++
	}
	for _, name := range Classes() {
		if counts[name+" train"] != 40 || counts[name+" test"] != 10 {
			t.Errorf("%s: %d to train and %d to test, want 40 and 10", name, counts[name+" train"], counts[name+" test"])
		}
	}
}

// The number of workers does not change the set, and a second call changes nothing.
func TestSameSetWhateverTheWorkers(t *testing.T) {
	one, three := t.TempDir(), t.TempDir()
	c := tiny
	c.Workers = 1
	prepare(t, one, c)
	c.Workers = 3
	prepare(t, three, c)
	want := contents(t, one)
	same(t, contents(t, three), want)

	label := filepath.Join(one, labelsFile)
	old := time.Now().Add(-time.Hour)
	if err := os.Chtimes(label, old, old); err != nil {
		t.Fatal(err)
	}
	if err := Prepare(t.Context(), one, c, func(int, int) { t.Error("a clip was made again") }); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(label); err != nil || time.Since(info.ModTime()) < time.Minute {
		t.Errorf("the list was written again: %v", err)
	}
}

// A set whose making was cancelled is completed by the next call, and is then as if nothing had happened.
func TestCancelledAndCompleted(t *testing.T) {
	dir, whole := t.TempDir(), t.TempDir()
	ctx, cancel := context.WithCancel(t.Context())
	made := 0
	err := Prepare(ctx, dir, tiny, func(done, total int) {
		if made = done; done == 3 {
			cancel()
		}
	})
	if !errors.Is(err, context.Canceled) || made >= tiny.Clips {
		t.Fatalf("error %v after %d clips", err, made)
	}
	if m, err := readMarker(dir); err != nil || m.Whole {
		t.Errorf("marker %+v, %v", m, err)
	}
	if err := os.WriteFile(filepath.Join(dir, partFolder, "7.mp4"), []byte("torn"), 0o644); err != nil {
		t.Fatal(err)
	}
	first := 0
	if err := Ensure(t.Context(), dir, func(done, _ int) {
		if first == 0 {
			first = done
		}
	}); err != nil {
		t.Fatal(err)
	}
	if first < 4 {
		t.Errorf("began with clip %d again", first)
	}
	prepare(t, whole, tiny)
	same(t, contents(t, dir), contents(t, whole))

	// a file that got lost is made again, and only that one
	if err := os.Remove(filepath.Join(dir, "orbit", "0000.mp4")); err != nil {
		t.Fatal(err)
	}
	calls := 0
	if err := Prepare(t.Context(), dir, tiny, func(int, int) { calls++ }); err != nil || calls != 1 {
		t.Errorf("made %d clips, %v; want 1", calls, err)
	}
	same(t, contents(t, dir), contents(t, whole))
}

// Two at once make one set: the second waits for the first and finds it done.
func TestTwoAtOnce(t *testing.T) {
	dir := t.TempDir()
	var both sync.WaitGroup
	var made [2]int
	for i := range made {
		both.Go(func() {
			if err := Prepare(t.Context(), dir, tiny, func(int, int) { made[i]++ }); err != nil {
				t.Error(err)
			}
		})
	}
	both.Wait()
	if made[0]+made[1] != tiny.Clips {
		t.Errorf("made %v clips, want %d in all", made, tiny.Clips)
	}
}

func TestRefusals(t *testing.T) {
	other, foreign := t.TempDir(), t.TempDir()
	prepare(t, other, tiny)
	c := tiny
	c.Seed++
	if err := Prepare(t.Context(), other, c, nil); !errors.Is(err, ErrOtherSet) {
		t.Errorf("another seed: %v", err)
	}
	if err := os.WriteFile(filepath.Join(foreign, "letter.txt"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := Prepare(t.Context(), foreign, tiny, nil); !errors.Is(err, ErrForeign) {
		t.Errorf("a foreign folder: %v", err)
	}
	if err := Prepare(t.Context(), filepath.Join(foreign, "letter.txt"), tiny, nil); err == nil {
		t.Error("a file in place of the folder: no error")
	}
	if err := Prepare(t.Context(), t.TempDir(), Config{Clips: -1, Width: 33, Seconds: math.NaN()}, nil); err == nil {
		t.Error("a configuration out of range: no error")
	}
}

func TestSource(t *testing.T) {
	dir := t.TempDir()
	prepare(t, dir, tiny)
	sizes := map[string]int{"": 12, "train": 8, "test": 4}
	for split, want := range sizes {
		s, err := clips.OpenSource("demo", dir, clips.SourceOptions{Split: split})
		if err != nil {
			t.Fatal(err)
		}
		if s.Len() != want || !slices.Equal(s.Classes(), Classes()) || s.Name() != "demo" {
			t.Errorf("split %q: %d samples of %v", split, s.Len(), s.Classes())
		}
		for i := range s.Len() {
			sample := s.Sample(i)
			if _, err := os.Stat(sample.Path); err != nil || filepath.Dir(sample.Key) != s.Classes()[sample.Label] {
				t.Errorf("%+v: %v", sample, err)
			}
		}
	}
	if _, err := clips.OpenSource("demo", dir, clips.SourceOptions{Split: "tset"}); err == nil {
		t.Error("an unknown split: no error")
	}
}

func BenchmarkPrepare(b *testing.B) {
	c := Config{Clips: 16}
	for b.Loop() {
		if err := Prepare(b.Context(), b.TempDir(), c, nil); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N*c.Clips)/b.Elapsed().Seconds(), "clips/s")
}
