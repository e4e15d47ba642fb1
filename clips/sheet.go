package clips

import (
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"io"
	"strings"

	"golang.org/x/image/font"
	"golang.org/x/image/font/basicfont"
	"golang.org/x/image/math/fixed"
)

// The layout of a sheet, pixels.
const (
	sheetMargin  = 12
	sheetGap     = 2   // between frames
	sheetSample  = 14  // between samples
	sheetLabel   = 150 // column of names
	sheetTitle   = 18  // row of frame numbers
	sheetMinTile = 64  // smaller frames are shown larger
	sheetMaxTile = 160
	sheetFrames  = 16 // at most a row
)

var (
	paper = color.RGBA{226, 226, 222, 255} // neither white nor black: both are common in augmented frames
	ink   = color.RGBA{30, 30, 34, 255}
	faint = color.RGBA{105, 105, 110, 255}
)

// Sheet writes a PNG picture of a batch: a row a view, its frames from left to right in time, the rows of a sample together with its
// key and label. Pixels are shown as the network gets them but for the normalisation; frames smaller than 64 pixels are magnified,
// larger ones than 160 shrunk, and of long clips 16 frames are shown, spread evenly.
func Sheet(w io.Writer, b *Batch) error {
	if b.Size() == 0 || len(b.Views) == 0 {
		return fmt.Errorf("a sheet of an empty batch: want at least one sample with one view")
	}
	s := newSheet(b)
	draw.Draw(s.img, s.img.Bounds(), image.NewUniform(paper), image.Point{}, draw.Src)
	s.header()
	y := sheetMargin + sheetTitle
	for i := range b.Size() {
		s.names(i, y)
		for v := range b.Views {
			s.row(i, v, y)
			y += s.tile[v] + sheetGap
		}
		y += sheetSample
	}
	return png.Encode(w, s.img)
}

type sheet struct {
	img  *image.RGBA
	b    *Batch
	tile []int // side of a frame by view
	cols int   // frames a row
}

func newSheet(b *Batch) *sheet {
	s := &sheet{b: b}
	width, height := 0, 0
	for _, v := range b.Views {
		t := tileSide(max(v.H, v.W))
		s.tile = append(s.tile, t)
		s.cols = max(s.cols, min(v.T, sheetFrames))
		width = max(width, min(v.T, sheetFrames)*(t+sheetGap))
		height += t + sheetGap
	}
	h := 2*sheetMargin + sheetTitle + b.Size()*(height+sheetSample) - sheetSample
	s.img = image.NewRGBA(image.Rect(0, 0, 2*sheetMargin+sheetLabel+width, h))
	return s
}

// tileSide is how large a frame is shown: whole multiples when magnified, so that pixels stay square.
func tileSide(side int) int {
	if side > sheetMaxTile {
		return sheetMaxTile
	}
	k := 1
	for k*side < sheetMinTile {
		k++
	}
	return k * side
}

// frames lists the frames of a view that are shown.
func (s *sheet) frames(v int) []int {
	t := s.b.Views[v].T
	n := min(t, sheetFrames)
	shown := make([]int, n)
	for i := range shown {
		shown[i] = i * (t - 1) / max(1, n-1)
	}
	return shown
}

// header numbers the frames of the first view.
func (s *sheet) header() {
	for i, t := range s.frames(0) {
		s.text(s.x(0, i), sheetMargin+11, fmt.Sprintf("t%d", t), faint)
	}
}

func (s *sheet) x(v, i int) int { return sheetMargin + sheetLabel + i*(s.tile[v]+sheetGap) }

// names writes the key of a sample and its label beside its first row.
func (s *sheet) names(i, y int) {
	const lines = 3
	all := wrapKey(s.b.Keys[i], (sheetLabel-10)/7)
	if len(all) > lines { // the end of a path tells samples apart
		all = all[len(all)-lines:]
		all[0] = ".." + all[0][min(2, len(all[0])):]
	}
	for n, line := range all {
		s.text(sheetMargin, y+11+13*n, line, ink)
	}
	if l := s.b.Labels[i]; l >= 0 && s.tile[0] >= 13*(lines+2) {
		s.text(sheetMargin, y+11+13*len(all), fmt.Sprintf("label %d", l), faint)
	}
}

// wrapKey breaks a key into lines of at most n bytes, behind a slash where there is one, else behind a blank, dash
// or underscore.
func wrapKey(key string, n int) (lines []string) {
	for len(key) > n {
		cut := n
		for _, at := range []string{"/", " -_"} {
			if c := strings.LastIndexAny(key[:n], at) + 1; c >= n/3 {
				cut = c
				break
			}
		}
		lines = append(lines, key[:cut])
		key = key[cut:]
	}
	return append(lines, key)
}

// row draws one view of a sample.
func (s *sheet) row(i, v, y int) {
	view, side := s.b.Views[v], s.tile[v]
	frame := view.H * view.W * 3
	for col, t := range s.frames(v) {
		src := view.Pixels[(i*view.T+t)*frame:][:frame]
		x0 := s.x(v, col)
		for py := range side {
			for px := range side {
				at := (py*view.H/side*view.W + px*view.W/side) * 3
				s.img.SetRGBA(x0+px, y+py, color.RGBA{src[at], src[at+1], src[at+2], 255})
			}
		}
	}
	s.text(sheetMargin, y+side-4, fmt.Sprintf("view %d", v), faint)
}

func (s *sheet) text(x, y int, line string, c color.Color) {
	d := font.Drawer{Dst: s.img, Src: image.NewUniform(c), Face: basicfont.Face7x13, Dot: fixed.P(x, y)}
	d.DrawString(line)
}
