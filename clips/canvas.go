package clips

import (
	"fmt"
	"image"

	"vssl/decode"
	"vssl/internal/pixel"
)

// canvas is where one view of one sample is painted, frame by frame as they are decoded. It belongs to a worker and is used again
// for every sample.
type canvas struct {
	view    View
	frames  int
	planar  []uint8 // [T, 3, Size, Size]
	looks   []look  // one for the clip, or one a frame
	size    image.Point
	resizer pixel.Resizer // keeps its tables over the frames of a clip
	rgb     []uint8       // of a frame that has no planes to read
}

// frameStreams sets the streams of PerFrame apart from those of the views.
const frameStreams = 1 << 20

func newCanvas(v View, frames int) *canvas {
	c := &canvas{view: v, frames: frames}
	c.planar = make([]uint8, c.shape(frames).Len())
	return c
}

func (c *canvas) shape(frames int) pixel.Clip {
	return pixel.Clip{T: frames, H: c.view.Augment.Size, W: c.view.Augment.Size}
}

// begin forgets the sample before.
func (c *canvas) begin() { c.looks = c.looks[:0] }

// drawLooks draws the augmentations once the size of the picture is known.
func (c *canvas) drawLooks(size image.Point, rng rngFunc, view int) {
	c.size = size
	a := c.view.Augment
	if !a.PerFrame {
		c.looks = append(c.looks, a.drawLook(rng(view+1), size.X, size.Y))
		return
	}
	for t := range c.frames {
		c.looks = append(c.looks, a.drawLook(rng(frameStreams*(t+1)+view+1), size.X, size.Y))
	}
}

func (c *canvas) look(t int) look {
	if len(c.looks) == 1 {
		return c.looks[0]
	}
	return c.looks[t]
}

// place crops and resizes a frame into place t. It draws the augmentations when it is the first.
func (c *canvas) place(f *decode.Frame, t int, rng rngFunc, view int) error {
	if f.Width < 1 || f.Height < 1 {
		return fmt.Errorf("a frame of %d x %d pixels", f.Width, f.Height)
	}
	dst, g := c.at(t, f.Width, f.Height, f.Rotation, rng, view)
	if p, ok := f.Planes(); ok {
		c.resizer.YUV(dst, yuv(p), g)
	} else {
		c.placeRGB(dst, f, g)
	}
	return nil
}

// at returns the place of frame t, and what is shown there of a stored picture of width x height pixels.
func (c *canvas) at(t, width, height, rotation int, rng rngFunc, view int) ([]uint8, pixel.Geometry) {
	shown := image.Pt(width, height)
	if rotation%180 != 0 {
		shown = image.Pt(height, width)
	}
	if len(c.looks) == 0 {
		c.drawLooks(shown, rng, view)
	}
	l, side := c.look(t), c.view.Augment.Size
	g := pixel.Geometry{Rotation: rotation, OutH: side, OutW: side, Flip: l.flip, Aliased: c.view.Augment.Aliased}
	g.Crop = scaled(l.crop, c.size, shown)
	one := c.shape(1).Len()
	return c.planar[t*one : (t+1)*one], g
}

// placePacked is place for a picture of packed pixels, rgb [height, width, 3].
func (c *canvas) placePacked(rgb []uint8, width, height, t int, rng rngFunc, view int) {
	dst, g := c.at(t, width, height, 0, rng, view)
	c.resizer.RGB(dst, rgb, width, height, g)
}

// placeRGB goes through the general conversion, of the crop alone.
func (c *canvas) placeRGB(dst []uint8, f *decode.Frame, g pixel.Geometry) {
	crop := g.Stored(f.Width, f.Height)
	c.rgb = f.RGB(c.rgb[:0], crop)
	g.Crop = image.Rect(0, 0, g.Crop.Dx(), g.Crop.Dy())
	c.resizer.RGB(dst, c.rgb, crop.Dx(), crop.Dy(), g)
}

// finish runs the colour steps.
func (c *canvas) finish(s *pixel.Scratch) {
	kernel := c.view.Augment.kernel()
	if len(c.looks) == 1 {
		c.looks[0].paint(c.planar, c.shape(c.frames), kernel, s)
		return
	}
	one := c.shape(1).Len()
	for t, l := range c.looks {
		l.paint(c.planar[t*one:(t+1)*one], c.shape(1), kernel, s)
	}
}

// yuv lends the planes of a frame to the kernels.
func yuv(p decode.Planar) pixel.YUV {
	kr, kb := p.Matrix.Weights()
	return pixel.YUV{
		Planes: [3][]byte{p.Y, p.Cb, p.Cr}, Stride: [3]int{p.StrideY, p.StrideC, p.StrideC}, ShiftX: int(p.ShiftX), ShiftY: int(p.ShiftY),
		Width: p.Width, Height: p.Height, Kr: kr, Kb: kb, Full: p.FullRange,
	}
}
