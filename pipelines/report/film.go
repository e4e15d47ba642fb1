package report

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"html/template"
	"image"
	"image/jpeg"
	"time"

	"golang.org/x/image/draw"
)

const (
	maxSide   = 128 // longest side in pixels of a frame in the page
	maxFrames = 64  // of a film; the rest is not shown
)

// strip is a film as the template shows it: its frames side by side in one picture, which a style sheet steps through.
type strip struct {
	Style  template.CSS // of the element: the picture, its shape, the number of frames and the time of a round
	Frames int
	Empty  bool // the film has no frames
}

// lay puts the frames of a film side by side.
func lay(f Film) (strip, error) {
	if len(f.Frames) == 0 {
		return strip{Empty: true}, nil
	}
	f.Frames = f.Frames[:min(len(f.Frames), maxFrames)]
	size := f.Frames[0].Bounds().Size()
	if size.X <= 0 || size.Y <= 0 {
		return strip{Empty: true}, nil
	}
	width, height := fit(size)
	sheet := image.NewRGBA(image.Rect(0, 0, width*len(f.Frames), height))
	for i, frame := range f.Frames {
		place := image.Rect(i*width, 0, (i+1)*width, height)
		if frame.Bounds().Size() == place.Size() {
			draw.Draw(sheet, place, frame, frame.Bounds().Min, draw.Src)
		} else {
			draw.CatmullRom.Scale(sheet, place, frame, frame.Bounds(), draw.Src, nil)
		}
	}
	var picture bytes.Buffer
	if err := jpeg.Encode(&picture, sheet, &jpeg.Options{Quality: 82}); err != nil {
		return strip{}, fmt.Errorf("report: a film of %d frames of %dx%d: %w", len(f.Frames), width, height, err)
	}
	every := f.Every
	if every <= 0 {
		every = 80 * time.Millisecond
	}
	style := fmt.Sprintf("--strip:url(data:image/jpeg;base64,%s);--frames:%d;--shape:%d/%d;--round:%dms",
		base64.StdEncoding.EncodeToString(picture.Bytes()), len(f.Frames), width, height,
		(every * time.Duration(len(f.Frames))).Milliseconds())
	// numbers and base64 alone, so nothing of it needs escaping
	return strip{Style: template.CSS(style), Frames: len(f.Frames)}, nil
}

// fit scales a size down to maxSide.
func fit(size image.Point) (width, height int) {
	longest := max(size.X, size.Y)
	if longest <= maxSide {
		return size.X, size.Y
	}
	return max(1, size.X*maxSide/longest), max(1, size.Y*maxSide/longest)
}
