package decode

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"image"
	"slices"
	"testing"
	"time"
)

// pngOf is a grey PNG of the given size and depth whose rows are zeros, of which some are missing.
func pngOf(t testing.TB, width, height uint32, depth uint8, rows int) []byte {
	t.Helper()
	var packed bytes.Buffer
	z := zlib.NewWriter(&packed)
	row := make([]byte, 1+(int(width)*int(depth)+7)/8)
	for range rows {
		if _, err := z.Write(row); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	header := binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, width), height)
	out := []byte(pngMagic)
	for _, c := range []struct {
		name string
		body []byte
	}{{"IHDR", append(header, depth, 0, 0, 0, 0)}, {"IDAT", packed.Bytes()}, {"IEND", nil}} {
		out = binary.BigEndian.AppendUint32(out, uint32(len(c.body)))
		body := append([]byte(c.name), c.body...)
		out = append(out, body...)
		out = binary.BigEndian.AppendUint32(out, crc32.ChecksumIEEE(body))
	}
	return out
}

// patched is a copy of data with bytes in another place.
func patched(data []byte, at int, with ...byte) []byte {
	c := bytes.Clone(data)
	copy(c[at:], with)
	return c
}

// tiffEntry is the place of a tag's entry in the first directory of a little-endian TIFF.
func tiffEntry(t *testing.T, data []byte, tag uint16) int {
	t.Helper()
	_, at, n := tiffDirectory(data)
	for i := range n {
		if binary.LittleEndian.Uint16(data[at+12*i:]) == tag {
			return int(at + 12*i)
		}
	}
	t.Fatalf("no tag %d", tag)
	return 0
}

// read opens and decodes.
func (s *Stills) read(data []byte) (*Still, error) {
	p, err := s.Open(data)
	if err != nil {
		return nil, err
	}
	return p, p.Decode(0)
}

func TestStillsRefuse(t *testing.T) {
	jpeg, tiff, webp := stillFile(t, "420.jpg"), stillFile(t, "plain.tiff"), stillFile(t, "lossless.webp")
	sof := bytes.Index(jpeg, []byte{0xff, 0xc0})
	sos := bytes.Index(jpeg, []byte{0xff, jpegSOS})
	dht := bytes.Index(jpeg, []byte{0xff, jpegDHT})
	columns, rows := tiffEntry(t, tiff, tagWidth)+2, tiffEntry(t, tiff, tagHeight)+2
	billions := []byte{4, 0, 1, 0, 0, 0, 0xff, 0xff, 0xff, 0xff} // one value of 32 bits
	for _, c := range []struct {
		name string
		data []byte
		want error
	}{
		{"nothing", nil, ErrNotStill},
		{"text", []byte("P is for picture, but this is none"), ErrNotStill},
		{"PNG that claims 60000 x 60000", pngOf(t, 60000, 60000, 8, 1), ErrTooLarge},
		{"PNG of 20000 x 20000 zeros", pngOf(t, 20000, 20000, 1, 20000), ErrTooLarge},
		{"PNG of 0 x 5", pngOf(t, 0, 5, 8, 5), ErrDamaged},
		{"PNG with a row too few", pngOf(t, 50, 50, 8, 49), ErrDamaged},
		{"PNG with half a chunk", pngOf(t, 50, 50, 8, 50)[:50], ErrCutOff},
		{"PNG with a wrong check sum", patched(stillFile(t, "rgb.png"), 100, 0x55, 0xaa), ErrDamaged},
		{"JPEG of 65500 x 65500", patched(jpeg, sof+5, 0xff, 0xdc, 0xff, 0xdc), ErrTooLarge},
		{"JPEG of no rows", patched(jpeg, sof+5, 0, 0), ErrDamaged},
		{"JPEG cut in the middle", jpeg[:len(jpeg)/2], ErrCutOff},
		{"JPEG without its last byte", jpeg[:len(jpeg)-1], ErrCutOff},
		{"JPEG with a hole", append(bytes.Clone(jpeg[:len(jpeg)-200]), 0xff, jpegEOI), ErrDamaged},
		{"JPEG without a table", patched(jpeg, dht+1, 0xfe), ErrDamaged},
		{"JPEG of 600 scans", slices.Concat(jpeg[:sos], bytes.Repeat(jpeg[sos:len(jpeg)-2], 600), jpeg[len(jpeg)-2:]), ErrDamaged},
		{"JPEG of 12 bits", patched(jpeg, sof+4, 12), nil},
		{"JPEG with arithmetic coding", patched(jpeg, sof+1, 0xc9), errArithmetic},
		{"TIFF of 4 billion strips", patched(tiff, tiffEntry(t, tiff, 273)+4, 0xff, 0xff, 0xff, 0xff), ErrDamaged},
		{"TIFF of 4 billion columns", patched(tiff, columns, billions...), ErrTooLarge},
		{"TIFF of 4 billion columns and rows", patched(patched(tiff, columns, billions...), rows, billions...), ErrTooLarge},
		{"TIFF whose strip lies behind its end", patched(tiff, tiffEntry(t, tiff, 273)+8, 0xff, 0xff, 0xff, 0), ErrDamaged},
		{"TIFF whose directory lies behind its end", patched(tiff, 4, 0xff, 0xff, 0xff, 0xff), ErrCutOff},
		{"WebP cut in the middle", webp[:len(webp)/2], ErrCutOff},
		{"WebP that moves", stillFile(t, "moving.webp"), nil},
		{"BMP of 2 billion rows", patched(stillFile(t, "rgb.bmp"), 22, 0xff, 0xff, 0xff, 0x7f), ErrTooLarge},
		{"PPM of many digits", []byte("P6\n999999999999999999999 99999999999999999999 255\n"), ErrTooLarge},
		{"GIF of 65535 x 65535", patched(stillFile(t, "palette.gif"), 6, 0xff, 0xff, 0xff, 0xff), ErrTooLarge},
	} {
		var s Stills
		_, err := s.read(c.data)
		if err == nil || (c.want != nil && !errors.Is(err, c.want)) {
			t.Errorf("%s: got %v, want %v", c.name, err, c.want)
		}
		t.Logf("%s: %v", c.name, err)
		// What was refused leaves nothing behind that spoils the next picture.
		if _, err := s.read(jpeg); err != nil {
			t.Errorf("a good picture after %s: %v", c.name, err)
		}
		s.Close()
	}
}

