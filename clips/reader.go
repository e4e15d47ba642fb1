package clips

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"vssl/decode"
	"vssl/internal/pixel"
)

// rngFunc returns the random numbers of a stream of the sample at hand.
type rngFunc func(stream int) *rand.Rand

// reader turns samples into clips for one worker: it owns the scratch memory, and opens each file once for all cuts and views.
type reader struct {
	recipe   Recipe
	options  decode.Options
	meter    *meter
	canvases []*canvas // by view
	scratch  pixel.Scratch
	stills   stills
	targets  []target
	want     []int
}

// target is a place that a source frame goes to.
type target struct{ frame, view, t int }

func newReader(r Recipe, o decode.Options, m *meter) *reader {
	rd := &reader{recipe: r, options: o, meter: m}
	for _, v := range r.Views {
		rd.canvases = append(rd.canvases, newCanvas(v, r.Frames))
	}
	return rd
}

// close frees what the decoder of pictures holds.
func (rd *reader) close() { rd.stills.decoder.Close() }

// read fills clip with the sample. rng gives the sample's random numbers.
func (rd *reader) read(ctx context.Context, s Sample, rng rngFunc, clip *clip) error {
	if s.Still != nil {
		return rd.still(ctx, s.Still, rng, clip)
	}
	return rd.video(ctx, s, rng, clip)
}

// video fills clip from a file of frames in time.
func (rd *reader) video(ctx context.Context, s Sample, rng rngFunc, clip *clip) error {
	began := time.Now()
	v, err := decode.Open(ctx, s.Path, rd.options)
	if err != nil {
		return err
	}
	defer v.Close()
	began = rd.meter.lap(StageOpen, began)
	index, err := v.Index(ctx)
	if err != nil {
		return err
	}
	rd.meter.lap(StageIndex, began)
	grid := newGrid(v.Info(), index, s)
	starts := rd.recipe.cutStarts(grid.length, rng(0))
	rd.plan(grid, index, starts)
	if err := rd.frames(ctx, v, rng); err != nil {
		return err
	}
	began = rd.paint(clip)
	if rd.recipe.Sound != nil {
		err = rd.sound(ctx, v, grid, starts, clip)
		rd.meter.lap(StageSound, began)
	}
	return err
}

// paint runs the colour steps and packs the views, and returns the time at the end.
func (rd *reader) paint(clip *clip) time.Time {
	began := time.Now()
	for _, c := range rd.canvases {
		c.finish(&rd.scratch)
	}
	began = rd.meter.lap(StageColour, began)
	for i, c := range rd.canvases {
		pixel.Interleave(clip.pixels[i], c.planar, c.shape(rd.recipe.Frames))
	}
	return rd.meter.lap(StagePack, began)
}

// plan lists which source frame goes where, in the order of the source.
func (rd *reader) plan(g grid, index *decode.Index, starts []int) {
	rd.targets, rd.want = rd.targets[:0], rd.want[:0]
	for i, v := range rd.recipe.Views {
		for t := range rd.recipe.Frames {
			f := index.At(g.time(rd.recipe.CutFrame(starts[v.Cut], t, g.length)))
			rd.targets = append(rd.targets, target{f, i, t})
		}
	}
	slices.SortStableFunc(rd.targets, func(a, b target) int { return a.frame - b.frame })
	for _, t := range rd.targets {
		if n := len(rd.want); n == 0 || rd.want[n-1] != t.frame {
			rd.want = append(rd.want, t.frame)
		}
	}
}

// frames decodes what is planned in one pass. Each frame is cropped and resized for all views that want it while it is there, so no
// source frame is ever kept.
func (rd *reader) frames(ctx context.Context, v *decode.Video, rng rngFunc) error {
	for _, c := range rd.canvases {
		c.begin()
	}
	began, resize := time.Now(), time.Duration(0)
	next := 0
	err := v.Frames(ctx, rd.want, func(k int, f *decode.Frame) error {
		entered := time.Now()
		for ; next < len(rd.targets) && rd.targets[next].frame == rd.want[k]; next++ {
			t := rd.targets[next]
			if err := rd.canvases[t.view].place(f, t.t, rng, t.view); err != nil {
				return err
			}
		}
		resize += time.Since(entered)
		return nil
	})
	if err == nil && next != len(rd.targets) {
		err = fmt.Errorf("%d of %d frames were decoded", next, len(rd.targets))
	}
	rd.meter.add(StageResize, resize)
	rd.meter.add(StageDecode, time.Since(began)-resize)
	return err
}

// sound reads the sound of each cut, from the time of its first frame on.
func (rd *reader) sound(ctx context.Context, v *decode.Video, g grid, starts []int, clip *clip) error {
	spec := rd.recipe.Sound
	clip.hasSound = v.Info().HasSound()
	for cut, start := range starts {
		dst := clip.sound[cut]
		clear(dst)
		if !clip.hasSound {
			continue
		}
		samples, err := v.Sound(ctx, g.time(start)-g.half, spec.Length, spec.Rate, spec.channels())
		if err != nil {
			return fmt.Errorf("sound: %w", err)
		}
		copy(dst, samples)
	}
	return nil
}
