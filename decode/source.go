package decode

// #include <stdlib.h>
// #include "av.h"
import "C"

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"unsafe"

	"github.com/asticode/go-astiav"
)

// source is one opened file: FFmpeg's demuxer over a file descriptor of its own.
type source struct {
	c      *C.vd_source
	fc     *astiav.FormatContext
	packet *astiav.Packet
	next   int  // ordinal in the index of the packet that read returns next; -1 when not known
	held   bool // packet was read and shall be returned by the next read
}

// openSource opens the file's header. format is FFmpeg's short name of the container, "" to find out.
// The caller closes what it returns.
func openSource(ctx context.Context, stop *interrupter, path, format string, maxPixels int64) (*source, error) {
	cpath, cformat := C.CString(path), C.CString(format)
	// The name only helps FFmpeg to guess the container; a pattern in it must not make it look for more files.
	cname := C.CString(strings.ReplaceAll(path, "%", "_"))
	defer C.free(unsafe.Pointer(cpath))
	defer C.free(unsafe.Pointer(cformat))
	defer C.free(unsafe.Pointer(cname))
	s := &source{packet: astiav.AllocPacket()}
	if err := avError(int(C.vd_open(&s.c, stop.flag, cpath, cname, cformat, C.int64_t(maxPixels)))); err != nil {
		s.close()
		return nil, notVideo(err)
	}
	s.fc = borrow[astiav.FormatContext](C.vd_context(s.c))
	if ctx.Err() != nil {
		s.close()
		return nil, ctx.Err()
	}
	return s, nil
}

// notVideo marks FFmpeg's refusals of a container; what the operating system says stays as it is.
func notVideo(err error) error {
	if errors.Is(err, astiav.ErrInvaliddata) || errors.Is(err, astiav.ErrEof) || errors.Is(err, astiav.ErrEio) {
		return fmt.Errorf("%w (%w)", ErrNotVideo, err)
	}
	return err
}

// close frees all that the source holds; closing twice is harmless.
func (s *source) close() {
	if s.packet != nil {
		s.packet.Free()
		s.packet = nil
	}
	C.vd_close(s.c)
	s.c = nil
}

// findStreams lets FFmpeg read packets until it knows the streams: costly, and needed once a file.
func (s *source) findStreams() error { return avError(int(C.vd_find_streams(s.c))) }

func (s *source) streams() int { return s.fc.NbStreams() }

func (s *source) stream(i int) (facts streamFacts) {
	C.vd_stream_get(s.c, C.int(i), &facts.c)
	return facts
}

// only makes the demuxer drop all streams but one.
func (s *source) only(stream int) { C.vd_only(s.c, C.int(stream)) }

// read fetches the next packet of the stream into s.packet; the end comes as astiav.ErrEof. The caller unrefs the packet.
func (s *source) read(stream int) error {
	if s.held {
		s.held = false
		s.next++
		return nil
	}
	for {
		if err := s.fc.ReadFrame(s.packet); err != nil {
			s.next = -1
			return err
		}
		if s.packet.StreamIndex() == stream {
			if s.next >= 0 {
				s.next++
			}
			return nil
		}
		s.packet.Unref()
	}
}

// drop forgets a held packet.
func (s *source) drop() {
	if s.held {
		s.packet.Unref()
		s.held = false
	}
}

// seekTime moves to the last key packet at or before ts in the stream's time base, as far as the container knows.
func (s *source) seekTime(stream int, ts int64) error {
	s.next = -1
	return avError(int(C.vd_seek_time(s.c, C.int(stream), C.int64_t(ts))))
}

// seekByte moves to a byte of the file.
func (s *source) seekByte(pos int64) error {
	s.next = -1
	return avError(int(C.vd_seek_byte(s.c, C.int64_t(pos))))
}
