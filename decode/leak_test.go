package decode

import (
	"bytes"
	"fmt"
	"os"
	"testing"
	"time"
)

// resident is the memory of the process that is in use, in bytes.
func resident(t *testing.T) int64 {
	t.Helper()
	data, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		t.Skipf("no /proc/self/statm to measure with: %v", err)
	}
	var size, pages int64
	if _, err := fmt.Fscan(bytes.NewReader(data), &size, &pages); err != nil {
		t.Fatal(err)
	}
	return pages * int64(os.Getpagesize())
}

// Memory is what it was, however often files are opened, read, found broken, and closed.
func TestMemoryStaysFlat(t *testing.T) {
	if testing.Short() {
		t.Skip("2000 openings take seconds")
	}
	good := writeVideo(t, WriteOptions{Width: 64, Height: 48, Rate: 25, GOP: 10, SampleRate: 16000}, 40)
	data, err := os.ReadFile(good)
	if err != nil {
		t.Fatal(err)
	}
	cut := t.TempDir() + "/cut.mp4"
	if err := os.WriteFile(cut, data[:len(data)/2], 0o644); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	var before int64
	for i := range 2000 {
		if i == 200 {
			before = resident(t)
		}
		if v, err := Open(t.Context(), cut, Options{IndexDir: "-"}); err == nil {
			t.Fatal("a file without its table was opened")
		} else if v != nil {
			t.Fatal("an error comes with a Video")
		}
		v, err := Open(t.Context(), good, Options{IndexDir: dir})
		if err != nil {
			t.Fatal(err)
		}
		from := i % 30
		err = v.Frames(t.Context(), span(from, from+10, 2), func(_ int, f *Frame) error { f.RGB(nil, f.Bounds()); return nil })
		if err != nil {
			t.Fatal(err)
		}
		if _, err := v.Sound(t.Context(), time.Duration(from)*40*time.Millisecond, 200*time.Millisecond, 8000, 1); err != nil {
			t.Fatal(err)
		}
		v.Close()
	}
	if grown := resident(t) - before; grown > 8<<20 {
		t.Errorf("%d KiB more after 1800 openings", grown>>10)
	}
}
