package decode

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Frames hands out frames of the video, in one pass.
//
//	want  frame indices, each in [0, Index.Frames()), ascending, repeats allowed
//	fn    is called once for each entry of want, in order: k is the entry, f is lent for the call
//
// Decoding goes from the key frame before a wanted frame to it; packets in between that nothing refers to are not
// decoded, and no other frame is converted. A wanted frame that does not decode, because the file is damaged, is replaced
// by the last one decoded before it, or else the first one after it; its Index tells. When nothing decodes at all the error
// is ErrNoFrames. An index outside the video is ErrRange, a descending one too. An error of fn ends the pass and is
// returned as it is; a cancelled ctx ends it with ctx's error.
func (v *Video) Frames(ctx context.Context, want []int, fn func(k int, f *Frame) error) error {
	if err := v.frames(ctx, want, fn); err != nil {
		var own callbackError
		if errors.As(err, &own) {
			return own.error
		}
		return wrap(ctx, v.path, "frames", err)
	}
	return nil
}

// FramesAt hands out the frame shown at each time, counted from the first frame: the last one that starts at or before
// it. times must ascend. What Frames says of fn and errors holds here.
func (v *Video) FramesAt(ctx context.Context, times []time.Duration, fn func(k int, f *Frame) error) error {
	x, err := v.Index(ctx)
	if err != nil {
		return err
	}
	want := make([]int, len(times))
	for k, t := range times {
		want[k] = x.At(t)
	}
	return v.Frames(ctx, want, fn)
}

// callbackError carries an error of the caller's function through the decoder unchanged.
type callbackError struct{ error }

func (v *Video) frames(ctx context.Context, want []int, fn func(k int, f *Frame) error) error {
	if len(want) == 0 {
		return nil
	}
	if v.closed {
		return ErrClosed
	}
	defer v.stop.watch(ctx)()
	if err := v.ensure(ctx); err != nil {
		return err
	}
	if len(v.index.frames) == 0 {
		return ErrNoFrames
	}
	for k, i := range want {
		if i < 0 || i >= len(v.index.frames) {
			return fmt.Errorf("%w: %d of %d", ErrRange, i, len(v.index.frames))
		}
		if k > 0 && i < want[k-1] {
			return fmt.Errorf("%w: %d after %d, want them ascending", ErrRange, i, want[k-1])
		}
	}
	p := picker{v: v, want: want, fn: fn, kept: -1}
	return p.all(ctx)
}
