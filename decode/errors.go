package decode

import (
	"context"
	"errors"
	"fmt"

	"github.com/asticode/go-astiav"
)

// Errors that a caller can tell apart with errors.Is. They come wrapped with the path and what was being done.
var (
	ErrNoVideo   = errors.New("no video stream")                            // no stream holds moving pictures
	ErrNoFrames  = errors.New("no frame decodes")                           // a video stream, but nothing comes out of it
	ErrTooLarge  = errors.New("pictures larger than the limit")             // more pixels than Options.MaxPixels
	ErrEncrypted = errors.New("encrypted")                                  // the samples need a key
	ErrNotVideo  = errors.New("not a media file that FFmpeg can read")      // unknown or broken container, empty file
	ErrNotFile   = errors.New("not a regular file")                         // a folder, a pipe, a device
	ErrRange     = errors.New("frame outside the video")                    // a negative index or one past the last frame
	ErrClosed    = errors.New("the video is closed")                        // use after Close
	errDesync    = errors.New("packets differ from the index of this file") // internal: a seek landed on unknown ground
)

// ErrNoDecoder reports a codec that this FFmpeg has no decoder for.
var ErrNoDecoder = errors.New("no decoder for this codec")

// wrap says what was being done to which file. A cancelled context explains FFmpeg's "immediate exit", so it wins.
func wrap(ctx context.Context, path, doing string, err error) error {
	if err == nil {
		return nil
	}
	if ctx != nil && ctx.Err() != nil {
		err = ctx.Err()
	}
	return fmt.Errorf("%s: %s: %w", path, doing, err)
}

// avError turns a negative return value of FFmpeg into an error, and anything else into nil.
func avError(ret int) error {
	if ret >= 0 {
		return nil
	}
	return astiav.Error(ret)
}
