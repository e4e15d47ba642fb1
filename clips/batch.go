package clips

import "time"

// Batch is what a step trains on: B samples, each with all views of the recipe.
type Batch struct {
	Views  []ViewBatch  // one a view of the recipe
	Sound  []SoundBatch // one a cut of the recipe; empty when it asks for no sound
	Labels []int        // [B], -1 where unknown
	Index  []int        // [B] sample numbers in the source
	Keys   []string     // [B] keys of the samples

	Epoch    int           // of this batch, from 0
	Position int           // entries of the epoch's order used up once this batch is done: where to resume
	Skipped  []Skip        // samples that failed since the batch before, in order
	Wait     time.Duration // that Next spent waiting for it

	release func(*Batch)
}

// ViewBatch is one view of all samples of a batch.
type ViewBatch struct {
	Pixels  []uint8 // [B, T, H, W, 3] RGB, 0..255
	T, H, W int
	Mean    [3]float64 // R, G, B in 0..1: normalise as (x/255 - Mean) / Std
	Std     [3]float64 // never 0
}

// SoundBatch is the sound of one cut of all samples of a batch.
type SoundBatch struct {
	Samples  []float32 // [B, N, Channels], -1..1
	N        int       // samples a channel
	Channels int
	Present  []bool // [B] false where the file has no sound and silence stands in for it
}

// Size is the number of samples, B.
func (b *Batch) Size() int { return len(b.Index) }

// Release gives the buffers back to the loader, which fills them again: the slices of the batch must not be used afterwards.
// A batch that is never released is left to the garbage collector.
func (b *Batch) Release() {
	if b.release != nil {
		release := b.release
		b.release = nil
		release(b)
	}
}
