package decode

// #include "av.h"
import "C"

import (
	"context"
	"errors"
	"fmt"
	"os"
)

// Options says how a file is opened. The zero value is ready for use.
type Options struct {
	IndexDir  string // folder of the indices; "" is vssl/index in the user's cache folder; "-" keeps none on disk
	NoRotate  bool   // Frame.Rotation is 0 whatever the file says
	MaxPixels int64  // pixels of a picture, 0 is 64 Mi; larger ones are refused with ErrTooLarge
	Threads   int    // decoding threads, 0 is 1: many files at once is the faster way to use many cores
}

const defaultMaxPixels = 64 << 20

func (o Options) withDefaults() Options {
	if o.MaxPixels <= 0 {
		o.MaxPixels = defaultMaxPixels
	}
	if o.Threads <= 0 {
		o.Threads = 1
	}
	return o
}

// Video is an open file with a video stream. It is for one goroutine at a time, and must be closed.
type Video struct {
	path   string
	opts   Options
	key    fileKey
	stop   *interrupter
	src    *source
	dec    *decoder
	facts  streamFacts
	info   *Info
	index  *Index
	sound  *soundReader
	rgb    *C.vd_rgb
	closed bool
	seek   seekMethod   // the way of moving that this file obeys
	lost   map[int]bool // frames known not to decode, even from the start
	unsafe map[int]bool // packets from which decoding was tried, and did not give what it should
}

// Open opens a video file: a regular file that FFmpeg reads and that has a video stream with a decoder.
// The errors are those of the operating system, of ctx, and ErrNotFile, ErrNotVideo, ErrNoVideo, ErrNoDecoder,
// ErrTooLarge, ErrEncrypted.
func Open(ctx context.Context, path string, opts Options) (*Video, error) {
	v := &Video{path: path, opts: opts.withDefaults(), stop: newInterrupter()}
	if err := v.open(ctx); err != nil {
		v.free()
		return nil, wrap(ctx, path, "open", err)
	}
	return v, nil
}

func (v *Video) open(ctx context.Context) (err error) {
	defer v.stop.watch(ctx)()
	if err = ctx.Err(); err != nil {
		return err
	}
	if v.key, err = keyOf(v.path); err != nil {
		return err
	}
	if v.index = loadIndex(v.opts.IndexDir, v.key); v.index != nil {
		v.info = v.index.infoFor(v.path)
		return v.checkInfo()
	}
	return v.openStreams(ctx)
}

// openStreams opens the source the long way, with FFmpeg's reading of packets to learn what the streams are.
func (v *Video) openStreams(ctx context.Context) (err error) {
	if v.src, err = openSource(ctx, v.stop, v.path, "", v.opts.MaxPixels); err != nil {
		return err
	}
	if err = checkHeader(v.src, v.opts.MaxPixels); err != nil {
		return err
	}
	if err = v.src.findStreams(); err != nil {
		return notVideo(err)
	}
	if err = ctx.Err(); err != nil {
		return err
	}
	v.info = newInfo(v.path, v.key, v.src)
	if err = v.checkInfo(); err != nil {
		return err
	}
	return v.useStream()
}

// useStream makes the demuxer give the video stream alone.
func (v *Video) useStream() error {
	v.facts = v.src.stream(v.info.Video)
	v.src.only(v.info.Video)
	v.src.next = 0
	return nil
}

func (v *Video) checkInfo() error {
	if v.info.Video < 0 {
		return ErrNoVideo
	}
	st := v.info.Streams[v.info.Video]
	if pixels := int64(st.Width) * int64(st.Height); pixels > v.opts.MaxPixels {
		return fmt.Errorf("%w: %dx%d", ErrTooLarge, st.Width, st.Height)
	}
	if v.index != nil && v.index.encrypted {
		return ErrEncrypted
	}
	return nil
}

// checkHeader refuses pictures that are too large before anything is allocated for them.
func checkHeader(s *source, maxPixels int64) error {
	for i := range s.streams() {
		f := s.stream(i)
		if f.kind() == C.VD_KIND_VIDEO && int64(f.c.width)*int64(f.c.height) > maxPixels {
			return fmt.Errorf("%w: %dx%d", ErrTooLarge, int(f.c.width), int(f.c.height))
		}
	}
	return nil
}

// ensure makes source, index and decoder ready for use.
func (v *Video) ensure(ctx context.Context) (err error) {
	if v.closed {
		return ErrClosed
	}
	if v.index == nil {
		if err = v.buildIndex(ctx); err != nil {
			return err
		}
	}
	if v.src == nil {
		v.seek = firstMethod(v.index.format)
		if err = v.reopen(ctx); err != nil {
			return err
		}
	}
	if v.dec == nil {
		v.dec, err = newDecoder(v.src, v.info.Video, v.facts, v.index.delay, v.index.x264, v.opts)
	}
	return err
}

// reopen opens the source again, at its start, the short way where the header tells all that the decoder needs.
func (v *Video) reopen(ctx context.Context) (err error) {
	if v.src != nil {
		v.src.close()
		v.src = nil
	}
	v.src, err = openSource(ctx, v.stop, v.path, v.index.format, v.opts.MaxPixels)
	if err != nil {
		return err
	}
	if !v.headerSuffices() {
		if err = v.src.findStreams(); err != nil {
			return notVideo(err)
		}
	}
	if v.src.streams() <= v.info.Video {
		return errDesync
	}
	return v.useStream()
}

// headerSuffices tells whether the container's header describes the stream as the index has it. FFmpeg's own reading of
// packets (findStreams) would cost as much as decoding several frames.
func (v *Video) headerSuffices() bool {
	if !headerFormats[v.index.format] || v.src.streams() <= v.info.Video {
		return false
	}
	f := v.src.stream(v.info.Video)
	return int(f.c.codec_id) == v.index.codec && f.tb() == v.index.tb && f.c.width > 0
}

// headerFormats are the containers whose header holds the codec's set-up.
var headerFormats = map[string]bool{"mov,mp4,m4a,3gp,3g2,mj2": true, "matroska,webm": true}

// Info says what is in the file. It must not be changed.
func (v *Video) Info() *Info { return v.info }

// Path is the file's path as it was given to Open.
func (v *Video) Path() string { return v.path }

// Close frees all that the Video holds. Closing twice is harmless; other methods return ErrClosed afterwards.
func (v *Video) Close() error {
	v.free()
	v.closed = true
	return nil
}

func (v *Video) free() {
	if v.dec != nil {
		v.dec.close()
		v.dec = nil
	}
	if v.src != nil {
		v.src.close()
		v.src = nil
	}
	if v.sound != nil {
		v.sound.close()
		v.sound = nil
	}
	C.vd_rgb_free(v.rgb)
	v.rgb = nil
	if v.stop != nil {
		v.stop.free()
		v.stop = nil
	}
}

// fileKey names a state of a file: an index belongs to one.
type fileKey struct {
	path  string // as given
	size  int64  // bytes
	mtime int64  // nanoseconds
}

func keyOf(path string) (fileKey, error) {
	st, err := os.Stat(path)
	if err != nil {
		var pe *os.PathError
		if errors.As(err, &pe) { // the path is said once, by wrap
			return fileKey{}, pe.Err
		}
		return fileKey{}, err
	}
	if !st.Mode().IsRegular() {
		return fileKey{}, ErrNotFile
	}
	if st.Size() == 0 {
		return fileKey{}, fmt.Errorf("%w: the file is empty", ErrNotVideo)
	}
	return fileKey{path, st.Size(), st.ModTime().UnixNano()}, nil
}
