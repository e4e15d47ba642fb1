package clips

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// digest is all that a batch says, pixels and sound included.
func digest(b *Batch) string {
	h := sha256.New()
	for _, v := range b.Views {
		h.Write(v.Pixels)
	}
	for _, s := range b.Sound {
		if err := binary.Write(h, binary.LittleEndian, s.Samples); err != nil {
			panic(err)
		}
		fmt.Fprint(h, s.Present)
	}
	return fmt.Sprint(hex.EncodeToString(h.Sum(nil)[:8]), b.Labels, b.Index, b.Keys, b.Epoch, b.Position, b.Skipped)
}

// epoch reads all batches, releases each, and returns their digests and all skips.
func epoch(t *testing.T, cfg LoaderConfig) (digests []string, skipped []Skip, samples []int) {
	t.Helper()
	l := NewLoader(context.Background(), cfg)
	defer l.Close()
	for {
		b, err := l.Next()
		if errors.Is(err, io.EOF) {
			return digests, append(skipped, l.Skipped()...), samples
		}
		if err != nil {
			t.Fatal(err)
		}
		digests = append(digests, digest(b))
		skipped = append(skipped, b.Skipped...)
		samples = append(samples, b.Index...)
		b.Release()
	}
}

func config(t *testing.T, s Source) LoaderConfig {
	return LoaderConfig{Source: s, Recipe: smallRecipe(), Batch: 3, Seed: 7, Shuffle: true, Workers: 2, IndexDir: t.TempDir()}
}

func TestBatchesDoNotDependOnWorkers(t *testing.T) {
	cfg := config(t, videoSource(t, 8))
	want, skipped, samples := epoch(t, cfg)
	if len(want) != 3 || len(samples) != 8 || len(skipped) != 2 {
		t.Fatalf("%d batches of %d samples, %d skipped; want 3 of 8, 2", len(want), len(samples), len(skipped))
	}
	for _, workers := range []int{1, 4} {
		cfg.Workers = workers
		got, again, _ := epoch(t, cfg)
		same(t, fmt.Sprintf("batches with %d workers", workers), got, want)
		if !slices.Equal(again, skipped) {
			t.Errorf("skipped with %d workers: %v, want %v", workers, again, skipped)
		}
	}
	cfg.Epoch = 1
	if other, _, _ := epoch(t, cfg); slices.Equal(other, want) {
		t.Error("the next epoch gave the same batches")
	}
}

func TestResumeInTheMiddle(t *testing.T) {
	cfg := config(t, videoSource(t, 8))
	want, _, _ := epoch(t, cfg)
	l := NewLoader(context.Background(), cfg)
	defer l.Close()
	for i := range want {
		b, err := l.Next()
		if err != nil {
			t.Fatal(err)
		}
		rest := cfg
		rest.Position = b.Position
		got, _, _ := epoch(t, rest)
		same(t, fmt.Sprintf("behind batch %d", i), got, want[i+1:])
	}
	cfg.Position = 10000
	if got, _, _ := epoch(t, cfg); len(got) != 0 {
		t.Errorf("behind the end: %d batches", len(got))
	}
}

func TestDropLastAndOrder(t *testing.T) {
	cfg := config(t, videoSource(t, 4))
	cfg.DropLast, cfg.Shuffle = true, false
	_, skipped, samples := epoch(t, cfg)
	if want := []int{0, 2, 3}; !slices.Equal(samples, want) {
		t.Errorf("samples %v, want %v: in the order of the source, without those that fail and without a part of a batch", samples, want)
	}
	// The one behind the last batch is reported at the end.
	var paths []string
	for _, s := range skipped {
		paths = append(paths, s.Path)
		if s.Reason == "" || strings.Contains(s.Reason, "\n") || strings.HasPrefix(s.Reason, "/") {
			t.Errorf("%s: reason %q", s.Path, s.Reason)
		}
	}
	same(t, "skipped", paths, []string{"left/aa.mp4", "right/zz.mkv"})
}

