package decode

// #cgo pkg-config: libavformat libavcodec libavfilter libavutil libswscale libswresample
// #cgo CFLAGS: -O2 -Wall
// #include <stdlib.h>
// #include "av.h"
import "C"

import (
	"unsafe"

	"github.com/asticode/go-astiav"
)

func init() { C.vd_quiet() }

// noPTS is FFmpeg's mark for a time that is not known.
const noPTS = int64(-1 << 63)

// handle returns the AV structure behind a go-astiav object. All of them hold it as their first field; a test guards that.
func handle[T any](object *T) unsafe.Pointer { return *(*unsafe.Pointer)(unsafe.Pointer(object)) }

// borrow makes a go-astiav object of an AV structure that is owned elsewhere; its Free must not be called.
func borrow[T any](av unsafe.Pointer) *T {
	object := new(T)
	*(*unsafe.Pointer)(unsafe.Pointer(object)) = av
	return object
}

// streamFacts is what FFmpeg says of a stream, copied out of its structures.
type streamFacts struct{ c C.vd_stream }

func (s streamFacts) kind() int                  { return int(s.c.kind) }
func (s *streamFacts) setRotation(angle float64) { s.c.rotated, s.c.rotation = 1, C.double(angle) }
func (s streamFacts) tb() Rational               { return Rational{int64(s.c.tb_num), int64(s.c.tb_den)} }
func (s streamFacts) avg() Rational              { return Rational{int64(s.c.avg_num), int64(s.c.avg_den)} }
func (s streamFacts) rate() Rational             { return Rational{int64(s.c.rate_num), int64(s.c.rate_den)} }
func (s streamFacts) guess() Rational {
	return Rational{int64(s.c.guess_num), int64(s.c.guess_den)}
}

// frameFacts is what a caller of the decoder needs to know of a decoded frame.
type frameFacts struct{ c C.vd_frame }

func factsOf(f *astiav.Frame) (facts frameFacts) {
	C.vd_frame_get(f.UnsafePointer(), &facts.c)
	return facts
}

func packetEncrypted(p *astiav.Packet) bool { return C.vd_packet_encrypted(handle(p)) != 0 }
