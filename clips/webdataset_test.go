package clips

import (
	"archive/tar"
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// inShard is a file of a test's shard.
type inShard struct{ name, content string }

// shardBytes writes a tar of the members.
func shardBytes(t testing.TB, members ...inShard) []byte {
	t.Helper()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for _, m := range members {
		if err := w.WriteHeader(&tar.Header{Name: m.name, Mode: 0o644, Size: int64(len(m.content))}); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(m.content)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// shardFolder writes shards of pictures whose bytes tell which they are; the label is the number of the shard.
func shardFolder(t *testing.T, shards, each int) string {
	t.Helper()
	files := map[string]string{}
	for s := range shards {
		files[fmt.Sprintf("train-%03d.tar", s)] = string(numberedShard(t, s, each))
	}
	return tree(t, files)
}

func numberedShard(t testing.TB, s, each int) []byte {
	var members []inShard
	for i := range each {
		name := fmt.Sprintf("%02d%02d", s, i)
		members = append(members, inShard{name + ".cls", fmt.Sprint(s)}, inShard{name + ".jpg", "picture " + name})
	}
	return shardBytes(t, members...)
}

// shardPictures reads the bytes of all samples, as text.
func shardPictures(t *testing.T, s Source) (all []string) {
	t.Helper()
	var scratch []byte
	for i := range s.Len() {
		raw, err := s.Sample(i).Still.Read(context.Background(), &scratch)
		if err != nil {
			t.Fatal(err)
		}
		if raw.Layout != Encoded {
			t.Errorf("sample %d has the layout %d", i, raw.Layout)
		}
		all = append(all, string(raw.Bytes))
	}
	return all
}

func TestWebDatasetReadsMembersByOffset(t *testing.T) {
	root := shardFolder(t, 3, 2)
	want := []string{"picture 0000", "picture 0001", "picture 0100", "picture 0101", "picture 0200", "picture 0201"}
	wantKeys := []string{"train-000.tar/0000=0", "train-000.tar/0001=0", "train-001.tar/0100=1", "train-001.tar/0101=1", "train-002.tar/0200=2", "train-002.tar/0201=2"}
	for _, data := range []string{
		root, root + "/train-{000..002}.tar", root + "/train-000.tar::" + root + "/train-{001,002}.tar", "file://" + root + "/train-{000..002}.tar",
	} {
		s := open(t, "webdataset", data, SourceOptions{})
		same(t, data, shardPictures(t, s), want)
		same(t, data, keys(s), wantKeys)
		same(t, "classes", s.Classes(), []string{"0", "1", "2"})
	}
}

// Shards with the same name in two folders, and a split that is a folder or a word of the names.
func TestWebDatasetNamesAndSplits(t *testing.T) {
	a, b := string(shardBytes(t, inShard{"a.png", "A"})), string(shardBytes(t, inShard{"b.png", "B"}))
	root := tree(t, map[string]string{"train/0.tar": a, "val/0.tar": b})
	s := open(t, "webdataset", root+"/{train,val}/0.tar", SourceOptions{})
	same(t, "keys", keys(s), []string{root + "/train/0.tar/a=-", root + "/val/0.tar/b=-"})
	same(t, "folder", shardPictures(t, open(t, "webdataset", root, SourceOptions{Split: "val"})), []string{"B"})
	root = tree(t, map[string]string{"set-train-0.tar": a, "set-validation-0.tar": b, "notes.txt": "x", ".x.tar": a, "old.tar.gz": "\x1f\x8b"})
	same(t, "word", shardPictures(t, open(t, "webdataset", root, SourceOptions{Split: "validation"})), []string{"B"})
	whole := open(t, "webdataset", root, SourceOptions{})
	same(t, "all", shardPictures(t, whole), []string{"A", "B"})
	if got := reasons(whole); got["notes.txt"] != "no .tar file" || got[".x.tar"] != hidden || !strings.Contains(got["old.tar.gz"], "is compressed") {
		t.Errorf("left out %v", got)
	}
}

func TestWebDatasetLabels(t *testing.T) {
	label := func(extension, text string) string {
		root := tree(t, map[string]string{"x.tar": string(shardBytes(t, inShard{"a." + extension, text}, inShard{"a.jpg", "A"}))})
		s := open(t, "webdataset", root, SourceOptions{})
		if why := reasons(s)["x.tar/a"]; why != "" {
			return "! " + why
		}
		if l := s.Sample(0).Label; l >= 0 {
			return s.Classes()[l]
		}
		return "-"
	}
	for _, c := range [][3]string{
		{"cls", "7\n", "7"}, {"cls", "-1", "-"}, {"cls", "007", "7"}, {"cls", "tabby cat", "tabby cat"}, {"txt", "a caption", "-"},
		{"json", `{"label": 3}`, "3"}, {"json", `{"cls": "4", "x": [1]}`, "4"}, {"json", `{"class": "dog", "label": null}`, "dog"}, {"json", `{"a": 1}`, "-"},
		{"json", `{"label": 2.0}`, "2"}, {"json", `{"label": 2.5}`, "! taken without its label: json: label is 2.5"}, {"json", `{"label": [1]}`, "! taken without"},
		{"json", `{"label"`, "! taken without its label: json: unexpected end"}, {"cls", strings.Repeat("9", 5000), "! taken without its label: cls: 5000 bytes"},
		{"cls", "a\x00b", "! taken without"}, {"json", `{"label": 1e300}`, "! taken without"},
	} {
		if got := label(c[0], c[1]); got != c[2] && (c[2][0] != '!' || !strings.HasPrefix(got, c[2])) {
			t.Errorf("%s %.40q: label %q, want %q", c[0], c[1], got, c[2])
		}
	}
}

func TestWebDatasetChoosesThePicture(t *testing.T) {
	root := tree(t, map[string]string{"x.tar": string(shardBytes(t, inShard{"./b/one.PNG", "png"}, inShard{"./b/one.JPEG", "jpeg"}, inShard{"./b/two.seg.png", "mask"},
		inShard{"c/three.mp4", "video"}, inShard{"__meta__.json", "{}"}, inShard{"README", "text"}, inShard{"d/._four.jpg", "mac"}, inShard{"five.jpg", "5"}, inShard{"five.jpg", "6"}))})
	s := open(t, "webdataset", root, SourceOptions{})
	same(t, "pictures", shardPictures(t, s), []string{"jpeg", "5"})
	same(t, "keys", keys(s), []string{"x.tar/b/one=-", "x.tar/five=-"})
	for key, want := range map[string]string{"x.tar/b/two": "no picture among its members (seg.png)", "x.tar/c/three": "videos in shards are not read",
		"x.tar/__meta__.json": "about the shard", "x.tar/README": "without an extension", "x.tar/d/._four.jpg": "hidden", "x.tar/five.jpg": "second member"} {
		if got := reasons(s)[key]; !strings.Contains(got, want) {
			t.Errorf("%s: left out as %q, want %q", key, got, want)
		}
	}
}

func TestWebDatasetErrors(t *testing.T) {
	t.Setenv("VSSL_CACHE", t.TempDir())
	root := tree(t, map[string]string{"page.tar": strings.Repeat("<html>", 200), "zipped.tar": "\x1f\x8b" + strings.Repeat("x", 600), "a.tgz": "\x1f\x8b",
		"text.tar": string(shardBytes(t, inShard{"a.txt", "x"})), "big.tar": string(shardBytes(t, inShard{"a.jpg", "x"}, inShard{"a.cls", "99999999999"}))})
	for data, want := range map[string]string{
		"": "no shards are given", root + "/no-{0..2}.tar": "no-0.tar cannot be opened", root + "/page.tar": "is not a tar file", root + "/zipped.tar": "is compressed",
		root + "/a.tgz": "is compressed", root + "/text.tar": "hold no sample with a picture", root + "/big.tar": "label 99999999999 is too large",
		t.TempDir(): "holds no .tar file", root + "/text.tar::" + root + "/text.tar": "is named twice", "ftp://host/a.tar": "scheme \"ftp\"",
		"http://host/": "is not an address of a file", "x-{0..9999999}.tar": "more than 100000 names", "http://user:secret@host/x.tgz?sign=secret": "is compressed",
		"file://here/x.tar": "is no local address", "/dev/zero": "not a regular file",
	} {
		_, err := OpenSource("webdataset", data, SourceOptions{})
		if err == nil || !strings.Contains(err.Error(), want) || strings.ContainsAny(err.Error(), "\n") || strings.Contains(err.Error(), "secret") {
			t.Errorf("%q: got %v, want one line with %q", data, err, want)
		}
	}
}

// A shard that changes under a run is noticed, not misread.
func TestWebDatasetNoticesChange(t *testing.T) {
	root := shardFolder(t, 1, 2)
	s := open(t, "webdataset", root, SourceOptions{})
	if err := os.Chtimes(filepath.Join(root, "train-000.tar"), time.Time{}, time.Now().Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	var scratch []byte
	if _, err := s.Sample(0).Still.Read(t.Context(), &scratch); err == nil || !strings.Contains(err.Error(), "changed") {
		t.Errorf("got %v", err)
	}
}

func TestWebDatasetFetches(t *testing.T) {
	t.Setenv("VSSL_CACHE", t.TempDir())
	root := shardFolder(t, 3, 2)
	served := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Range") == "" {
			served++
		}
		http.ServeFile(w, r, filepath.Join(root, filepath.Base(r.URL.Path)))
	}))
	defer server.Close()
	var counted string
	opts := SourceOptions{Progress: func(what string) func(done, total int) {
		return func(done, total int) { counted = fmt.Sprintf("%d/%d %s", done, total, what) }
	}}
	for range 2 {
		s := open(t, "webdataset", server.URL+"/train-{000..001}.tar::"+root+"/train-002.tar", opts)
		same(t, "pictures", shardPictures(t, s), []string{"picture 0000", "picture 0001", "picture 0100", "picture 0101", "picture 0200", "picture 0201"})
		if key := s.Sample(2).Key; key != "train-001.tar/0100" {
			t.Errorf("key %q", key)
		}
	}
	if served != 2 || counted != "1/1 MB of shards" {
		t.Errorf("%d shards were served, want each once; counted %q", served, counted)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := OpenSource("webdataset", server.URL+"/train-002.tar", SourceOptions{Context: ctx}); !errors.Is(err, context.Canceled) {
		t.Errorf("a cancelled opening: %v", err)
	}
	if _, err := OpenSource("webdataset", server.URL+"/train-{000..009}.tar", opts); err == nil || !strings.Contains(err.Error(), "404") {
		t.Errorf("a missing shard: %v", err)
	}
}

// What a server sends in place of a shard is not kept.
func TestWebDatasetForgetsWhatIsNoShard(t *testing.T) {
	cache := t.TempDir()
	t.Setenv("VSSL_CACHE", cache)
	page := strings.Repeat("<html>log in</html>", 100)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, page) }))
	defer server.Close()
	if _, err := OpenSource("webdataset", server.URL+"/a.tar", SourceOptions{}); err == nil || !strings.Contains(err.Error(), "is not a tar file") {
		t.Fatalf("got %v", err)
	}
	if kept, _ := filepath.Glob(filepath.Join(cache, "shards", "*")); len(kept) != 0 {
		t.Errorf("kept %v", kept)
	}
	page = string(numberedShard(t, 0, 1))
	if n := open(t, "webdataset", server.URL+"/a.tar", SourceOptions{}).Len(); n != 1 {
		t.Errorf("%d samples", n)
	}
}

