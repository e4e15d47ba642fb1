package clips

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// Heads of files as programs write them: enough for the sniffing, nothing that decodes.
const (
	mp4Head = "\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00mp42isom"
	mkvHead = "\x1aE\xdf\xa3\x93B\x82\x88matroska"
	pngHead = "\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"
	zipHead = "PK\x03\x04\x14\x00"
)

// tree writes files, path to content, and returns the folder.
func tree(t *testing.T, files map[string]string) string {
	t.Helper()
	root := t.TempDir()
	for name, content := range files {
		path := filepath.Join(root, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

func open(t *testing.T, kind, root string, o SourceOptions) Source {
	t.Helper()
	s, err := OpenSource(kind, root, o)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// keys lists key=class of all samples.
func keys(s Source) []string {
	var all []string
	for i := range s.Len() {
		class := "-"
		if l := s.Sample(i).Label; l >= 0 {
			class = s.Classes()[l]
		}
		all = append(all, s.Sample(i).Key+"="+class)
	}
	return all
}

func reasons(s Source) map[string]string {
	m := map[string]string{}
	for _, l := range s.LeftOut() {
		m[l.Path] = l.Reason
	}
	return m
}

func same(t *testing.T, what string, got, want []string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s:\n got %q\nwant %q", what, got, want)
	}
}

func TestFolderTakesVideosAlone(t *testing.T) {
	root := tree(t, map[string]string{
		"run/clip10.mp4": mp4Head, "run/clip9.mp4": mp4Head, "jump/deep/a.mkv": mkvHead, "flat.webm": mkvHead,
		"jump/noext": mkvHead, "jump/raw.264": "\x00\x00\x00\x01\x67\x42", "jump/cut.mp4": "\x01\x02\x03\x04",
		"run/pic.png": pngHead, "run/liar.mp4": pngHead, "run/page.mp4": "<html>not found</html>", "run/zero.mp4": "", "notes.txt": "hello",
		"all.zip": zipHead, "code.ts": "let x = 1;\n", "blob.bin": "\x01\x02\x03", ".hidden.mp4": mp4Head, ".git/x.mp4": mp4Head,
	})
	s := open(t, "folder", root, SourceOptions{})
	same(t, "samples", keys(s), []string{"flat.webm=-", "jump/cut.mp4=jump", "jump/deep/a.mkv=jump", "jump/noext=jump", "jump/raw.264=jump", "run/clip9.mp4=run", "run/clip10.mp4=run"})
	same(t, "classes", s.Classes(), []string{"jump", "run"})
	want := map[string]string{
		"run/pic.png": "picture", "run/liar.mp4": "named like a video, but holds a picture", "run/page.mp4": "named like a video, but holds text",
		"run/zero.mp4": "empty file", "notes.txt": "text", "all.zip": "archive", "code.ts": "named like a video, but holds text", "blob.bin": "not known as video",
		".hidden.mp4": "hidden", ".git": "hidden",
	}
	got := reasons(s)
	for path, reason := range want {
		if got[path] != reason {
			t.Errorf("%s: left out as %q, want %q", path, got[path], reason)
		}
	}
	if len(got) != len(want) {
		t.Errorf("left out %v", got)
	}
	if _, err := os.Stat(s.Sample(0).Path); err != nil {
		t.Errorf("the path of a sample: %v", err)
	}
}

func TestFolderLinks(t *testing.T) {
	outside := tree(t, map[string]string{"secret.mp4": mp4Head})
	root := tree(t, map[string]string{"a/one.mp4": mp4Head})
	for link, target := range map[string]string{
		"a/two.mp4": filepath.Join(root, "a/one.mp4"), "a/out.mp4": filepath.Join(outside, "secret.mp4"), "b": outside, "c": filepath.Join(root, "a"),
		"a/loop": root, "a/dead.mp4": filepath.Join(root, "nothing"), "a/dev.mp4": "/dev/zero",
	} {
		if err := os.Symlink(target, filepath.Join(root, link)); err != nil {
			t.Fatal(err)
		}
	}
	s := open(t, "folder", root, SourceOptions{})
	same(t, "samples", keys(s), []string{"a/one.mp4=a", "a/two.mp4=a"})
	for path, want := range map[string]string{"a/out.mp4": "leaves", "b": "leaves", "c": "link to a folder", "a/loop": "link to a folder", "a/dead.mp4": "nowhere", "a/dev.mp4": "leaves"} {
		if got := reasons(s)[path]; !strings.Contains(got, want) {
			t.Errorf("%s: left out as %q, want %q in it", path, got, want)
		}
	}
	// The root itself may be a link.
	link := filepath.Join(t.TempDir(), "root")
	if err := os.Symlink(root, link); err != nil {
		t.Fatal(err)
	}
	if n := open(t, "folder", link, SourceOptions{}).Len(); n != 2 {
		t.Errorf("through a link to the root: %d samples, want 2", n)
	}
}

func TestFolderSplit(t *testing.T) {
	root := tree(t, map[string]string{"train/x/1.mp4": mp4Head, "test/x/2.mp4": mp4Head})
	same(t, "samples", keys(open(t, "folder", root, SourceOptions{Split: "train"})), []string{"x/1.mp4=x"})
	for _, split := range []string{"nothing", "../" + filepath.Base(root)} {
		if _, err := OpenSource("folder", root, SourceOptions{Split: split}); err == nil {
			t.Errorf("split %q was accepted", split)
		}
	}
}

// Each error says what is wrong and what to do.
func TestSourceErrors(t *testing.T) {
	empty, texts := t.TempDir(), tree(t, map[string]string{"a.txt": "a", "b.txt": "b"})
	list := tree(t, map[string]string{"list.txt": "gone.mp4 1\n", "file.mp4": mp4Head, "k.csv": "youtube_id,label\nabc,x\n", "none.txt": "# nothing\n"})
	for _, c := range []struct{ kind, root, list, want string }{
		{"folder", filepath.Join(empty, "no"), "", "does not exist: name an existing folder"},
		{"folder", empty, "", "holds no video file and no picture: name a folder"},
		{"folder", texts, "", "among 2 files (most often: text)"},
		{"imagefolder", empty, "", "holds no picture: name a folder"},
		{"imagefolder", texts, "", "among 2 files (most often: text)"},
		{"folder", filepath.Join(list, "file.mp4"), "", "is a file, want a folder"},
		{"folder", "", "", "no folder of videos or pictures is given"},
		{"kinetics", empty, "", "holds no Kinetics list"},
		{"kinetics", list, "", "none of which lies in"},
		{"kinetics", list, filepath.Join(list, "no.csv"), "name an existing CSV list"},
		{"list", list, "", "names 1 files, none of which can be used (the first, \"gone.mp4\""},
		{"list", empty, "", "holds no list.csv"},
		{"list", filepath.Join(list, "none.txt"), "", "is empty"},
		{"list", filepath.Join(list, "nowhere.txt"), "", "name an existing list"},
		{"nothing", empty, "", "unknown data set \"nothing\"; known are"},
	} {
		_, err := OpenSource(c.kind, c.root, SourceOptions{List: c.list})
		if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s %s: got %v, want one line with %q", c.kind, c.root, err, c.want)
		}
	}
}

func TestNaturalOrder(t *testing.T) {
	names := []string{"b", "a10", "a9", "a/2", "a", "a010", "a1/x10", "a1/x9", "a1"}
	slices.SortFunc(names, naturalCompare)
	same(t, "order", names, []string{"a", "a/2", "a1", "a1/x9", "a1/x10", "a9", "a010", "a10", "b"})
}
