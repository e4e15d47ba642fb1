package decode

import (
	"bufio"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// sharedDir is the folder of reference media, when there is one: media below data/, and beside them framemd5/ with what
// FFmpeg's command line says of them, under the same paths.
func sharedDir(t testing.TB) string {
	dir := os.Getenv("VSSL_SHARED")
	if dir == "" {
		t.Skip("VSSL_SHARED not set: no reference media")
	}
	return filepath.Join(dir, "data")
}

// row is a line of a framemd5 file.
type row struct {
	pts int64
	md5 string
}

// readRows returns the lines of a framemd5 file and the time base of pts in seconds.
func readRows(t testing.TB, path string) (rows []row, tb Rational) {
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for sc := bufio.NewScanner(f); sc.Scan(); {
		line := sc.Text()
		fmt.Sscanf(line, "#tb 0: %d/%d", &tb.Num, &tb.Den)
		if strings.HasPrefix(line, "#") {
			continue
		}
		cols := strings.Split(line, ",")
		var r row
		fmt.Sscan(cols[2], &r.pts)
		r.md5 = strings.TrimSpace(cols[5])
		rows = append(rows, r)
	}
	return rows, tb
}

// eachShared runs a subtest for every reference file.
func eachShared(t *testing.T, test func(t *testing.T, path string, rows []row, tb Rational)) {
	dir := sharedDir(t)
	t.Setenv("XDG_CACHE_HOME", t.TempDir()) // no index of another version of this code
	lists := filepath.Join(dir, "framemd5")
	err := filepath.WalkDir(lists, func(p string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		rel, err := filepath.Rel(lists, strings.TrimSuffix(p, ".framemd5"))
		if err != nil {
			return err
		}
		t.Run(rel, func(t *testing.T) {
			rows, tb := readRows(t, p)
			test(t, filepath.Join(dir, rel), rows, tb)
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

var errStop = errors.New("enough")

// compare lists a file from a time on and compares the lines with the reference.
func compare(t *testing.T, path string, seek *time.Duration, count int, want []row) {
	t.Helper()
	n := 0
	err := FrameMD5(t.Context(), path, seek, count, func(_ int, pts int64, md5 string) error {
		if n >= len(want) {
			t.Errorf("more lines than the %d of the reference", len(want))
			return errStop
		}
		if got := (row{pts, md5}); got != want[n] {
			t.Errorf("line %d: got %v, want %v", n, got, want[n])
			return errStop
		}
		n++
		return nil
	})
	if errors.Is(err, errStop) {
		return
	}
	if err != nil || n != len(want) {
		t.Errorf("%d lines, want %d; error %v", n, len(want), err)
	}
}

// From the start, every line is the one that FFmpeg's framemd5 prints.
func TestSharedFromStart(t *testing.T) {
	eachShared(t, func(t *testing.T, path string, rows []row, _ Rational) { compare(t, path, nil, 0, rows) })
}

// After a seek the first line is the first frame at or after the time, and the following ones are those of the reference.
func TestSharedSeek(t *testing.T) {
	eachShared(t, func(t *testing.T, path string, rows []row, tb Rational) {
		rng := rand.New(rand.NewPCG(3, uint64(len(rows))))
		first, last := rows[0].pts, rows[len(rows)-1].pts
		for range 8 {
			ticks := float64(first) + rng.Float64()*float64(last-first)
			if rng.IntN(2) == 0 {
				ticks = float64(rows[rng.IntN(len(rows))].pts)
			}
			at := time.Duration(ticks * tb.Float() * 1e9)
			from := 0
			for target := rescale(int64(at), nanoseconds, tb); rows[from].pts < target; {
				from++
			}
			want := rows[from:min(from+5, len(rows))]
			compare(t, path, &at, 5, want)
			if t.Failed() {
				t.Fatalf("after a seek to %v, frame %d", at, from)
			}
		}
	})
}

// Frames gives the frame of the index, whatever else is wanted.
func TestSharedFrames(t *testing.T) {
	eachShared(t, func(t *testing.T, path string, rows []row, _ Rational) {
		if strings.Contains(path, "/odd/") {
			t.Skip("a damaged file: frames that do not decode are replaced here, and left out in the reference")
		}
		v := open(t, path)
		x, err := v.Index(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if x.Frames() != len(rows) {
			t.Fatalf("%d frames in the index, %d in the reference", x.Frames(), len(rows))
		}
		rng := rand.New(rand.NewPCG(4, uint64(len(rows))))
		for range 4 {
			stride := 1 + rng.IntN(4)
			from := rng.IntN(len(rows))
			want := span(from, min(from+16*stride, len(rows)), stride)
			for k, sum := range md5s(t, v, want) {
				if sum != "" && sum != rows[want[k]].md5 {
					t.Fatalf("frame %d of %d..%d by %d differs", want[k], from, want[len(want)-1], stride)
				}
			}
		}
	})
}
