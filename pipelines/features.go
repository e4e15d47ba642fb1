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

// plain is how an evaluation looks at a sample: eval.clips clips spread evenly over it, and nothing random. The pixels are
// normalised as in training.
func (e extractor) plain() clips.Recipe {
	c := e.cfg
	recipe := clips.Plain(c.Eval.Clips, c.Clip.Frames, c.Clip.Stride, c.Augment.Size)
	for i := range recipe.Views {
		recipe.Views[i].Augment.Mean, recipe.Views[i].Augment.Std = c.Augment.Mean, c.Augment.Std
	}
	return recipe
}

// run reads eval.clips clips of each sample and averages their features.
func (e extractor) run(ctx context.Context, source clips.Source) (*features, error) {
	out := &features{dim: e.net.Features()}
	load := e.cfg.loader(source, e.plain(), e.cfg.Batch)
	skips, err := e.pass(ctx, load, func(b *clips.Batch, rowsBF *torch.Tensor) {
		out.rows = append(out.rows, rowsBF.Float32s()...)
		out.labels = append(out.labels, b.Labels...)
		out.index = append(out.index, b.Index...)
		e.tell(min(len(out.labels), source.Len()-1), source.Len())
	})
	if err != nil {
		return nil, err
	}
	out.skips = skips
	e.tell(source.Len(), source.Len())
	if len(out.labels) == 0 {
		return nil, fmt.Errorf("%s: %w%s", evalData(e.cfg).Data, ErrNothingUsable, firstReason(out.skips))
	}
	for i, v := range out.rows {
		if !finite(float64(v)) {
			return nil, fmt.Errorf("the features of %s are not finite: the network has diverged, try an earlier checkpoint",
				source.Sample(out.index[i/out.dim]).Key)
		}
	}
	return out, nil
}

// pass reads what the loader is set up for and hands each batch with its features [B, F] float32, the mean over the views, to f,
// in a scope of its own and without gradients. It returns the samples that failed.
func (e extractor) pass(ctx context.Context, load clips.LoaderConfig, f func(b *clips.Batch, rowsBF *torch.Tensor)) (
	skips []clips.Skip, err error) {
	loader := clips.NewLoader(ctx, load)
	defer loader.Close()
	for {
		b, err := loader.Next()
		if errors.Is(err, io.EOF) {
			return append(skips, loader.Skipped()...), nil
		}
		if err != nil {
			return nil, err
		}
		skips = append(skips, b.Skipped...)
		if err := e.batch(b, f); err != nil {
			return nil, err
		}
		b.Release()
	}
}

func (e extractor) tell(done, total int) {
	if e.show != nil {
		e.show(done, total)
	}
}

func (e extractor) batch(b *clips.Batch, f func(b *clips.Batch, rowsBF *torch.Tensor)) (err error) {
	defer torch.Recover(&err, "features")
	torch.In(func(*torch.Scope) {
		torch.NoGrad(func() {
			var sum *torch.Tensor
			for _, view := range toDevice(b, e.device).Views {
				var rows *torch.Tensor
				autocast(e.amp, func() { rows = models.Features(e.net, view) })
				rows = rows.To(torch.Float32)
				if sum == nil {
					sum = rows
					continue
				}
				sum = sum.Add(rows)
			}
			f(b, sum.DivScalar(float64(len(b.Views))))
		})
	})
	return err
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
