package decode

// #include "av.h"
import "C"

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Sound returns the sound of a span of the video, resampled and mixed.
//
//	start    from the first frame of the video; may be negative
//	length   of the span
//	rate     samples a second of the result
//	channels of the result, 1 or more
//
// The result has round(length*rate) samples for each channel, from -1 to 1, interleaved: [n] for one channel, [n, 2] for
// two. It is silent where the file has no sound: before it starts, after it ends, in a gap, where it does not decode, and
// throughout when the file has no sound stream (Info.HasSound). It panics unless rate and channels are positive and
// length is not negative. Errors are those of Index and of ctx.
func (v *Video) Sound(ctx context.Context, start, length time.Duration, rate, channels int) ([]float32, error) {
	if rate <= 0 || channels <= 0 || channels > 64 || length < 0 {
		panic(fmt.Sprintf("decode: sound of %v with %d channels at %d samples a second", length, channels, rate))
	}
	n := int(rescale(int64(length), nanoseconds, Rational{1, int64(rate)}))
	if v.closed {
		return nil, wrap(ctx, v.path, "sound", ErrClosed)
	}
	if !v.info.HasSound() || n == 0 {
		return make([]float32, n*channels), nil
	}
	defer v.stop.watch(ctx)()
	out, err := v.soundSpan(ctx, start, n, rate, channels)
	return out, wrap(ctx, v.path, "sound", err)
}

func (v *Video) soundSpan(ctx context.Context, start time.Duration, n, rate, channels int) ([]float32, error) {
	if v.index == nil {
		if err := v.buildIndex(ctx); err != nil {
			return nil, err
		}
	}
	if v.sound == nil {
		s, err := newSoundReader(ctx, v)
		if errors.Is(err, ErrNoDecoder) {
			return make([]float32, n*channels), nil
		}
		if err != nil {
			return nil, err
		}
		v.sound = s
	}
	w := newSoundWindow(start, n, rate, v.sound.rate, channels)
	if err := v.sound.fill(ctx, v, w); err != nil {
		return nil, err
	}
	return w.resampled()
}
