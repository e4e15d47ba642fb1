package clips

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// ramp is a picture that looks different from every side: red counts the columns, green the rows, blue is its own.
type ramp struct{ w, h, blue int }

func (r ramp) at(x, y int) [3]uint8 { return [3]uint8{uint8(3 * x), uint8(90 + 2*y), uint8(r.blue)} }

// bytes are the pixels in a layout.
func (r ramp) bytes(l Layout) []byte {
	out := make([]byte, Raw{Layout: l, Width: r.w, Height: r.h}.values())
	for y := range r.h {
		for x := range r.w {
			c := r.at(x, y)
			switch l {
			case Grey:
				out[y*r.w+x] = c[0] + c[1]
			case Packed:
				copy(out[3*(y*r.w+x):], c[:])
			default:
				for k, v := range c {
					i := (k*r.h+y)*r.w + x
					if l == Columns {
						i = (k*r.w+x)*r.h + y
					}
					out[i] = v
				}
			}
		}
	}
	return out
}

// png is the picture as a file.
func (r ramp) png(t testing.TB) string {
	img := image.NewNRGBA(image.Rect(0, 0, r.w, r.h))
	for y := range r.h {
		for x := range r.w {
			c := r.at(x, y)
			img.Set(x, y, color.NRGBA{c[0], c[1], c[2], 255})
		}
	}
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// checkRamp reads sample i through a loader whose recipe neither crops nor resizes, and compares pixels and label.
func checkRamp(t *testing.T, s Source, i int, r ramp, grey bool, label int) {
	t.Helper()
	sample := s.Sample(i)
	if sample.Label != label {
		t.Errorf("%s: label %d, want %d", sample.Key, sample.Label, label)
	}
	b := one(t, sample, Plain(1, 1, 1, r.w))
	if len(b.Labels) != 1 || b.Labels[0] != label || b.Keys[0] != sample.Key {
		t.Errorf("%s: the batch has the labels %v and keys %q", sample.Key, b.Labels, b.Keys)
	}
	for y := range r.h {
		for x := range r.w {
			want := r.at(x, y)
			if grey {
				v := want[0] + want[1]
				want = [3]uint8{v, v, v}
			}
			if got := b.Views[0].Pixels[3*(y*r.w+x):][:3]; !bytes.Equal(got, want[:]) {
				t.Fatalf("%s: pixel (%d, %d) is %v, want %v", sample.Key, x, y, got, want)
			}
		}
	}
}

// packGzip packs a string.
func packGzip(t testing.TB, content string) string {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if _, err := z.Write([]byte(content)); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// packTar makes an archive of files, name and content in turn, with a link in front that must not be followed.
func packTar(t testing.TB, files ...string) string {
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	if err := w.WriteHeader(&tar.Header{Name: "train/airplane/link.png", Typeflag: tar.TypeSymlink,
		Linkname: "/etc/passwd"}); err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(files); i += 2 {
		if err := w.WriteHeader(&tar.Header{Name: files[i], Typeflag: tar.TypeReg, Size: int64(len(files[i+1])),
			Mode: 0o644}); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(files[i+1])); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return packGzip(t, b.String())
}

// refused opens a data set that must not open, and wants each of the words in one line.
func refused(t *testing.T, kind, root string, o SourceOptions, words ...string) {
	t.Helper()
	_, err := OpenSource(kind, root, o)
	if err == nil {
		t.Errorf("%s %s %+v was opened, want an error with %q", kind, root, o, words)
		return
	}
	for _, w := range words {
		if !strings.Contains(err.Error(), w) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s %+v: got %q, want one line with %q", kind, o, err, w)
		}
	}
}

// sharedPictures is the folder of real pictures, or skips the test.
func sharedPictures(t *testing.T) string {
	shared := os.Getenv("VSSL_SHARED")
	if shared == "" {
		t.Skip("VSSL_SHARED not set: there are no real pictures to read")
	}
	return filepath.Join(shared, "data", "images")
}

// readAll reads every picture of a source and returns how many there are of each label.
func readAll(t *testing.T, s Source) map[int]int {
	t.Helper()
	count := map[int]int{}
	seen := map[string]bool{}
	var scratch []byte
	for i := range s.Len() {
		sample := s.Sample(i)
		if seen[sample.Key] {
			t.Fatalf("two samples have the key %s", sample.Key)
		}
		seen[sample.Key] = true
		raw, err := sample.Still.Read(context.Background(), &scratch)
		if err != nil || len(raw.Bytes) == 0 || (raw.Layout != Encoded && len(raw.Bytes) != raw.values()) {
			t.Fatalf("%s: %d bytes, %v", sample.Key, len(raw.Bytes), err)
		}
		count[sample.Label]++
	}
	return count
}

// A file of pictures too large for memory is read where each picture lies, with the same result.
func TestRecordsOnDisk(t *testing.T) {
	var data []byte
	for b := range 3 {
		data = append(append(data, 0xee), ramp{8, 6, b}.bytes(Columns)...)
	}
	root := tree(t, map[string]string{"x.bin": string(data)})
	on := &records{path: filepath.Join(root, "x.bin"), head: 1, stride: 145, layout: Columns, width: 8, height: 6}
	in := *on
	in.memory = data
	var a, b []byte
	for i := range 3 {
		want, err1 := in.still(i).Read(context.Background(), &a)
		got, err2 := on.still(i).Read(context.Background(), &b)
		if err1 != nil || err2 != nil || !bytes.Equal(got.Bytes, want.Bytes) || got.Bytes[288/2-1] != byte(i) {
			t.Errorf("picture %d: %v, %v, %v", i, err1, err2, got.Bytes)
		}
	}
	if _, err := on.still(3).Read(context.Background(), &b); err == nil {
		t.Error("a picture behind the end was read")
	}
}
