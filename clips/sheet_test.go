package clips

import (
	"bytes"
	"image/color"
	"image/png"
	"strings"
	"testing"
)

func TestSheet(t *testing.T) {
	r := Pair(20, 1, Contrastive(30))
	b := newBatch(r, 2)
	for i := range 2 {
		c := newClip(r)
		for v := range c.pixels {
			for k := range c.pixels[v] {
				c.pixels[v][k] = uint8(60 * (2*i + v))
			}
		}
		b.add(c, Sample{Key: "a/" + strings.Repeat("long-", 20) + "name.mp4", Label: i}, i)
	}
	var out bytes.Buffer
	if err := Sheet(&out, b); err != nil {
		t.Fatal(err)
	}
	img, err := png.Decode(&out)
	if err != nil {
		t.Fatal(err)
	}
	// 16 of 20 frames are shown, 30 pixels threefold.
	if got, want := img.Bounds().Dx(), 2*sheetMargin+sheetLabel+16*(90+sheetGap); got != want {
		t.Errorf("the sheet is %d pixels wide, want %d", got, want)
	}
	row := 90 + sheetGap
	for i := range 2 {
		for v := range 2 {
			y := sheetMargin + sheetTitle + i*(2*row+sheetSample) + v*row + 45
			want := uint8(60 * (2*i + v))
			if got := img.At(sheetMargin+sheetLabel+45, y); got != (color.RGBA{want, want, want, 255}) {
				t.Errorf("sample %d, view %d is %v, want grey %d", i, v, got, want)
			}
		}
	}
	if Sheet(&out, &Batch{}) == nil {
		t.Error("a sheet of an empty batch was written")
	}
}

func TestWrapKey(t *testing.T) {
	same(t, "lines", wrapKey("train/riding_a_bike/abc-def_123.mp4", 14), []string{"train/", "riding_a_bike/", "abc-def_", "123.mp4"})
	same(t, "lines", wrapKey("abcdefghij", 4), []string{"abcd", "efgh", "ij"})
}
