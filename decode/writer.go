package decode

// #include "av.h"
import "C"

import (
	"context"
	"fmt"
	"strconv"
	"unsafe"

	"github.com/asticode/go-astiav"
)

// WriteOptions says what Create writes. Width, Height and Rate must be set; sound is written when SampleRate is.
type WriteOptions struct {
	Width, Height int    // pixels, both even
	Rate          int    // frames a second
	SampleRate    int    // of the sound, samples a second; 0: no sound
	Channels      int    // of the sound, 1 or 2; 0 is 1
	GOP           int    // frames from one key frame to the next; 0 is 250
	CRF           int    // quality, 1 (best) to 51; 0 is 23
	BFrames       int    // frames between two others that refer to both; 0 is 3, negative is none
	Preset        string // of libx264, which trades time for size; "" is veryfast
}

func (o WriteOptions) withDefaults() (WriteOptions, error) {
	for _, d := range []struct {
		v *int
		n int
	}{{&o.Channels, 1}, {&o.GOP, 250}, {&o.CRF, 23}, {&o.BFrames, 3}} {
		if *d.v == 0 {
			*d.v = d.n
		}
	}
	if o.Preset == "" {
		o.Preset = "veryfast"
	}
	o.BFrames = max(o.BFrames, 0)
	switch {
	case o.Width <= 0 || o.Height <= 0 || o.Width%2 != 0 || o.Height%2 != 0:
		return o, fmt.Errorf("a picture of %dx%d, want even numbers of pixels", o.Width, o.Height)
	case o.Rate <= 0:
		return o, fmt.Errorf("%d frames a second, want 1 or more", o.Rate)
	case o.SampleRate < 0 || o.Channels > 2 || o.Channels < 0:
		return o, fmt.Errorf("sound of %d channels at %d samples a second, want 1 or 2 channels", o.Channels, o.SampleRate)
	}
	return o, nil
}

// Writer makes an MP4 file with H.264 (BT.709, limited range) and, where asked, AAC. It is for one goroutine at a time.
// What it writes depends on its input alone, not on the number of cores.
type Writer struct {
	path   string
	opts   WriteOptions
	fc     *astiav.FormatContext
	io     *astiav.IOContext
	packet *astiav.Packet
	video  *encoder
	sound  *encoder
	rgb    *C.vd_rgb
	queue  []float32 // sound not yet encoded, interleaved
	err    error     // of the first call that failed
	done   bool
}

// Create begins an MP4 file, whatever the name of path ends with. The Writer must be closed. Errors are those of the
// operating system, options that cannot be written, and an FFmpeg without the encoders.
func Create(path string, opts WriteOptions) (*Writer, error) {
	w := &Writer{path: path, packet: astiav.AllocPacket(), rgb: C.vd_rgb_new()}
	err := w.create(opts)
	if err != nil {
		w.free()
		return nil, wrap(context.Background(), path, "create", err)
	}
	return w, nil
}

func (w *Writer) create(opts WriteOptions) (err error) {
	if w.opts, err = opts.withDefaults(); err != nil {
		return err
	}
	if w.fc, err = astiav.AllocOutputFormatContext(nil, "mp4", ""); err != nil {
		return err
	}
	if w.video, err = newEncoder(w.fc, "libx264", w.videoSetup); err != nil {
		return err
	}
	if w.opts.SampleRate > 0 {
		if w.sound, err = newEncoder(w.fc, "aac", w.soundSetup); err != nil {
			return err
		}
	}
	if w.io, err = astiav.OpenIOContext(w.path, astiav.NewIOContextFlags(astiav.IOContextFlagWrite)); err != nil {
		return err
	}
	w.fc.SetPb(w.io)
	return w.fc.WriteHeader(nil)
}

func (w *Writer) videoSetup(cc *astiav.CodecContext, frame *astiav.Frame) map[string]string {
	cc.SetWidth(w.opts.Width)
	cc.SetHeight(w.opts.Height)
	cc.SetPixelFormat(astiav.PixelFormatYuv420P)
	cc.SetTimeBase(astiav.NewRational(1, w.opts.Rate))
	cc.SetFramerate(astiav.NewRational(w.opts.Rate, 1))
	cc.SetGopSize(w.opts.GOP)
	cc.SetThreadCount(1) // x264's output depends on it
	C.vd_encoder_bt709(handle(cc), C.int(w.opts.BFrames))
	frame.SetWidth(w.opts.Width)
	frame.SetHeight(w.opts.Height)
	frame.SetPixelFormat(astiav.PixelFormatYuv420P)
	return map[string]string{
		"crf": strconv.Itoa(w.opts.CRF), "preset": w.opts.Preset,
		// Key frames where GOP says, and nowhere else. mbtree, with B-frames and x264's vector code, gives another
		// file from the same frames now and then.
		"x264-params": "scenecut=0:mbtree=0",
	}
}

