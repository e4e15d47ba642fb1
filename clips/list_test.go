package clips

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestListForms(t *testing.T) {
	root := tree(t, map[string]string{
		"v/a.mp4": mp4Head, "v/b b.mp4": mp4Head, "v/c.mp4": mp4Head,
		"blank.txt":  "# comment\nv/a.mp4 3\r\nv/b b.mp4 0\n\nv/c.mp4\n",
		"comma.csv":  "\xef\xbb\xbf\"v/a.mp4\",walk\nv/b b.mp4,\"sit, down\"\n",
		"tab.tsv":    "v/a.mp4\twalk\nv/b b.mp4\trun\n",
		"header.csv": "path,split,label,start,end\nv/a.mp4,train,walk,1.5,3\nv/c.mp4,test,run,,\n",
		"paths.txt":  "v/b b.mp4\nv/c.mp4\n",
	})
	for list, want := range map[string][]string{
		"blank.txt":  {"v/a.mp4=3", "v/b b.mp4=0", "v/c.mp4=-"},
		"comma.csv":  {"v/a.mp4=walk", "v/b b.mp4=sit, down"},
		"tab.tsv":    {"v/a.mp4=walk", "v/b b.mp4=run"},
		"header.csv": {"v/a.mp4#1.5-3=walk", "v/c.mp4=run"},
		"paths.txt":  {"v/b b.mp4=-", "v/c.mp4=-"},
	} {
		same(t, list, keys(open(t, "list", filepath.Join(root, list), SourceOptions{})), want)
	}
	s := open(t, "list", filepath.Join(root, "header.csv"), SourceOptions{Split: "train"})
	if got := s.Sample(0); s.Len() != 1 || got.Start != 1500*time.Millisecond || got.End != 3*time.Second {
		t.Errorf("span is %v to %v of %d samples, want 1.5s to 3s of 1", got.Start, got.End, s.Len())
	}
}

// Relative paths stay inside the folder; absolute ones are taken at their word.
func TestListEscapes(t *testing.T) {
	outside := tree(t, map[string]string{"secret.mp4": mp4Head, "meant.mp4": mp4Head})
	root := tree(t, map[string]string{"in.mp4": mp4Head, "pic.png": pngHead, "dir.mp4/x": ""})
	if err := os.Symlink(filepath.Join(outside, "secret.mp4"), filepath.Join(root, "link.mp4")); err != nil {
		t.Fatal(err)
	}
	up, err := filepath.Rel(root, filepath.Join(outside, "secret.mp4"))
	if err != nil {
		t.Fatal(err)
	}
	lines := []string{"in.mp4,a", up + ",a", "link.mp4,a", filepath.Join(outside, "meant.mp4") + ",a", "gone.mp4,a", "in.mp4,b", "pic.png,a", "dir.mp4,a"}
	list := filepath.Join(t.TempDir(), "l.csv")
	if err := os.WriteFile(list, []byte(strings.Join(lines, "\n")), 0o644); err != nil {
		t.Fatal(err)
	}
	s := open(t, "list", root, SourceOptions{List: list})
	same(t, "samples", keys(s), []string{"in.mp4=a", filepath.ToSlash(filepath.Join(outside, "meant.mp4")) + "=a", "pic.png=a"})
	for path, want := range map[string]string{up: "line 2: path leaves the folder", "link.mp4": "line 3: link that leaves", "gone.mp4": "line 5: no such file", "in.mp4": "line 6: listed twice", "dir.mp4": "line 8: not a regular file"} {
		if got := reasons(s)[path]; !strings.Contains(got, want) {
			t.Errorf("%s: left out as %q, want %q in it", path, got, want)
		}
	}
}

func TestListLabels(t *testing.T) {
	root := tree(t, map[string]string{"a.mp4": mp4Head, "b.mp4": mp4Head, "big.txt": "a.mp4 99999999999\n", "mixed.txt": "a.mp4 1\nb.mp4 one\n"})
	if _, err := OpenSource("list", filepath.Join(root, "big.txt"), SourceOptions{}); err == nil {
		t.Error("a label of a hundred thousand million was accepted")
	}
	same(t, "mixed labels are names", keys(open(t, "list", filepath.Join(root, "mixed.txt"), SourceOptions{})), []string{"a.mp4=1", "b.mp4=one"})
}

// FuzzList: whatever a list holds, opening it ends, and no relative path leaves the folder.
func FuzzList(f *testing.F) {
	f.Add("a.mp4 1\n../x 2\n")
	f.Add("\xef\xbb\xbfpath,label,start\n\"a.mp4\",x,1e9\n")
	f.Add("a.mp4\t\"\n\x00,\n#\n,,,\n")
	f.Fuzz(func(t *testing.T, list string) {
		root := tree(t, map[string]string{"a.mp4": mp4Head, "list.txt": list})
		s, err := OpenSource("list", root, SourceOptions{})
		if err != nil {
			return
		}
		for i := range s.Len() {
			sample := s.Sample(i)
			if !filepath.IsAbs(sample.Key) && filepath.Dir(sample.Path) != root {
				t.Errorf("%q leads to %s, outside %s", sample.Key, sample.Path, root)
			}
			if sample.Label >= len(s.Classes()) {
				t.Errorf("label %d of %d classes", sample.Label, len(s.Classes()))
			}
		}
	})
}
