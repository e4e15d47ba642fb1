package decode

import (
	"os"
	"path/filepath"
	"reflect"
	"testing"
	"time"
)

func TestIndexOfAVideo(t *testing.T) {
	v := open(t, writeVideo(t, WriteOptions{Width: 64, Height: 48, Rate: 25, GOP: 10}, 35))
	x, err := v.Index(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if x.Frames() != 35 || x.KeyFrames() != 4 || !x.Key(10) || x.Key(11) {
		t.Errorf("%d frames, %d key frames", x.Frames(), x.KeyFrames())
	}
	if got := x.Duration(); got != 1400*time.Millisecond {
		t.Errorf("lasts %v", got)
	}
	for i := range x.Frames() {
		at := x.Time(i)
		if at != time.Duration(i)*40*time.Millisecond {
			t.Errorf("frame %d at %v", i, at)
		}
		if got := x.At(at); got != i {
			t.Errorf("frame %d is shown at %v, where frame %d starts", got, at, i)
		}
		if got := x.At(at + 39*time.Millisecond); got != i {
			t.Errorf("frame %d is shown 39 ms after frame %d starts", got, i)
		}
	}
	if x.At(-time.Hour) != 0 || x.At(time.Hour) != 34 {
		t.Errorf("before the video frame %d, after it frame %d", x.At(-time.Hour), x.At(time.Hour))
	}
}

func TestIndexSurvivesTheDisk(t *testing.T) {
	v := open(t, writeVideo(t, WriteOptions{Width: 64, Height: 48, Rate: 25, GOP: 10}, 30))
	x, err := v.Index(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	listed := *x // as one whose frames had to be listed by decoding
	listed.plain = false
	for _, want := range []*Index{x, &listed} {
		data := marshalIndex(want)
		got, err := unmarshalIndex(data)
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("read %+v, wrote %+v", got, want)
		}
		for i := range data {
			data[i] ^= 0x10
			if _, err := unmarshalIndex(data); err == nil {
				t.Fatalf("byte %d changed, and the file was taken", i)
			}
			data[i] ^= 0x10
			if _, err := unmarshalIndex(data[:i]); err == nil {
				t.Fatalf("cut to %d bytes, and the file was taken", i)
			}
		}
	}
}

// A stored index is used, a broken one is made again, and none is taken for another state of the file.
func TestIndexFolder(t *testing.T) {
	path, dir := writeVideo(t, WriteOptions{Width: 64, Height: 48, Rate: 25}, 12), t.TempDir()
	key, err := keyOf(path)
	if err != nil {
		t.Fatal(err)
	}
	frames := func() int {
		v, err := Open(t.Context(), path, Options{IndexDir: dir})
		if err != nil {
			t.Fatal(err)
		}
		defer v.Close()
		return len(md5s(t, v, span(0, 12, 1)))
	}
	forget := func() { indexCache = newMemory(indexCache.room) }
	for _, state := range []string{"none", "stored", "broken"} {
		forget()
		if state == "broken" {
			if err := os.WriteFile(indexPath(dir, key), []byte("vsslidx, but no index"), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		if n := frames(); n != 12 {
			t.Errorf("index %s: %d frames", state, n)
		}
		if names, _ := filepath.Glob(filepath.Join(dir, "*")); len(names) != 1 {
			t.Errorf("index %s: the folder holds %v", state, names)
		}
		forget()
		if loadIndex(dir, key) == nil {
			t.Errorf("index %s: nothing is stored afterwards", state)
		}
	}
	other := key
	other.mtime++
	if loadIndex(dir, other) != nil {
		t.Error("an index was taken for a file that changed")
	}
}

func TestMemoryForgetsTheOldest(t *testing.T) {
	m := newMemory(3 * 2100)
	keys := []fileKey{{"a", 1, 1}, {"b", 1, 1}, {"c", 1, 1}, {"d", 1, 1}}
	for _, k := range keys[:3] {
		m.put("", k, &Index{})
	}
	m.get("", keys[0])
	m.put("", keys[3], &Index{})
	for i, want := range []bool{true, false, true, true} {
		if got := m.get("", keys[i]) != nil; got != want {
			t.Errorf("%s is held: %v", keys[i].path, got)
		}
	}
}

func FuzzIndexFile(f *testing.F) {
	f.Add(marshalIndex(&Index{info: Info{Streams: make([]StreamInfo, 1)}, packets: make([]packet, 3), frames: make([]frameEntry, 2)}))
	f.Fuzz(func(t *testing.T, data []byte) {
		x, err := unmarshalIndex(fixSum(data))
		if err != nil {
			return
		}
		for i := range x.Frames() {
			x.start(i)
		}
		x.Duration()
	})
}