// A file of any format that ends in the middle of its pixels is refused.
func TestCutStillsAreRefused(t *testing.T) {
	var s Stills
	defer s.Close()
	for _, c := range stillCases(t) {
		data := stillFile(t, c.Name)
		if c.Name == "moving.gif" {
			data = data[:len(data)/2] // one of two pictures
		}
		for _, share := range []float64{0.1, 0.3, 0.5, 0.7, 0.9} {
			if _, err := s.read(data[:int(share*float64(len(data)))]); err == nil {
				t.Errorf("%.0f %% of %s were taken for a picture", 100*share, c.Name)
			}
		}
	}
}

// A JPEG whose tables are missing must not borrow those of the picture before.
func TestStillsDependOnNothingBefore(t *testing.T) {
	var s Stills
	defer s.Close()
	jpeg := stillFile(t, "420.jpg")
	if _, err := s.read(jpeg); err != nil {
		t.Fatal(err)
	}
	for _, marker := range []byte{jpegDHT, jpegDQT} {
		if _, err := s.read(patched(jpeg, bytes.Index(jpeg, []byte{0xff, marker})+1, 0xfe)); !errors.Is(err, ErrDamaged) {
			t.Errorf("without a segment %x: %v", marker, err)
		}
	}
}

// Memory is what it was, however many pictures are read, found broken, and dropped.
func TestStillMemoryStaysFlat(t *testing.T) {
	if testing.Short() {
		t.Skip("thousands of pictures take seconds")
	}
	var files [][]byte
	for _, c := range stillCases(t) {
		data := stillFile(t, c.Name)
		files = append(files, data, data[:len(data)*2/3])
	}
	before := int64(0)
	for i := range 60 {
		if i == 20 {
			before = resident(t)
		}
		var s Stills
		for _, data := range files {
			if p, err := s.read(data); err == nil {
				if _, err := p.RGB(nil, image.Rectangle{Max: p.Size()}); err != nil {
					t.Fatal(err)
				}
			}
		}
		s.Close()
	}
	if grown := resident(t) - before; grown > 8<<20 {
		t.Errorf("%d KiB more after %d pictures", grown>>10, 40*len(files))
	}
}

// The memory of a large picture goes with it.
func TestLargeStillsAreNotKept(t *testing.T) {
	var s Stills
	defer s.Close()
	large := pngOf(t, 8000, 8000, 8, 8000)
	small := pngOf(t, 8, 8, 8, 8)
	if _, err := s.read(small); err != nil {
		t.Fatal(err)
	}
	before := resident(t)
	for range 3 {
		if _, err := s.read(large); err != nil {
			t.Fatal(err)
		}
		if _, err := s.read(small); err != nil {
			t.Fatal(err)
		}
	}
	if grown := resident(t) - before; grown > 32<<20 {
		t.Errorf("%d MiB more behind pictures of 61 MiB", grown>>20)
	}
}

func FuzzStills(f *testing.F) {
	for _, c := range stillCases(f) {
		f.Add(stillFile(f, c.Name), uint8(0))
	}
	f.Add(stillFile(f, "moving.webp"), uint8(0))
	f.Add(stillFile(f, "progressive.jpg"), uint8(3))
	var s Stills
	f.Cleanup(s.Close)
	f.Fuzz(func(t *testing.T, data []byte, shrink uint8) {
		defer func(began time.Time) {
			if took := time.Since(began); took > 5*time.Second {
				t.Errorf("%d bytes took %s", len(data), took)
			}
		}(time.Now())
		p, err := s.Open(data)
		if err != nil {
			return
		}
		if p.Width < 1 || p.Height < 1 || p.Width*p.Height > MaxStillPixels || p.Format != StillFormat(data) {
			t.Fatalf("%s of %d x %d pixels", p.Format, p.Width, p.Height)
		}
		if p.Width*p.Height > 1<<20 {
			return // slow, not wrong
		}
		if err := p.Decode(min(int(shrink%4), p.Shrinks())); err != nil {
			return
		}
		if _, err := p.RGB(nil, image.Rectangle{Max: p.Size()}); err != nil {
			t.Fatal(err)
		}
		if planes, ok := p.Planes(); ok { // every byte that is lent is there
			sum := 0
			for _, v := range [][]uint8{planes.Y, planes.Cb, planes.Cr} {
				for _, b := range v {
					sum += int(b)
				}
			}
			_ = sum
		}
	})
}
