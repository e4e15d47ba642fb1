package decode

import (
	"errors"
	"testing"
	"time"
)

func TestFramesAt(t *testing.T) {
	v := open(t, writeVideo(t, WriteOptions{Width: 64, Height: 48, Rate: 10, GOP: 6}, 20))
	var got []int
	times := []time.Duration{-time.Second, 0, 50 * time.Millisecond, 100 * time.Millisecond, 1199 * time.Millisecond, time.Hour}
	err := v.FramesAt(t.Context(), times, func(k int, f *Frame) error {
		got = append(got, f.Index)
		if f.Time != time.Duration(f.Index)*100*time.Millisecond {
			t.Errorf("frame %d says it is shown at %v", f.Index, f.Time)
		}
		return nil
	})
	if want := []int{0, 0, 0, 1, 11, 19}; err != nil || !equal(got, want) {
		t.Errorf("frames %v, %v; want %v", got, err, want)
	}
}

func equal(a, b []int) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}

func TestFramesRefusesWhatIsNotThere(t *testing.T) {
	v := open(t, writeVideo(t, WriteOptions{Width: 64, Height: 48, Rate: 10}, 5))
	for _, want := range [][]int{{5}, {-1}, {3, 2}} {
		if err := v.Frames(t.Context(), want, func(int, *Frame) error { return nil }); !errors.Is(err, ErrRange) {
			t.Errorf("%v: %v", want, err)
		}
	}
	own := errors.New("own")
	if err := v.Frames(t.Context(), []int{0, 1}, func(int, *Frame) error { return own }); err != own { //nolint:errorlint // as it is
		t.Errorf("the callback's error comes back as %v", err)
	}
	if err := v.Frames(t.Context(), nil, nil); err != nil {
		t.Errorf("nothing wanted: %v", err)
	}
}

// The listing from a time on is a part of the listing of all.
func TestFrameMD5Seek(t *testing.T) {
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	path := writeVideo(t, WriteOptions{Width: 64, Height: 48, Rate: 10, GOP: 6}, 20)
	list := func(seek *time.Duration, count int) (rows []row, first int) {
		first = -1
		err := FrameMD5(t.Context(), path, seek, count, func(i int, pts int64, md5 string) error {
			if first < 0 {
				first = i
			}
			rows = append(rows, row{pts, md5})
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		return rows, first
	}
	all, _ := list(nil, 0)
	for at, want := range map[time.Duration]int{0: 0, 149 * time.Millisecond: 1, 151 * time.Millisecond: 2, 1900 * time.Millisecond: 19, -time.Second: 0} {
		rows, first := list(&at, 3)
		if first != want || len(rows) != min(3, 20-want) || rows[0] != all[want] || rows[len(rows)-1] != all[want+len(rows)-1] {
			t.Errorf("from %v: %d lines from frame %d on, want frame %d", at, len(rows), first, want)
		}
	}
	late := time.Hour
	if rows, _ := list(&late, 0); len(rows) != 0 {
		t.Errorf("%d lines after the end", len(rows))
	}
}

// More threads give the same frames.
func TestThreads(t *testing.T) {
	path := writeVideo(t, WriteOptions{Width: 96, Height: 64, Rate: 25, GOP: 20}, 60)
	want := md5s(t, open(t, path), span(5, 60, 3))
	v, err := Open(t.Context(), path, Options{IndexDir: "-", Threads: 3})
	if err != nil {
		t.Fatal(err)
	}
	defer v.Close()
	for k, sum := range md5s(t, v, span(5, 60, 3)) {
		if sum != want[k] {
			t.Errorf("entry %d differs", k)
		}
	}
}
