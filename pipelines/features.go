package pipelines

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"

	"vssl/clips"
	"vssl/models"
	"vssl/torch"
)

// features are the frozen network's outputs for a whole source, in the order of its samples, without those that failed.
type features struct {
	rows   []float32 // [N, D], the mean over a sample's clips
	dim    int
	labels []int // [N], -1 where unknown
	index  []int // [N] sample numbers in the source
	skips  []clips.Skip
}

// extractor runs a backbone over sources.
type extractor struct {
	cfg    *Config
	net    models.Backbone
	device torch.Device
	amp    torch.DType
	show   func(done, total int) // samples; nil for nothing
}

// run reads eval.clips clips of each sample, spread evenly over it, and averages their features.
func (e extractor) run(ctx context.Context, source clips.Source) (*features, error) {
	c := e.cfg
	recipe := clips.Plain(c.Eval.Clips, c.Clip.Frames, c.Clip.Stride, c.Augment.Size)
	for i := range recipe.Views { // the pixels are normalised as in training
		recipe.Views[i].Augment.Mean, recipe.Views[i].Augment.Std = c.Augment.Mean, c.Augment.Std
	}
	loader := clips.NewLoader(ctx, c.loader(source, recipe, c.Batch))
	defer loader.Close()
	out := &features{dim: e.net.Features()}
	for {
		b, err := loader.Next()
		if errors.Is(err, io.EOF) {
			out.skips = append(out.skips, loader.Skipped()...)
			break
		}
		if err != nil {
			return nil, err
		}
		if err := e.batch(b, out); err != nil {
			return nil, err
		}
		b.Release()
		e.tell(min(len(out.labels)+len(out.skips), source.Len()-1), source.Len())
	}
	e.tell(source.Len(), source.Len())
	if len(out.labels) == 0 {
		return nil, fmt.Errorf("%s: %w%s", c.Data, ErrNothingUsable, firstReason(out.skips))
	}
	return out, nil
}

func (e extractor) tell(done, total int) {
	if e.show != nil {
		e.show(done, total)
	}
}

func (e extractor) batch(b *clips.Batch, out *features) (err error) {
	defer torch.Recover(&err, "features")
	torch.In(func(*torch.Scope) {
		torch.NoGrad(func() {
			var sum *torch.Tensor
			for _, view := range toDevice(b, e.device).Views {
				var f *torch.Tensor
				autocast(e.amp, func() { f = models.Features(e.net, view) })
				f = f.To(torch.Float32)
				if sum == nil {
					sum = f
					continue
				}
				sum = sum.Add(f)
			}
			out.rows = append(out.rows, sum.DivScalar(float64(len(b.Views))).Float32s()...)
		})
	})
	out.labels = append(out.labels, b.Labels...)
	out.index = append(out.index, b.Index...)
	out.skips = append(out.skips, b.Skipped...)
	return nil
}

// unit is the features [N, D] with rows scaled to norm 1; a row of zeros stays.
func (f *features) unit() []float32 {
	rows := slices.Clone(f.rows)
	for at := 0; at < len(rows); at += f.dim {
		row, sum := rows[at:at+f.dim], 0.0
		for _, v := range row {
			sum += float64(v) * float64(v)
		}
		scale := float32(1 / math.Max(math.Sqrt(sum), 1e-12))
		for i := range row {
			row[i] *= scale
		}
	}
	return rows
}

// pick keeps the rows of the given positions.
func (f *features) pick(at []int) *features {
	out := &features{dim: f.dim}
	for _, i := range at {
		out.rows = append(out.rows, f.rows[i*f.dim:(i+1)*f.dim]...)
		out.labels = append(out.labels, f.labels[i])
		out.index = append(out.index, f.index[i])
	}
	return out
}

// autocast runs f with matrix products and convolutions in dt; Float32 leaves them as they are.
func autocast(dt torch.DType, f func()) {
	if dt == torch.Float32 {
		f()
		return
	}
	torch.Autocast(dt, f)
}
