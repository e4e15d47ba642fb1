package clips

import (
	"context"
	"errors"
	"time"
)

// stills is what a worker keeps for reading pictures.
type stills struct {
	bytes  []byte  // of the sample
	packed []uint8 // RGB [H, W, 3]
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
		return errors.New("pictures of a file format are not read yet")
	}
	if err := rd.placeRaw(raw, rng); err != nil {
		return err
	}
	rd.meter.lap(StageResize, began)
	rd.paint(clip)
	rd.silence(clip)
	return nil
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
		for t := range rd.recipe.Frames {
			c.placePacked(rgb, raw.Width, raw.Height, t, rng, i)
		}
	}
	return nil
}

// silence is the sound of a sample that has none.
func (rd *reader) silence(clip *clip) {
	clip.hasSound = false
	for _, s := range clip.sound {
		clear(s)
	}
}
