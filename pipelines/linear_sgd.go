package pipelines

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"vssl/clips"
	"vssl/torch"
	"vssl/torch/optim"
)

// headMomentum is the usual one of linear evaluation.
const headMomentum = 0.9

// heads are linear classifiers on the same rows, one a learning rate, trained at once by momentum and half a cosine without
// warm-up. They begin at 0, and their gradients do not meet.
type heads struct {
	classes []int // [C] labels by column, ascending
	rates   []float64
	weights []*torch.Tensor // [C, D] each
	biases  []*torch.Tensor // [C] each
	update  *optim.Optimizer
	owner   *torch.Scope
}

func newHeads(labels []int, dim int, rates []float64) *heads {
	h := &heads{classes: slices.Compact(slices.Sorted(slices.Values(labels))), rates: rates, owner: torch.NewScope()}
	var groups []optim.Group
	torch.In(func(*torch.Scope) {
		for i, rate := range rates {
			w := h.owner.Keep(torch.Zeros([]int{len(h.classes), dim}, torch.Float32, torch.CPU)).RequireGrad(true)
			b := h.owner.Keep(torch.Zeros([]int{len(h.classes)}, torch.Float32, torch.CPU)).RequireGrad(true)
			h.weights, h.biases = append(h.weights, w), append(h.biases, b)
			groups = append(groups, optim.Group{Names: []string{fmt.Sprint("weight", i), fmt.Sprint("bias", i)},
				Params: []*torch.Tensor{w, b}, Scale: rate})
		}
	})
	h.update = optim.New(optim.Config{Kind: optim.SGD, Momentum: headMomentum}, groups)
	return h
}

// close frees the heads.
func (h *heads) close() {
	h.update.Close()
	h.owner.Close()
}

// step moves all heads by the rows [B, D]; progress is the share of the training that is done.
func (h *heads) step(rowsBD *torch.Tensor, labels []int, progress float64) {
	targets := make([]int, len(labels))
	for i, label := range labels {
		targets[i], _ = slices.BinarySearch(h.classes, label)
	}
	torch.In(func(*torch.Scope) {
		logits := torch.Linear(rowsBD, torch.Cat(h.weights, 0), torch.Cat(h.biases, 0)) // [B, R C]
		logitsBRC := logits.Reshape(len(labels), len(h.rates), len(h.classes))
		targetB := torch.FromInts(targets, len(targets))
		targetsBR := targetB.Unsqueeze(1).Expand(len(labels), len(h.rates)).Flatten(0, 1)
		// the sum over the heads of the mean over the rows: each head has the gradient that it would have alone
		torch.CrossEntropyReduce(logitsBRC.Flatten(0, 1), targetsBR, torch.ReduceSum).DivScalar(float64(len(labels))).Backward()
		h.update.Step((1 + math.Cos(math.Pi*progress)) / 2)
		h.update.ZeroGrad()
	})
}

// rank judges head i by rows [N, D].
func (h *heads) rank(i int, rowsND *torch.Tensor, labels, tops []int) (r ranked) {
	torch.In(func(*torch.Scope) {
		torch.NoGrad(func() { r = rankLogits(torch.Linear(rowsND, h.weights[i], h.biases[i]), h.classes, labels, tops) })
	})
	return r
}

// sgdProbe is linear evaluation by SGD on frozen features: several rates at once on a part of the training part, the best of
// them on the held-out fifth of it, and then that rate on all of the training part. Features are standardised with the mean and
// deviation of the training rows.
type sgdProbe struct {
	opts  LinearOptions
	seed  uint64
	ex    extractor    // of the frozen network, where rows are augmented anew
	train clips.Source // that train features are of
	show  func(done, total int)
}

// run trains and judges. The error is ctx's, or that of reading.
func (p sgdProbe) run(ctx context.Context, train, test *features) (r ranked, s Sweep, err error) {
	tops := topCounts(differentClasses(train.labels, test.labels))
	s = Sweep{Name: "learning rate", Values: slices.Sorted(slices.Values(p.opts.Rates))}
	rest, held := holdOut(train.labels, p.seed)
	total := p.opts.Epochs
	if len(s.Values) > 1 && len(held) > 0 {
		total *= 2
		fit, judge := train.pick(rest), train.pick(held)
		err = p.fit(ctx, fit, s.Values, counter{p.show, 0, total}, func(h *heads, scaled func(*features) *torch.Tensor) {
			for i := range s.Values {
				got := h.rank(i, scaled(judge), judge.labels, tops)
				s.Held = append(s.Held, float64(got.hits[0])/float64(got.of))
			}
		})
		if err != nil {
			return r, s, err
		}
	}
	s.choose()
	last := counter{p.show, total - p.opts.Epochs, total}
	err = p.fit(ctx, train, []float64{s.Chosen}, last, func(h *heads, scaled func(*features) *torch.Tensor) {
		r = h.rank(0, scaled(test), test.labels, tops)
	})
	return r, s, err
}

