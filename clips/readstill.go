package clips

import (
	"context"
	"image"
	"time"

	"vssl/decode"
)

// stills is what a worker keeps for reading pictures.
type stills struct {
	bytes   []byte  // of the sample
	packed  []uint8 // RGB [H, W, 3]
	decoder decode.Stills
}

// still fills clip from one picture: every frame of every cut is that picture, and there is no sound.
func (rd *reader) still(ctx context.Context, s Still, rng rngFunc, clip *clip) error {
	began := time.Now()
	raw, err := s.Read(ctx, &rd.stills.bytes)
	if err != nil {
		return err
	}
	began = rd.meter.lap(StageOpen, began)
	for _, c := range rd.canvases {
		c.begin()
	}
	if raw.Layout == Encoded {
		began, err = rd.placeEncoded(raw.Bytes, rng, began)
	} else {
		err = rd.placeRaw(raw, rng)
	}
	if err != nil {
		return err
	}
	rd.meter.lap(StageResize, began)
	rd.paint(clip)
	rd.silence(clip)
	return nil
}

// placeEncoded decodes a file and paints it. It returns the time between the two.
func (rd *reader) placeEncoded(file []byte, rng rngFunc, began time.Time) (time.Time, error) {
	p, err := rd.stills.decoder.Open(file)
	if err != nil {
		return began, err
	}
	shown := image.Pt(p.Width, p.Height)
	if p.Rotation%180 != 0 {
		shown = image.Pt(p.Height, p.Width)
	}
	for i, c := range rd.canvases {
		c.drawLooks(shown, rng, i)
	}
	if err := p.Decode(rd.shrink(p)); err != nil {
		return began, err
	}
	began = rd.meter.lap(StageDecode, began)
	for _, c := range rd.canvases {
		if err := c.fill(rd.recipe.Frames, func(t int) error { return c.placeStill(p, t) }); err != nil {
			return began, err
		}
	}
	return began, nil
}

// shrinkMargin is how many pixels a crop of a shrunk picture keeps for one of its result, along each side. With 2, views of
// photographs are 1 to 2 grey levels on average from those of the whole picture; with 1 they are 4 to 5, since little is left to
// smooth.
const shrinkMargin = 2

// shrink is how often the decoder may halve a picture, so that the crops of all views, as they are drawn already, keep
// shrinkMargin times the pixels of their results. A view that is resized without antialiasing shows single pixels, so nothing
// may be taken from it.
func (rd *reader) shrink(p *decode.Still) int {
	most := p.Shrinks()
	for _, c := range rd.canvases {
		if c.view.Augment.Aliased {
			return 0
		}
		for _, l := range c.looks {
			for most > 0 && min(l.crop.Dx(), l.crop.Dy())>>most < shrinkMargin*c.view.Augment.Size {
				most--
			}
		}
	}
	return most
}

// placeRaw paints plain pixels.
func (rd *reader) placeRaw(raw Raw, rng rngFunc) error {
	rgb, err := raw.packed(rd.stills.packed)
	if err != nil {
		return err
	}
	if raw.Layout != Packed {
		rd.stills.packed = rgb
	}
	for i, c := range rd.canvases {
		err := c.fill(rd.recipe.Frames, func(t int) error {
			c.placePacked(rgb, raw.Width, raw.Height, t, rng, i)
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// fill places a picture in all frames. Those that look alike are made once.
func (c *canvas) fill(frames int, place func(t int) error) error {
	one := c.shape(1).Len()
	for t := range frames {
		if t > 0 && len(c.looks) == 1 {
			copy(c.planar[t*one:(t+1)*one], c.planar[:one])
			continue
		}
		if err := place(t); err != nil {
			return err
		}
	}
	return nil
}

// placeStill crops and resizes a decoded picture into place t, once the looks are drawn.
func (c *canvas) placeStill(p *decode.Still, t int) error {
	size := p.Size()
	dst, g := c.at(t, size.X, size.Y, p.Rotation, nil, 0)
	shown := size
	if p.Rotation%180 != 0 {
		shown = image.Pt(size.Y, size.X)
	}
	g.Crop = nearest(c.look(t).crop, c.size, shown)
	if p.Mirrored {
		g.Crop.Min.X, g.Crop.Max.X = shown.X-g.Crop.Max.X, shown.X-g.Crop.Min.X
		g.Flip = !g.Flip
	}
	if planes, ok := p.Planes(); ok {
		c.resizer.YUV(dst, yuv(planes), g)
		return nil
	}
	crop := g.Stored(size.X, size.Y)
	rgb, err := p.RGB(c.rgb[:0], crop)
	if err != nil {
		return err
	}
	c.rgb = rgb
	g.Crop = image.Rect(0, 0, g.Crop.Dx(), g.Crop.Dy())
	c.resizer.RGB(dst, c.rgb, crop.Dx(), crop.Dy(), g)
	return nil
}

// nearest moves a rectangle of a picture of the size from onto the same part of one of the size to, each edge to the nearest
// pixel.
func nearest(r image.Rectangle, from, to image.Point) image.Rectangle {
	edge := func(v, from, to int) int { return (2*v*to + from) / (2 * from) }
	x0, y0 := min(edge(r.Min.X, from.X, to.X), to.X-1), min(edge(r.Min.Y, from.Y, to.Y), to.Y-1)
	x1, y1 := edge(r.Max.X, from.X, to.X), edge(r.Max.Y, from.Y, to.Y)
	return image.Rect(x0, y0, max(x1, x0+1), max(y1, y0+1))
}

// silence is the sound of a sample that has none.
func (rd *reader) silence(clip *clip) {
	clip.hasSound = false
	for _, s := range clip.sound {
		clear(s)
	}
}
