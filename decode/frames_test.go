package decode

import (
	"testing"
)

func open(t testing.TB, path string) *Video {
	t.Helper()
	v, err := Open(t.Context(), path, Options{IndexDir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { v.Close() })
	return v
}

// md5s decodes frames and returns their sums, "" for frames that are not of the size with which the stream begins.
func md5s(t testing.TB, v *Video, want []int) []string {
	t.Helper()
	out := make([]string, 0, len(want))
	err := v.Frames(t.Context(), want, func(k int, f *Frame) error {
		if k != len(out) || f.Index != want[k] {
			t.Errorf("call %d: entry %d, frame %d, want %d", len(out), k, f.Index, want[k])
		}
		sum := ""
		if st := v.Info().VideoStream(); f.Width == st.Width && f.Height == st.Height {
			sum = f.MD5()
		}
		out = append(out, sum)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func span(from, to, step int) (out []int) {
	for i := from; i < to; i += step {
		out = append(out, i)
	}
	return out
}

// Any frame is the same however it is reached.
func TestFramesBySeekEqualFramesInOrder(t *testing.T) {
	path := writeVideo(t, WriteOptions{Width: 96, Height: 64, Rate: 25, GOP: 20}, 130)
	v := open(t, path)
	all := md5s(t, v, span(0, 130, 1))
	for from := 129; from >= 0; from -= 7 {
		want := span(from, min(from+40, 130), 3)
		for k, sum := range md5s(t, v, want) {
			if sum != all[want[k]] {
				t.Errorf("frame %d from %d on differs from the one decoded in order", want[k], from)
			}
		}
	}
}