func (w *Writer) soundSetup(cc *astiav.CodecContext, frame *astiav.Frame) map[string]string {
	layout := astiav.ChannelLayoutMono
	if w.opts.Channels == 2 {
		layout = astiav.ChannelLayoutStereo
	}
	cc.SetSampleRate(w.opts.SampleRate)
	cc.SetSampleFormat(astiav.SampleFormatFltp)
	cc.SetChannelLayout(layout)
	cc.SetTimeBase(astiav.NewRational(1, w.opts.SampleRate))
	cc.SetBitRate(64_000 * int64(w.opts.Channels))
	cc.SetThreadCount(1)
	frame.SetSampleRate(w.opts.SampleRate)
	frame.SetSampleFormat(astiav.SampleFormatFltp)
	frame.SetChannelLayout(layout)
	frame.SetNbSamples(soundFrame)
	return nil
}

const soundFrame = 1024 // samples of an AAC frame

// WriteFrame appends a frame. rgb is [Height, Width, 3], packed; the call panics when it has another length. Errors are
// those of the encoder and the disk; after one, all later calls return it.
func (w *Writer) WriteFrame(rgb []uint8) error {
	if want := w.opts.Width * w.opts.Height * 3; len(rgb) != want {
		panic(fmt.Sprintf("decode: WriteFrame of %d bytes, want %d", len(rgb), want))
	}
	return w.try(func() error {
		if err := w.video.frame.MakeWritable(); err != nil {
			return err
		}
		ret := C.vd_fill_yuv(w.video.frame.UnsafePointer(), (*C.uint8_t)(&rgb[0]), C.int(w.opts.Width), C.int(w.opts.Height), w.rgb)
		if err := avError(int(ret)); err != nil {
			return err
		}
		return w.video.encode(w.fc, w.packet, 1)
	})
}

// WriteSound appends samples from -1 to 1, interleaved: [n] for one channel, [n, 2] for two. The first sample is heard
// with the first frame. It panics on a Writer without sound, and when channels are missing at the end. Errors are as for
// WriteFrame.
func (w *Writer) WriteSound(samples []float32) error {
	if w.sound == nil || len(samples)%w.opts.Channels != 0 {
		panic(fmt.Sprintf("decode: WriteSound of %d numbers to %d channels", len(samples), w.opts.Channels))
	}
	w.queue = append(w.queue, samples...)
	return w.try(func() error { return w.encodeSound(soundFrame) })
}

// encodeSound encodes whole frames of the queue; least is how many samples make another one.
func (w *Writer) encodeSound(least int) error {
	for len(w.queue) >= least*w.opts.Channels && len(w.queue) > 0 {
		n := min(len(w.queue)/w.opts.Channels, soundFrame)
		if err := w.sound.frame.MakeWritable(); err != nil {
			return err
		}
		C.vd_fill_sound(w.sound.frame.UnsafePointer(), (*C.float)(unsafe.Pointer(&w.queue[0])), C.int(n), C.int(w.opts.Channels))
		if err := w.sound.encode(w.fc, w.packet, soundFrame); err != nil {
			return err
		}
		w.queue = w.queue[:copy(w.queue, w.queue[n*w.opts.Channels:])]
	}
	return nil
}

func (w *Writer) try(f func() error) error {
	if w.done {
		return fmt.Errorf("%s: write: %w", w.path, ErrClosed)
	}
	if w.err == nil {
		w.err = wrap(context.Background(), w.path, "write", f())
	}
	return w.err
}

// Close encodes what is left, ends the file and frees all. It returns the first error of the Writer's life. Closing twice
// is harmless. A file whose Writer failed is not whole.
func (w *Writer) Close() error {
	if w.done {
		return w.err
	}
	err := w.try(w.finish)
	w.done = true
	w.free()
	return err
}

func (w *Writer) finish() error {
	if w.sound != nil {
		if err := w.encodeSound(1); err != nil {
			return err
		}
		if err := w.sound.flush(w.fc, w.packet); err != nil {
			return err
		}
	}
	if err := w.video.flush(w.fc, w.packet); err != nil {
		return err
	}
	return w.fc.WriteTrailer()
}

func (w *Writer) free() {
	w.video.close()
	w.sound.close()
	if w.io != nil {
		// A full disk shows when the last bytes are written.
		if err := w.io.Close(); err != nil && w.err == nil {
			w.err = wrap(context.Background(), w.path, "close", err)
		}
	}
	if w.fc != nil {
		w.fc.Free()
	}
	w.packet.Free()
	C.vd_rgb_free(w.rgb)
}