// counter shows epochs that are a part of a longer way.
type counter struct {
	show        func(done, total int)
	done, total int
}

// useHeads judges trained heads; scaled brings features to the scale of the rows that they were trained on.
type useHeads func(h *heads, scaled func(*features) *torch.Tensor)

// fit trains heads on the features and hands them to use.
func (p sgdProbe) fit(ctx context.Context, f *features, rates []float64, c counter, use useHeads) (err error) {
	torch.In(func(*torch.Scope) {
		rows, shift, scale := standardise(f)
		h := newHeads(f.labels, f.dim, rates)
		defer h.close()
		for epoch := range p.opts.Epochs {
			at := float64(epoch) / float64(p.opts.Epochs)
			if p.opts.Augment {
				err = p.augmentedEpoch(ctx, h, f, shift, scale, epoch)
			} else {
				err = p.epoch(ctx, h, rows, f.labels, at, epoch)
			}
			if err != nil {
				return
			}
			c.show(c.done+epoch+1, c.total)
		}
		use(h, func(g *features) *torch.Tensor {
			return torch.FromFloat32(g.rows, len(g.labels), g.dim).Sub(shift).Div(scale)
		})
	})
	return err
}

// epoch goes once over rows that are there, in an order of seed and epoch.
func (p sgdProbe) epoch(ctx context.Context, h *heads, rowsND *torch.Tensor, labels []int, at float64, epoch int) error {
	order := rand.New(rand.NewPCG(p.seed, uint64(epoch))).Perm(len(labels))
	for lo := 0; lo < len(order); lo += p.opts.Batch {
		if err := ctx.Err(); err != nil {
			return err
		}
		batch := order[lo:min(lo+p.opts.Batch, len(order))]
		own := make([]int, len(batch))
		for i, row := range batch {
			own[i] = labels[row]
		}
		torch.In(func(*torch.Scope) {
			rows := rowsND.IndexSelect(0, torch.FromInts(batch, len(batch)))
			h.step(rows, own, at+float64(lo)/float64(len(order)*p.opts.Epochs))
		})
	}
	return nil
}

// augmentedEpoch reads the samples of the rows anew, cropped and flipped, through the frozen network.
func (p sgdProbe) augmentedEpoch(ctx context.Context, h *heads, f *features, shift, scale *torch.Tensor, epoch int) error {
	samples := make([]clips.Sample, len(f.index))
	for i, n := range f.index {
		samples[i] = p.train.Sample(n)
	}
	source := clips.NewSet(p.train.Name(), samples, p.train.Classes(), nil)
	c := p.ex.cfg
	recipe := clips.Recipe{Cuts: 1, Frames: c.Clip.Frames, Stride: c.Clip.Stride}
	recipe.Views = []clips.View{{Augment: cropAndFlip(c.Augment)}}
	load := c.loader(source, recipe, p.opts.Batch)
	load.Seed, load.Epoch, load.Shuffle = p.seed, epoch, true
	done := 0
	_, err := p.ex.pass(ctx, load, func(b *clips.Batch, rowsBF *torch.Tensor) {
		progress := (float64(epoch) + float64(done)/float64(len(samples))) / float64(p.opts.Epochs)
		rows := rowsBF.ToDevice(torch.CPU).Sub(shift).Div(scale)
		torch.EnableGrad(func() { h.step(rows, b.Labels, progress) })
		done += b.Size()
	})
	return err
}

// cropAndFlip is what a classifier is trained on: the crops and the flips of the run, and the colours as they are.
func cropAndFlip(a clips.Augment) clips.Augment {
	return clips.Augment{Size: a.Size, CenterCrop: a.CenterCrop, Scale: a.Scale, Ratio: a.Ratio, Aliased: a.Aliased, Flip: a.Flip,
		Mean: a.Mean, Std: a.Std}
}
