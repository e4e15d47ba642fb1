package decode

import (
	"encoding/json"
	"image"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// stillCase is a picture of testdata/stills and what Pillow says of it.
type stillCase struct {
	Name          string
	Width, Height int
	Tolerance     float64 // mean absolute difference in grey levels; 0: equal
	Orientation   int
	RGB           []uint8 // [Height, Width, 3], before the orientation is applied
}

func stillCases(t testing.TB) []stillCase {
	t.Helper()
	data, err := os.ReadFile("testdata/stills/stills.json")
	if err != nil {
		t.Fatal(err)
	}
	var cases []stillCase
	if err := json.Unmarshal(data, &cases); err != nil {
		t.Fatal(err)
	}
	return cases
}

func stillFile(t testing.TB, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata/stills", name))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// difference is the mean and the largest difference of two pictures.
func difference(a, b []uint8) (mean, most float64) {
	for i := range a {
		d := math.Abs(float64(a[i]) - float64(b[i]))
		mean += d / float64(len(a))
		most = max(most, d)
	}
	return mean, most
}

// Every format comes out as Pillow reads it, all from one Stills, forwards and backwards, so that no picture depends on the one
// before.
func TestStillsAgreeWithPillow(t *testing.T) {
	var s Stills
	defer s.Close()
	cases := stillCases(t)
	for i := range 2 * len(cases) {
		c := cases[min(i, 2*len(cases)-1-i)]
		p, err := s.Open(stillFile(t, c.Name))
		if err != nil {
			t.Errorf("%s: %v", c.Name, err)
			continue
		}
		if p.Width != c.Width || p.Height != c.Height {
			t.Errorf("%s: the header says %d x %d, want %d x %d", c.Name, p.Width, p.Height, c.Width, c.Height)
		}
		rotation := []int{0, 0, 180, 180, 90, 90, 270, 270}[c.Orientation-1]
		if mirrored := strings.Contains("2457", strconv.Itoa(c.Orientation)); p.Rotation != rotation || p.Mirrored != mirrored {
			t.Errorf("%s: turned by %d, mirrored %v for the orientation %d", c.Name, p.Rotation, p.Mirrored, c.Orientation)
		}
		if err := p.Decode(0); err != nil {
			t.Errorf("%s: %v", c.Name, err)
			continue
		}
		got, err := p.RGB(nil, image.Rect(0, 0, c.Width, c.Height))
		if err != nil {
			t.Errorf("%s: %v", c.Name, err)
			continue
		}
		if mean, most := difference(got, c.RGB); mean > c.Tolerance || math.IsNaN(mean) {
			t.Errorf("%s (%s): %.2f levels from Pillow, %g at most; want a mean of %g", c.Name, p.PixelFormat(), mean, most, c.Tolerance)
		}
		part := image.Rect(5, 3, 20, 17)
		crop, err := p.RGB(nil, part)
		if err != nil {
			t.Fatal(err)
		}
		for y := range part.Dy() {
			row := crop[3*y*part.Dx() : 3*(y+1)*part.Dx()]
			want := got[3*((y+part.Min.Y)*c.Width+part.Min.X):][:len(row)]
			if mean, _ := difference(row, want); mean > c.Tolerance/2 {
				t.Errorf("%s: row %d of a part is %.2f levels from that of the whole", c.Name, y, mean)
			}
		}
	}
}

// Planes agree with RGB.
func TestStillPlanes(t *testing.T) {
	var s Stills
	defer s.Close()
	shifts := map[string][2]uint{"420.jpg": {1, 1}, "422.jpg": {1, 0}, "444.jpg": {0, 0}, "lossy.webp": {1, 1}, "alpha.webp": {1, 1}}
	for name, shift := range shifts {
		p, err := s.Open(stillFile(t, name))
		if err != nil {
			t.Fatal(err)
		}
		if err := p.Decode(0); err != nil {
			t.Fatal(err)
		}
		planes, ok := p.Planes()
		if !ok || planes.ShiftX != shift[0] || planes.ShiftY != shift[1] || planes.Width != p.Width || planes.Height != p.Height {
			t.Fatalf("%s: planes %v, %d x %d, shifts %d %d", name, ok, planes.Width, planes.Height, planes.ShiftX, planes.ShiftY)
		}
		if full := p.Format == "JPEG"; planes.FullRange != full || planes.Matrix != BT601 {
			t.Errorf("%s: full range %v, matrix %v", name, planes.FullRange, planes.Matrix)
		}
		rgb, err := p.RGB(nil, image.Rect(0, 0, 1, 1))
		if err != nil {
			t.Fatal(err)
		}
		y := float64(planes.Y[0])
		if !planes.FullRange {
			y = (y - 16) * 255 / 219
		}
		if luma := 0.299*float64(rgb[0]) + 0.587*float64(rgb[1]) + 0.114*float64(rgb[2]); math.Abs(luma-y) > 2 {
			t.Errorf("%s: luma %g in planes, %g in RGB", name, y, luma)
		}
	}
}

// decodedPlanes opens and decodes a file, and returns its planes in one slice each.
func decodedPlanes(t *testing.T, s *Stills, name string, shrink int) (p *Still, planes [3]image.Gray) {
	t.Helper()
	p, err := s.Open(stillFile(t, name))
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Decode(shrink); err != nil {
		t.Fatal(err)
	}
	lent, ok := p.Planes()
	if !ok {
		t.Fatalf("%s has no planes", name)
	}
	planes[0] = image.Gray{Pix: append([]uint8{}, lent.Y...), Stride: lent.StrideY, Rect: image.Rect(0, 0, lent.Width, lent.Height)}
	for c, v := range [][]uint8{lent.Cb, lent.Cr} {
		planes[1+c] = image.Gray{Pix: append([]uint8{}, v...), Stride: lent.StrideC, Rect: image.Rect(0, 0, lent.ChromaW, lent.ChromaH)}
	}
	return p, planes
}

// Halving in the decoder gives the means of blocks, nearly.
func TestStillShrinks(t *testing.T) {
	var s Stills
	defer s.Close()
	for _, name := range []string{"420.jpg", "422.jpg", "444.jpg", "progressive.jpg"} {
		_, whole := decodedPlanes(t, &s, name, 0)
		for shrink := range maxShrink + 1 {
			n := 1 << shrink
			p, got := decodedPlanes(t, &s, name, shrink)
			if size := p.Size(); size.X != (p.Width+n-1)/n || size.Y != (p.Height+n-1)/n {
				t.Errorf("%s: %v halved %d times", name, size, shrink)
			}
			for c := range got {
				if d := blockDifference(&whole[c], &got[c], n); d > 4 || (n == 1 && d != 0) {
					t.Errorf("%s: plane %d halved %d times is %.2f levels from the means of its blocks", name, c, shrink, d)
				}
			}
		}
	}
}

// blockDifference is the mean distance of the values of small to the means of n x n values of whole.
func blockDifference(whole, small *image.Gray, n int) float64 {
	sum, count := 0.0, 0
	for y := range whole.Rect.Dy() / n {
		for x := range whole.Rect.Dx() / n {
			mean := 0.0
			for i := range n * n {
				mean += float64(whole.GrayAt(x*n+i%n, y*n+i/n).Y) / float64(n*n)
			}
			sum += math.Abs(mean - float64(small.GrayAt(x, y).Y))
			count++
		}
	}
	return sum / float64(count)
}
