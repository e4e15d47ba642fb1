package decode

import (
	"context"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

// fixSum gives fuzzed bytes a checksum that holds, so that what is behind it is reached.
func fixSum(data []byte) []byte {
	if len(data) < 4 {
		return data
	}
	n := len(data) - 4
	return binary.LittleEndian.AppendUint32(append([]byte{}, data[:n]...), crc32.ChecksumIEEE(data[:n]))
}

// What is no video is refused with an error that says what it is, at once.
func TestOpenRefuses(t *testing.T) {
	dir := t.TempDir()
	file := func(name, content string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
		return path
	}
	pipe := filepath.Join(dir, "pipe.mp4")
	if err := syscall.Mkfifo(pipe, 0o644); err != nil {
		t.Fatal(err)
	}
	small := writeVideo(t, WriteOptions{Width: 64, Height: 48, Rate: 25}, 3)
	for _, c := range []struct {
		name, path string
		opts       Options
		want       error
	}{
		{"missing", filepath.Join(dir, "nothing.mp4"), Options{}, fs.ErrNotExist},
		{"folder", dir, Options{}, ErrNotFile},
		{"pipe without a writer", pipe, Options{}, ErrNotFile},
		{"device without an end", "/dev/zero", Options{}, ErrNotFile},
		{"empty", file("empty.mp4", ""), Options{}, ErrNotVideo},
		{"text", file("text.mp4", "this is no video, whatever its name says\n"), Options{}, ErrNotVideo},
		{"playlist", file("list.m3u8", "#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\n"+small+"\n"), Options{}, ErrNotVideo},
		{"script of files", file("list.ffconcat", "ffconcat version 1.0\nfile '"+small+"'\n"), Options{}, ErrNotVideo},
		{"too large", small, Options{MaxPixels: 1000}, ErrTooLarge},
	} {
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		c.opts.IndexDir = "-"
		v, err := Open(ctx, c.path, c.opts)
		if err == nil {
			v.Close()
			t.Errorf("%s: opened", c.name)
		} else if !errors.Is(err, c.want) || ctx.Err() != nil {
			t.Errorf("%s: %v, want %v", c.name, err, c.want)
		}
		cancel()
	}
}

// A context that ends interrupts whatever is going on, and the Video can be used again with another.
func TestContextEnds(t *testing.T) {
	path := writeVideo(t, WriteOptions{Width: 64, Height: 48, Rate: 25}, 50)
	over, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Open(over, path, Options{IndexDir: "-"}); !errors.Is(err, context.Canceled) {
		t.Errorf("Open: %v", err)
	}
	v := open(t, path)
	if _, err := v.Index(over); !errors.Is(err, context.Canceled) {
		t.Errorf("Index: %v", err)
	}
	if err := v.Frames(over, []int{1}, func(int, *Frame) error { return nil }); !errors.Is(err, context.Canceled) {
		t.Errorf("Frames: %v", err)
	}
	between, cancel := context.WithTimeout(t.Context(), time.Hour)
	n := 0
	err := v.Frames(between, span(0, 50, 1), func(int, *Frame) error {
		if n++; n == 3 {
			cancel()
		}
		return nil
	})
	if !errors.Is(err, context.Canceled) || n > 10 {
		t.Errorf("cancelled at the third frame: %d frames, %v", n, err)
	}
	if got := len(md5s(t, v, span(0, 50, 1))); got != 50 {
		t.Errorf("%d frames afterwards", got)
	}
}

func TestUseAfterClose(t *testing.T) {
	v, err := Open(t.Context(), writeVideo(t, WriteOptions{Width: 64, Height: 48, Rate: 25}, 3), Options{IndexDir: "-"})
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := v.Close(); err != nil {
			t.Error(err)
		}
	}
	if _, err := v.Index(t.Context()); !errors.Is(err, ErrClosed) {
		t.Errorf("Index: %v", err)
	}
	if err := v.Frames(t.Context(), []int{0}, nil); !errors.Is(err, ErrClosed) {
		t.Errorf("Frames: %v", err)
	}
	if _, err := v.Sound(t.Context(), 0, time.Second, 8000, 1); !errors.Is(err, ErrClosed) {
		t.Errorf("Sound: %v", err)
	}
}

