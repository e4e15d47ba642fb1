package decode

import (
	"sync"
	"testing"
)

// Several Videos of one file, sharing its index, give the same frames at once as one alone.
func TestManyAtOnce(t *testing.T) {
	path, dir := writeVideo(t, WriteOptions{Width: 64, Height: 48, Rate: 25, GOP: 10}, 60), t.TempDir()
	want := md5s(t, open(t, path), span(0, 60, 1))
	var group sync.WaitGroup
	for g := range 4 {
		group.Go(func() {
			for from := g; from < 40; from += 5 {
				v, err := Open(t.Context(), path, Options{IndexDir: dir})
				if err != nil {
					t.Error(err)
					return
				}
				err = v.Frames(t.Context(), span(from, from+20, 2), func(_ int, f *Frame) error {
					if f.MD5() != want[f.Index] {
						t.Errorf("frame %d differs", f.Index)
					}
					return nil
				})
				if err != nil {
					t.Error(err)
				}
				v.Close()
			}
		})
	}
	group.Wait()
}