// pngOf is a picture of one colour.
func pngOf(t testing.TB, c color.Color) string {
	t.Helper()
	p := image.NewRGBA(image.Rect(0, 0, 40, 30))
	draw.Draw(p, p.Rect, image.NewUniform(c), image.Point{}, draw.Src)
	var b bytes.Buffer
	if err := png.Encode(&b, p); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// The loader gives the pixels of the members, with their labels, and reports the one that is no picture.
func TestWebDatasetThroughTheLoader(t *testing.T) {
	colours := []color.RGBA{{255, 0, 0, 255}, {0, 255, 0, 255}, {0, 0, 255, 255}, {90, 120, 30, 255}}
	files := map[string]string{}
	for i, c := range colours {
		members := []inShard{{fmt.Sprint(i, ".png"), pngOf(t, c)}, {fmt.Sprint(i, ".cls"), fmt.Sprint(i)}}
		if i == 1 {
			members = append(members, inShard{"broken.jpg", "no picture"})
		}
		files[fmt.Sprintf("%d.tar", i)] = string(shardBytes(t, members...))
	}
	s := open(t, "webdataset", tree(t, files), SourceOptions{})
	r := Plain(1, 1, 1, 16)
	l := NewLoader(t.Context(), LoaderConfig{Source: s, Recipe: r, Batch: len(colours), Workers: 2, Seed: 1, Shuffle: true})
	defer l.Close()
	b, err := l.Next()
	if err != nil {
		t.Fatal(err)
	}
	for i, label := range b.Labels {
		want := colours[label]
		for p := 0; p < 16*16; p++ {
			if got := b.Views[0].Pixels[(i*256+p)*3 : (i*256+p)*3+3]; got[0] != want.R || got[1] != want.G || got[2] != want.B {
				t.Fatalf("%s: pixel %d is %v, want %v", b.Keys[i], p, got, want)
			}
		}
	}
	if _, err := l.Next(); !errors.Is(err, io.EOF) {
		t.Fatal(err)
	}
	if left := append(b.Skipped, l.Skipped()...); len(left) != 1 || left[0].Path != "1.tar/broken" {
		t.Errorf("skipped %v", left)
	}
}

func BenchmarkWebDatasetRead(b *testing.B) {
	path := filepath.Join(b.TempDir(), "x.tar")
	var members []inShard
	for i := range 1000 {
		members = append(members, inShard{fmt.Sprint(i, ".jpg"), strings.Repeat("x", 100_000)})
	}
	if err := os.WriteFile(path, shardBytes(b, members...), 0o644); err != nil {
		b.Fatal(err)
	}
	s, err := OpenSource("webdataset", path, SourceOptions{})
	if err != nil {
		b.Fatal(err)
	}
	var scratch []byte
	i := 0
	for b.Loop() {
		if _, err := s.Sample(i*7%s.Len()).Still.Read(b.Context(), &scratch); err != nil {
			b.Fatal(err)
		}
		i++
	}
}
