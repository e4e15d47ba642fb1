package clips

// clip is one sample as a worker made it: a packed block a view, and the sound of each cut. Clips are used again.
type clip struct {
	pixels   [][]uint8   // by view: [T, H, W, 3]
	sound    [][]float32 // by cut: [N, Channels]
	hasSound bool
}

func newClip(r Recipe) *clip {
	c := &clip{}
	for _, v := range r.Views {
		c.pixels = append(c.pixels, make([]uint8, r.viewLen(v)))
	}
	if s := r.Sound; s != nil {
		for range r.Cuts {
			c.sound = append(c.sound, make([]float32, s.Samples()*s.channels()))
		}
	}
	return c
}

// viewLen is the number of bytes of one view of one sample.
func (r Recipe) viewLen(v View) int { return r.Frames * v.Augment.Size * v.Augment.Size * 3 }

func (s SoundSpec) channels() int { return max(1, s.Channels) }

// newBatch makes the buffers of a batch of n samples.
func newBatch(r Recipe, n int) *Batch {
	b := &Batch{}
	for _, v := range r.Views {
		a := v.Augment
		vb := ViewBatch{Pixels: make([]uint8, n*r.viewLen(v)), T: r.Frames, H: a.Size, W: a.Size, Mean: a.Mean, Std: a.Std}
		for c := range vb.Std {
			if vb.Std[c] == 0 {
				vb.Std[c] = 1
			}
		}
		b.Views = append(b.Views, vb)
	}
	if s := r.Sound; s != nil {
		for range r.Cuts {
			sb := SoundBatch{Samples: make([]float32, n*s.Samples()*s.channels()), N: s.Samples(), Channels: s.channels(), Present: make([]bool, n)}
			b.Sound = append(b.Sound, sb)
		}
	}
	return b
}

// add puts a clip into the next place of the batch.
func (b *Batch) add(c *clip, s Sample, index int) {
	i := len(b.Index)
	for v, p := range c.pixels {
		copy(b.Views[v].Pixels[i*len(p):], p)
	}
	for k, p := range c.sound {
		copy(b.Sound[k].Samples[i*len(p):], p)
		b.Sound[k].Present[i] = c.hasSound
	}
	b.Index = append(b.Index, index)
	b.Labels = append(b.Labels, s.Label)
	b.Keys = append(b.Keys, s.Key)
}

// cut shortens the buffers to the samples that were added.
func (b *Batch) cut(full int) {
	n := len(b.Index)
	for v := range b.Views {
		p := &b.Views[v].Pixels
		*p = (*p)[:len(*p)/full*n]
	}
	for k := range b.Sound {
		s := &b.Sound[k]
		s.Samples, s.Present = s.Samples[:len(s.Samples)/full*n], s.Present[:n]
	}
}

// reset makes a released batch empty, with buffers for full samples.
func (b *Batch) reset(full int) {
	for v := range b.Views {
		vb := &b.Views[v]
		vb.Pixels = vb.Pixels[:full*vb.T*vb.H*vb.W*3]
	}
	for k := range b.Sound {
		s := &b.Sound[k]
		s.Samples, s.Present = s.Samples[:full*s.N*s.Channels], s.Present[:full]
	}
	b.Index, b.Labels, b.Keys = b.Index[:0], b.Labels[:0], b.Keys[:0]
	b.Skipped, b.Wait = nil, 0
}
