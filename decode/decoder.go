package decode

// #include "av.h"
import "C"

import (
	"errors"
	"fmt"
	"strconv"

	"github.com/asticode/go-astiav"
)

// decoder is FFmpeg's decoder of one stream. Frames come out in the order of display, each with the ordinal of its packet.
type decoder struct {
	cc       *astiav.CodecContext
	frame    *astiav.Frame // the frame received last
	spare    *astiav.Frame // swapped with frame to keep one
	skipping bool
	errors   int // packets that did not decode
}

// newDecoder opens the decoder of a stream. delay is the reordering depth that the scan of the file found, x264 the version
// of the encoder, 0 when not known.
func newDecoder(s *source, stream int, facts streamFacts, delay, x264 int, opts Options) (*decoder, error) {
	codec := astiav.FindDecoder(astiav.CodecID(facts.c.codec_id))
	if codec == nil {
		return nil, fmt.Errorf("%s: %w", astiav.CodecID(facts.c.codec_id).Name(), ErrNoDecoder)
	}
	d := &decoder{cc: astiav.AllocCodecContext(codec), frame: astiav.AllocFrame(), spare: astiav.AllocFrame()}
	if err := s.fc.Streams()[stream].CodecParameters().ToCodecContext(d.cc); err != nil {
		d.close()
		return nil, err
	}
	C.vd_decoder_setup(handle(d.cc), C.int64_t(opts.MaxPixels), C.int(delay), &facts.c)
	d.cc.SetThreadCount(opts.Threads)
	private := astiav.NewDictionary()
	defer private.Free()
	if x264 > 0 {
		if err := private.Set("x264_build", strconv.Itoa(x264), 0); err != nil {
			d.close()
			return nil, err
		}
	}
	if err := d.cc.Open(codec, private); err != nil {
		d.close()
		return nil, err
	}
	return d, nil
}

func (d *decoder) close() {
	d.cc.Free()
	d.frame.Free()
	d.spare.Free()
}

// skip makes the decoder leave out packets that no other refers to, until it is called with false.
func (d *decoder) skip(on bool) {
	if on != d.skipping {
		d.skipping = on
		var v C.int
		if on {
			v = 1
		}
		C.vd_decoder_skip(handle(d.cc), v)
	}
}

// flush forgets all that was sent, after a seek or at the end of a pass.
func (d *decoder) flush() {
	d.frame.Unref()
	d.spare.Unref()
	C.vd_decoder_flush(handle(d.cc))
}

// send hands a packet to the decoder; nil asks for what it still holds. A packet that does not decode is counted, and is
// no error: what it would have shown is missing, and the caller notices that.
func (d *decoder) send(p *astiav.Packet, ordinal int) {
	C.vd_decoder_opaque(handle(d.cc), C.int64_t(ordinal))
	if err := d.cc.SendPacket(p); err != nil && p != nil && !errors.Is(err, astiav.ErrEof) {
		d.errors++
	}
}

// receive fetches the next frame into d.frame, and tells whether there is one. Errors are counted, as in send.
func (d *decoder) receive() bool {
	// A decoder may report several broken packets before it has a frame or wants more; the bound is against one that
	// reports the same for ever.
	for range 64 {
		err := d.cc.ReceiveFrame(d.frame)
		if err == nil {
			return true
		}
		if errors.Is(err, astiav.ErrEagain) || errors.Is(err, astiav.ErrEof) {
			return false
		}
		d.errors++
	}
	return false
}

// keep sets the received frame aside in d.spare, in place of the one that was there.
func (d *decoder) keep() {
	d.frame, d.spare = d.spare, d.frame
	d.frame.Unref()
}
