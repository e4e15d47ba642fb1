package shard

import (
	"archive/tar"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// entry is a member of a test's shard.
type entry struct {
	tar.Header
	content string
}

func file(name, content string) entry { return entry{tar.Header{Name: name}, content} }

// pack writes a tar. Sizes are those of the contents.
func pack(t testing.TB, entries ...entry) []byte {
	t.Helper()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for _, e := range entries {
		if e.Typeflag == 0 {
			e.Typeflag = tar.TypeReg
		}
		if e.Typeflag != tar.TypeXGlobalHeader {
			e.Size, e.Mode = int64(len(e.content)), 0o644
		}
		if err := w.WriteHeader(&e.Header); err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(w, e.content); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func scan(t testing.TB, b []byte) *Contents {
	t.Helper()
	c, err := Scan(context.Background(), bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// reasons lists NAME: REASON.
func (c *Contents) reasons() (all []string) {
	for _, l := range c.Left {
		all = append(all, l.Name+": "+l.Reason)
	}
	return all
}

func TestScanFindsTheBytes(t *testing.T) {
	long := strings.Repeat("folder/", 30) + "é.jpg" // needs a PAX record
	entries := []entry{file("a.jpg", "one"), file("./b.jpg", strings.Repeat("two", 5000)), file(long, "three"), {tar.Header{Name: "d/", Typeflag: tar.TypeDir}, ""},
		file("e.cls", "5"), {tar.Header{Typeflag: tar.TypeXGlobalHeader, PAXRecords: map[string]string{"comment": "x"}}, ""}, file("f.jpg", strings.Repeat("6", 512))}
	b := pack(t, entries...)
	c := scan(t, b)
	want := map[string]string{"a.jpg": "one", "b.jpg": strings.Repeat("two", 5000), long: "three", "e.cls": "5", "f.jpg": strings.Repeat("6", 512)}
	for _, m := range c.Members {
		if got := string(b[m.Offset : m.Offset+m.Size]); got != want[m.Name] {
			t.Errorf("%s: %.20q", m.Name, got)
		}
	}
	if len(c.Members) != len(want) || !c.Whole || len(c.Left) != 0 {
		t.Errorf("%d members, whole %v, left out %v", len(c.Members), c.Whole, c.reasons())
	}
}

func TestScanLeavesOut(t *testing.T) {
	b := pack(t, entry{tar.Header{Name: "link.jpg", Typeflag: tar.TypeSymlink, Linkname: "/etc/passwd"}, ""}, entry{tar.Header{Name: "hard.jpg", Typeflag: tar.TypeLink, Linkname: "a.jpg"}, ""},
		file("/etc/x.jpg", "x"), file("a/../../x.jpg", "x"), file("empty.jpg", ""), entry{tar.Header{Name: "dev.jpg", Typeflag: tar.TypeChar}, ""}, file("new\nline.jpg", "x"),
		file("\xff.jpg", "x"), file(strings.Repeat("n", 2000)+".jpg", "x"), file("..good.jpg", "x"), file("good..jpg", "x"))
	c := scan(t, b)
	want := []string{"link.jpg: link", "hard.jpg: link", "/etc/x.jpg: absolute name", "a/../../x.jpg: name that leaves the shard", "empty.jpg: empty file",
		"dev.jpg: not a regular file", "new\nline.jpg: name that is not plain UTF-8 text", "\uFFFD.jpg: name that is not plain UTF-8 text",
		strings.Repeat("n", 120) + "...: name of 2004 bytes, want 1024 at most"}
	if got := c.reasons(); !slices.Equal(got, want) {
		t.Errorf("left out\n%q, want\n%q", got, want)
	}
	if len(c.Members) != 2 {
		t.Errorf("members %v", c.Members)
	}
}

// header makes one raw header of a member, with a size that need not be true.
func header(name, size string, kind byte) []byte {
	h := make([]byte, 512)
	copy(h, name)
	copy(h[100:], "0000644\x00")
	copy(h[124:], size)
	copy(h[136:], "00000000000\x00")
	h[156] = kind
	copy(h[257:], "ustar\x0000")
	copy(h[148:], "        ")
	sum := 0
	for _, v := range h {
		sum += int(v)
	}
	copy(h[148:], fmt.Sprintf("%06o\x00 ", sum))
	return h
}

// record is one PAX record, with its length in front.
func record(key, value string) string {
	for n := len(key) + len(value) + 4; ; n++ {
		if r := fmt.Sprintf("%d %s=%s\n", n, key, value); len(r) == n {
			return r
		}
	}
}

// extended is a PAX header before a member of four bytes.
func extended(records string) []byte {
	b := append(header("pax", fmt.Sprintf("%011o\x00", len(records)), 'x'), records...)
	b = append(b, make([]byte, -len(b)&511)...)
	b = append(append(b, header("lie.jpg", "00000000004\x00", '0')...), "data"...)
	return append(b, make([]byte, -len(b)&511)...)
}

func TestScanBelievesNoSize(t *testing.T) {
	good := pack(t, file("a.jpg", "one"))
	good = good[:1024] // without the end
	with := func(b []byte) []byte { return slices.Concat(good, b, pack(t, file("z.jpg", "last"))) }
	for name, c := range map[string]struct {
		shard []byte
		want  string // in the last reason
	}{
		"beyond the end":    {with(header("b.jpg", "77777777777\x00", '0')), "is cut off"},
		"largest base 256":  {with(header("b.jpg", "\x80\x00\x00\x00\x7f\xff\xff\xff\xff\xff\xff\xff", '0')), "is cut off"},
		"negative base 256": {with(header("b.jpg", "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xf0", '0')), "is damaged"},
		"no number":         {with(header("b.jpg", "abc", '0')), "is damaged"},
		"huge contiguous":   {with(header("b.jpg", "\x80\x00\x00\x00\x7f\xff\xff\xff\xff\xff\xff\xff", '7')), "is damaged"},
		"pax huge":          {with(extended(record("size", "9223372036854775807"))), "is cut off"},
		"pax negative":      {with(extended(record("size", "-5"))), "is damaged"},
		"pax sparse":        {with(extended(record("GNU.sparse.major", "1") + record("GNU.sparse.minor", "0") + record("GNU.sparse.realsize", "1000000000000"))), ""},
		"pax sparse old":    {with(extended(record("GNU.sparse.size", "1000") + record("GNU.sparse.numblocks", "1") + record("GNU.sparse.map", "0,4"))), ""},
		"pax of a gigabyte": {with(header("pax", "07777777777\x00", 'x')), "cut off"},
		"noise":             {with(bytes.Repeat([]byte("noise"), 400)), "is damaged"},
		"cut header":        {good[:1024-300], ""},
	} {
		got := scan(t, c.shard)
		if len(got.Members) == 0 || got.Members[0].Name != "a.jpg" {
			if name != "cut header" {
				t.Errorf("%s: members %v", name, got.Members)
			}
		}
		if c.want != "" && (got.Whole || !strings.Contains(got.reasons()[len(got.Left)-1], c.want)) {
			t.Errorf("%s: left out %q, want %q", name, got.reasons(), c.want)
		}
		check(t, got, int64(len(c.shard)))
	}
	got := scan(t, with(extended(record("path", "../../etc/passwd"))))
	if !slices.Contains(got.reasons(), "../../etc/passwd: name that leaves the shard") || len(got.Members) != 2 {
		t.Errorf("path record: %v, %v", got.reasons(), got.Members)
	}
	got = scan(t, with(extended(record("size", "2")))) // the record wins over the header, as tar has it
	if len(got.Members) < 2 || got.Members[1].Size != 2 {
		t.Errorf("size record: %v", got.Members)
	}
}

// check holds what Scan promises of every member.
func check(t *testing.T, c *Contents, size int64) {
	t.Helper()
	last := int64(0)
	for _, m := range c.Members {
		if m.Offset < last || m.Size <= 0 || m.Size > size-m.Offset || odd(m.Name) != "" {
			t.Errorf("member %+v of a shard of %d bytes", m, size)
		}
		last = m.Offset + m.Size
	}
	groups, left := c.Groups()
	n := len(left)
	for _, g := range groups {
		n += len(g.Members)
	}
	if n != len(c.Members) {
		t.Errorf("%d members in groups or left out of %d", n, len(c.Members))
	}
}

func TestScanRefuses(t *testing.T) {
	for content, want := range map[string]error{
		"": ErrNotTar, "short": ErrNotTar, strings.Repeat("text ", 1000): ErrNotTar, "\x1f\x8b\x08" + strings.Repeat("x", 600): ErrCompressed,
		"(\xb5/\xfd" + strings.Repeat("x", 600): ErrCompressed,
	} {
		if _, err := Scan(t.Context(), strings.NewReader(content), int64(len(content))); !errors.Is(err, want) {
			t.Errorf("%.10q: got %v, want %v", content, err, want)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	b := pack(t, file("a.jpg", "x"))
	if _, err := Scan(ctx, bytes.NewReader(b), int64(len(b))); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	broken := errors.New("disk on fire")
	if _, err := Scan(t.Context(), failing{bytes.NewReader(b), 512, broken}, int64(len(b))); !errors.Is(err, broken) {
		t.Errorf("a disk that fails: %v", err)
	}
}

// failing reads well up to a byte.
type failing struct {
	io.ReaderAt
	good int64
	err  error
}

func (f failing) ReadAt(p []byte, off int64) (int, error) {
	if off >= f.good {
		return 0, f.err
	}
	return f.ReaderAt.ReadAt(p[:min(int64(len(p)), f.good-off)], off)
}

func TestGroups(t *testing.T) {
	groups, left := (&Contents{Members: []Member{{"a.jpg", 1, 1}, {"b.jpg", 2, 1}, {"a.CLS", 3, 1}, {"x/a.seg.png", 4, 1}, {"x.d/a.json", 5, 1}, {"a.jpg", 6, 1},
		{".hidden", 7, 1}, {"none", 8, 1}, {"__key__.txt", 9, 1}}}).Groups()
	var got []string
	for _, g := range groups {
		for _, m := range g.Members {
			got = append(got, fmt.Sprintf("%s|%s@%d", g.Key, m.Extension, m.Offset))
		}
	}
	if want := []string{"a|jpg@1", "a|cls@3", "b|jpg@2", "x/a|seg.png@4", "x.d/a|json@5"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if len(left) != 4 || left[0].Aside || !left[1].Aside {
		t.Errorf("left out %v", left)
	}
}

// A million members, and as many of one sample, take no more than linear time.
func TestScanOfAMillionMembers(t *testing.T) {
	if testing.Short() {
		t.Skip("half a gigabyte of headers")
	}
	block := make([]byte, 0, 1024*1000)
	for i := range 1000 {
		block = append(append(block, header(fmt.Sprintf("a.%d", i), "00000000001\x00", '0')...), make([]byte, 512)...)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	c, err := Scan(ctx, repeated(block), int64(1000*len(block)))
	if err != nil || len(c.Members) != 1_000_000 {
		t.Fatalf("%d members, %v", len(c.Members), err)
	}
	if groups, left := c.Groups(); len(groups) != 1 || len(groups[0].Members) != maxParts || len(left) != 1_000_000-maxParts {
		t.Errorf("%d groups, %d left out", len(groups), len(left))
	}
}

// repeated is a block again and again.
type repeated []byte

func (r repeated) ReadAt(p []byte, off int64) (n int, err error) {
	for n < len(p) {
		n += copy(p[n:], r[(off+int64(n))%int64(len(r)):])
	}
	return n, nil
}

func TestExpand(t *testing.T) {
	for pattern, want := range map[string]string{
		"a.tar": "a.tar", "a-{000..002}.tar": "a-000.tar a-001.tar a-002.tar", "{8..11}": "8 9 10 11", "{3..1}": "3 2 1", "{0..8..4}": "0 4 8", "{08..11}": "08 09 10 11",
		"{x,y}-{0..1}": "x-0 x-1 y-0 y-1", "{a,b{1..2}}": "a b1 b2", "{x}": "{x}", "{": "{", "}{": "}{", "a{,b}": "a ab", "{..}": "{..}", "{1..x}": "{1..x}", "{{1..2}}": "{1} {2}",
		"{0..1}{": "0{ 1{", "{1..2..0}": "{1..2..0}",
	} {
		got, err := Expand(pattern)
		if err != nil || strings.Join(got, " ") != want {
			t.Errorf("%s: got %q, %v, want %q", pattern, got, err, want)
		}
	}
	for _, pattern := range []string{"{0..999999999}", "{1..99999}{1..99999}", strings.Repeat("{a,b}", 40), "{0..99999,0}{a,b,{1..99999}}", "{1..9999999999999999999999}x"} {
		if got, err := Expand(pattern); err == nil && len(got) > 100 {
			t.Errorf("%s: %d names", pattern, len(got))
		}
	}
}

func FuzzScan(f *testing.F) {
	f.Add(pack(f, file("a.jpg", "one"), file("a.cls", "1"), entry{tar.Header{Name: "l", Typeflag: tar.TypeSymlink, Linkname: "a"}, ""}))
	f.Add(extended(record("size", "2") + record("path", strings.Repeat("é/", 60))))
	f.Add(extended(record("GNU.sparse.major", "1") + record("GNU.sparse.minor", "0")))
	f.Add(header("b.jpg", "\x80\x00\x00\x00\x7f\xff\xff\xff\xff\xff\xff\xff", 'S'))
	f.Fuzz(func(t *testing.T, b []byte) {
		c, err := Scan(context.Background(), bytes.NewReader(b), int64(len(b)))
		if err == nil {
			check(t, c, int64(len(b)))
		}
	})
}

func FuzzExpand(f *testing.F) {
	f.Add("a-{000..002}{x,{y,z}}")
	f.Fuzz(func(t *testing.T, pattern string) {
		if got, err := Expand(pattern); err == nil && (len(got) == 0 || len(got) > MaxShards) {
			t.Errorf("%d names", len(got))
		}
	})
}

// A shard of 1 GB with 10 000 members of 100 kB.
func BenchmarkScan(b *testing.B) {
	path := filepath.Join(b.TempDir(), "x.tar")
	out, err := os.Create(path)
	if err != nil {
		b.Fatal(err)
	}
	defer out.Close()
	w := tar.NewWriter(out)
	for i := range 10_000 {
		if err := w.WriteHeader(&tar.Header{Name: fmt.Sprintf("%06d.jpg", i), Size: 100_000, Mode: 0o644}); err != nil {
			b.Fatal(err)
		}
		if _, err := w.Write(make([]byte, 100_000)); err != nil {
			b.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		b.Fatal(err)
	}
	info, err := out.Stat()
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := Scan(context.Background(), out, info.Size()); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(10_000*float64(b.N)/b.Elapsed().Seconds(), "members/s")
}
