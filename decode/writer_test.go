package decode

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"testing"
)

func TestWriterRefuses(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.mp4")
	for name, o := range map[string]WriteOptions{
		"odd width":      {Width: 33, Height: 32, Rate: 25},
		"no rate":        {Width: 32, Height: 32},
		"three channels": {Width: 32, Height: 32, Rate: 25, SampleRate: 8000, Channels: 3},
	} {
		if w, err := Create(path, o); err == nil {
			w.Close()
			t.Errorf("%s: created", name)
		}
	}
	if w, err := Create(filepath.Join(path, "below", "nothing.mp4"), WriteOptions{Width: 32, Height: 32, Rate: 25}); err == nil {
		w.Close()
		t.Error("a folder that is not there: created")
	}
	w, err := Create(path, WriteOptions{Width: 32, Height: 32, Rate: 25})
	if err != nil {
		t.Fatal(err)
	}
	mustPanic(t, "half a frame", func() { w.WriteFrame(make([]uint8, 32*16*3)) })           //nolint:errcheck // it panics
	mustPanic(t, "sound for a silent file", func() { w.WriteSound(make([]float32, 1024)) }) //nolint:errcheck // it panics
	if err := w.Close(); err != nil {
		t.Error(err)
	}
	if err := w.WriteFrame(make([]uint8, 32*32*3)); !errors.Is(err, ErrClosed) {
		t.Errorf("after Close: %v", err)
	}
}

func TestWriterReportsAFullDisk(t *testing.T) {
	w, err := Create("/dev/full", WriteOptions{Width: 32, Height: 32, Rate: 25})
	if err != nil {
		return // refused at once, which is as good
	}
	s := newScene(32, 32)
	for i := range 50 {
		if err = w.WriteFrame(s.draw(i)); err != nil {
			break
		}
	}
	if closing := w.Close(); closing == nil {
		t.Error("a full disk took a video")
	}
}

// The same frames make the same file.
func TestWriterRepeatsItself(t *testing.T) {
	o := WriteOptions{Width: 64, Height: 48, Rate: 25, SampleRate: 16000, Channels: 2}
	a, err := os.ReadFile(writeVideo(t, o, 30))
	if err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(writeVideo(t, o, 30))
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(a, b) {
		t.Error("two files of the same frames differ")
	}
}
