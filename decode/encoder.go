package decode

// #include "av.h"
import "C"

import (
	"errors"
	"fmt"

	"github.com/asticode/go-astiav"
)

// encoder is one stream of a Writer.
type encoder struct {
	cc       *astiav.CodecContext
	stream   *astiav.Stream
	frame    *frameBuffer
	next     int64 // pts of the next frame, in the encoder's time base
	duration int64 // of a frame, in the encoder's time base
}

type encoderSetup func(*astiav.CodecContext, *astiav.Frame) map[string]string

func newEncoder(fc *astiav.FormatContext, name string, setup encoderSetup) (*encoder, error) {
	codec := astiav.FindEncoderByName(name)
	if codec == nil {
		return nil, fmt.Errorf("FFmpeg has no encoder %s", name)
	}
	e := &encoder{cc: astiav.AllocCodecContext(codec), frame: &frameBuffer{astiav.AllocFrame()}}
	if err := e.open(fc, codec, setup); err != nil {
		e.close()
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return e, nil
}

func (e *encoder) open(fc *astiav.FormatContext, codec *astiav.Codec, setup encoderSetup) error {
	options := astiav.NewDictionary()
	defer options.Free()
	for k, v := range setup(e.cc, e.frame.Frame) {
		if err := options.Set(k, v, 0); err != nil {
			return err
		}
	}
	e.cc.SetFlags(e.cc.Flags().Add(astiav.CodecContextFlagGlobalHeader))
	if err := e.cc.Open(codec, options); err != nil {
		return err
	}
	if e.stream = fc.NewStream(nil); e.stream == nil {
		return errors.New("no memory for a stream")
	}
	if err := e.stream.CodecParameters().FromCodecContext(e.cc); err != nil {
		return err
	}
	e.stream.SetTimeBase(e.cc.TimeBase())
	return e.frame.AllocBuffer(0)
}

// encode sends the frame, which lasts d ticks, and writes the packets that are ready.
func (e *encoder) encode(fc *astiav.FormatContext, p *astiav.Packet, d int64) error {
	e.frame.SetPts(e.next)
	e.next += d
	e.duration = d
	if err := e.cc.SendFrame(e.frame.Frame); err != nil {
		return err
	}
	return e.write(fc, p)
}

func (e *encoder) flush(fc *astiav.FormatContext, p *astiav.Packet) error {
	if err := e.cc.SendFrame(nil); err != nil {
		return err
	}
	return e.write(fc, p)
}

func (e *encoder) write(fc *astiav.FormatContext, p *astiav.Packet) error {
	for {
		err := e.cc.ReceivePacket(p)
		if errors.Is(err, astiav.ErrEagain) || errors.Is(err, astiav.ErrEof) {
			return nil
		}
		if err != nil {
			return err
		}
		p.SetStreamIndex(e.stream.Index())
		if p.Duration() == 0 { // without it the file ends before its last frame
			p.SetDuration(e.duration)
		}
		p.RescaleTs(e.cc.TimeBase(), e.stream.TimeBase())
		if err := fc.WriteInterleavedFrame(p); err != nil { // takes the packet's data
			return err
		}
	}
}

func (e *encoder) close() {
	if e != nil {
		e.cc.Free()
		e.frame.Free()
	}
}

// frameBuffer is a frame that is filled again and again.
type frameBuffer struct{ *astiav.Frame }

// MakeWritable gives the frame a buffer of its own when the encoder still holds the last one.
func (f *frameBuffer) MakeWritable() error {
	return avError(int(C.vd_frame_writable(f.UnsafePointer())))
}
