package pipelines

import (
	"context"
	"errors"
	"image"
	"io"
	"time"

	"vssl/clips"
	"vssl/pipelines/report"
)

// films reads the first plain clip of each wanted sample of a source.
func (r reporter) films(ctx context.Context, source clips.Source, wanted map[int]bool) (map[int]report.Film, error) {
	var samples []clips.Sample
	var at []int
	for i := range source.Len() {
		if wanted[i] {
			samples = append(samples, source.Sample(i))
			at = append(at, i)
		}
	}
	part := clips.NewSet(source.Name(), samples, source.Classes(), nil)
	out := map[int]report.Film{}
	plain := clips.Plain(1, r.cfg.Clip.Frames, r.cfg.Clip.Stride, r.cfg.Augment.Size)
	err := r.eachBatch(ctx, part, plain, false, func(b *clips.Batch) bool {
		for i, n := range b.Index {
			out[at[n]] = r.film(b.Views[0], i)
		}
		return true
	})
	return out, err
}

// eachBatch hands the batches of one pass over a source to f until it returns false.
func (r reporter) eachBatch(ctx context.Context, source clips.Source, recipe clips.Recipe, shuffle bool, f func(*clips.Batch) bool) error {
	l := r.cfg.loader(source, recipe, reportClips)
	l.Shuffle = shuffle
	loader := clips.NewLoader(ctx, l)
	defer loader.Close()
	for {
		b, err := loader.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		more := f(b)
		b.Release()
		if !more {
			return nil
		}
	}
}

// frameTime is how long a page shows one frame of a clip, per unit of stride: the pace of 25 frames a second.
const frameTime = 40 * time.Millisecond

// film is the frames of sample i of a view, which outlive the batch.
func (r reporter) film(v clips.ViewBatch, i int) report.Film {
	f := report.Film{Every: frameTime * time.Duration(r.cfg.Clip.Stride)}
	size := v.H * v.W * 3
	for t := range v.T {
		f.Frames = append(f.Frames, picture(v.Pixels[(i*v.T+t)*size:][:size], v.W, v.H))
	}
	return f
}

func picture(rgb []uint8, w, h int) image.Image {
	out := image.NewRGBA(image.Rect(0, 0, w, h))
	for p := range w * h {
		copy(out.Pix[4*p:], rgb[3*p:3*p+3])
		out.Pix[4*p+3] = 255
	}
	return out
}