// A file that is cut anywhere, or has bytes changed anywhere, is used as far as it goes: every frame of its index comes
// out, or the error says that none does.
func TestDamagedFiles(t *testing.T) {
	whole, err := os.ReadFile(writeVideo(t, WriteOptions{Width: 64, Height: 48, Rate: 25, GOP: 8, SampleRate: 16000}, 40))
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "damaged.mp4")
	use := func(data []byte) {
		if err := os.WriteFile(path, data, 0o644); err != nil {
			t.Fatal(err)
		}
		useAll(t, path)
	}
	for i := range 40 {
		use(whole[:len(whole)*i/40])
		noisy := append([]byte{}, whole...)
		for k := i * 7; k < len(noisy); k += 501 {
			noisy[k] ^= byte(1 << (k % 8))
		}
		use(noisy)
	}
}

// useAll opens a file and reads all of it, and requires that nothing but the documented errors comes up.
func useAll(t *testing.T, path string) {
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	v, err := Open(ctx, path, Options{IndexDir: "-", MaxPixels: 1 << 20})
	if err != nil {
		return
	}
	defer v.Close()
	x, err := v.Index(ctx)
	if err != nil {
		return
	}
	n := 0
	err = v.Frames(ctx, span(0, x.Frames(), 1), func(_ int, f *Frame) error {
		n++
		f.Planes()
		f.RGB(nil, f.Bounds())
		return nil
	})
	if err == nil && n != x.Frames() || err != nil && !errors.Is(err, ErrNoFrames) && !errors.Is(err, ErrNoDecoder) && !errors.Is(err, errDesync) {
		t.Errorf("%d of %d frames, %v", n, x.Frames(), err)
	}
	if _, err := v.Sound(ctx, 0, time.Second, 8000, 1); err != nil && ctx.Err() != nil {
		t.Errorf("sound: %v", err)
	}
}

// A frame that does not decode is replaced by the last one before it that does.
func TestLostFrameIsReplaced(t *testing.T) {
	path := writeVideo(t, WriteOptions{Width: 64, Height: 48, Rate: 25, GOP: 40, BFrames: -1}, 30)
	v := open(t, path)
	x, err := v.Index(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	p := x.packets[x.frames[12].packet]
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	clear(data[p.pos : p.pos+int64(p.size)])
	broken := filepath.Join(t.TempDir(), "broken.mp4")
	if err := os.WriteFile(broken, data, 0o644); err != nil {
		t.Fatal(err)
	}
	b := open(t, broken)
	for range 2 { // the second time it is known to be lost
		var got []int
		err = b.Frames(t.Context(), []int{10, 12, 12, 14}, func(_ int, f *Frame) error {
			got = append(got, f.Index)
			return nil
		})
		if err != nil || len(got) != 4 || got[0] != 10 || got[1] != 11 || got[2] != 11 || got[3] != 14 {
			t.Errorf("frames %v, %v; want 10 11 11 14", got, err)
		}
	}
	info, err := Probe(t.Context(), broken, ProbeOptions{IndexDir: "-", Decode: true})
	if err != nil || info.Found.Decoded != 29 || info.Found.Frames != 30 || len(info.Found.Notes) == 0 {
		t.Errorf("probe: %+v, %v", info.Found, err)
	}
}

func FuzzFrames(f *testing.F) {
	for _, o := range []WriteOptions{{Width: 16, Height: 16, Rate: 25, GOP: 4}, {Width: 32, Height: 16, Rate: 10, SampleRate: 8000}} {
		data, err := os.ReadFile(writeVideo(f, o, 8))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		path := filepath.Join(t.TempDir(), "fuzz")
		if err := os.WriteFile(path, data, 0o644); err != nil {
			t.Fatal(err)
		}
		useAll(t, path)
	})
}
