package decode

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// sharedDir is the folder of reference media, when there is one.
func sharedDir(t testing.TB) string {
	dir := os.Getenv("VSSL_SHARED")
	if dir == "" {
		t.Skip("VSSL_SHARED not set: no reference media")
	}
	return filepath.Join(dir, "data")
}

type row struct {
	pts int64
	md5 string
}

func readRows(t testing.TB, path string) (rows []row) {
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for sc := bufio.NewScanner(f); sc.Scan(); {
		if strings.HasPrefix(sc.Text(), "#") {
			continue
		}
		cols := strings.Split(sc.Text(), ",")
		var r row
		fmt.Sscan(cols[2], &r.pts)
		r.md5 = strings.TrimSpace(cols[5])
		rows = append(rows, r)
	}
	return rows
}

func TestSharedFromStart(t *testing.T) {
	dir := sharedDir(t)
	filepath.Walk(filepath.Join(dir, "framemd5"), func(p string, st os.FileInfo, err error) error {
		if err != nil || st.IsDir() {
			return err
		}
		rel, _ := filepath.Rel(filepath.Join(dir, "framemd5"), strings.TrimSuffix(p, ".framemd5"))
		t.Run(rel, func(t *testing.T) {
			want := readRows(t, p)
			n := 0
			err := FrameMD5(t.Context(), filepath.Join(dir, rel), nil, 0, func(i int, pts int64, md5 string) error {
				if n < len(want) && (want[n] != row{pts, md5}) {
					t.Errorf("line %d: got %d %s, want %v", n, pts, md5, want[n])
					if t.Failed() {
						n = len(want)
						return fmt.Errorf("stop")
					}
				}
				n++
				return nil
			})
			if err != nil || n != len(want) {
				t.Errorf("%d lines, want %d, err %v", n, len(want), err)
			}
		})
		return nil
	})
}