func TestBrokenSamplesAreNotReadAgain(t *testing.T) {
	cfg := config(t, videoSource(t, 4))
	want, _, _ := epoch(t, cfg)
	cfg.Broken = map[int]string{1: "known", 5: "known"}
	got, skipped, _ := epoch(t, cfg)
	for i := range want { // all but the reports
		want[i], _, _ = strings.Cut(want[i], " [{")
		got[i], _, _ = strings.Cut(got[i], " []")
		if !strings.HasPrefix(got[i], strings.TrimSuffix(want[i], " []")) {
			t.Errorf("batch %d: got %s, want %s", i, got[i], want[i])
		}
	}
	if len(skipped) != 0 {
		t.Errorf("reported again: %v", skipped)
	}
}

func TestRanksShareAnEpoch(t *testing.T) {
	cfg := config(t, videoSource(t, 6)) // 8 entries
	cfg.World, cfg.Batch = 2, 1
	seen := map[int]int{}
	for rank := range cfg.World {
		cfg.Rank = rank
		_, _, samples := epoch(t, cfg)
		for _, s := range samples {
			seen[s]++
		}
	}
	if len(seen) != 6 {
		t.Errorf("two ranks saw %v, want each of 6 good samples once", seen)
	}
	for s, n := range seen {
		if n != 1 {
			t.Errorf("sample %d was seen %d times", s, n)
		}
	}
}

func TestTimeLimit(t *testing.T) {
	cfg := config(t, videoSource(t, 3))
	cfg.ClipTimeout = time.Nanosecond
	batches, skipped, _ := epoch(t, cfg)
	if len(batches) != 0 || len(skipped) != 5 || skipped[0].Reason != "took longer than 1ns" {
		t.Errorf("%d batches, skipped %v; want none, 5 for taking longer than 1ns", len(batches), skipped)
	}
}

func TestCloseInTheMiddle(t *testing.T) {
	cfg := config(t, videoSource(t, 6))
	cfg.Batch = 1
	for read := range 4 {
		l := NewLoader(context.Background(), cfg)
		for range read {
			if _, err := l.Next(); err != nil {
				t.Fatal(err)
			}
		}
		l.Close()
		l.Close()
		if _, err := l.Next(); err == nil && read == 0 {
			// A batch that was made before may still be handed out; then comes the error.
			_, err = l.Next()
			if !errors.Is(err, context.Canceled) {
				t.Errorf("after Close: %v, want context.Canceled", err)
			}
		}
		goleak.VerifyNone(t)
	}
	ctx, cancel := context.WithCancel(context.Background())
	l := NewLoader(ctx, cfg)
	defer l.Close()
	cancel()
	for range cfg.Source.Len() {
		if _, err := l.Next(); err != nil {
			if !errors.Is(err, context.Canceled) {
				t.Errorf("after cancelling: %v, want context.Canceled", err)
			}
			return
		}
	}
	t.Error("a cancelled loader went on to the end")
}

func TestConfigErrors(t *testing.T) {
	good := config(t, NewSet("test", []Sample{{Path: "nowhere"}}, nil, nil))
	for name, spoil := range map[string]func(*LoaderConfig){
		"source": func(c *LoaderConfig) { c.Source = nil }, "batch": func(c *LoaderConfig) { c.Batch = 0 }, "workers": func(c *LoaderConfig) { c.Workers = -1 },
		"rank": func(c *LoaderConfig) { c.Rank = 1 }, "position": func(c *LoaderConfig) { c.Position = -1 }, "recipe": func(c *LoaderConfig) { c.Recipe.Frames = 0 },
	} {
		cfg := good
		spoil(&cfg)
		l := NewLoader(context.Background(), cfg)
		if _, err := l.Next(); !errors.Is(err, ErrConfig) || !strings.Contains(err.Error(), name) {
			t.Errorf("spoilt %s: %v, want ErrConfig that names it", name, err)
		}
		l.Close()
	}
}
