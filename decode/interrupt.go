package decode

// #include "av.h"
import "C"

import "context"

// interrupter lets a context end FFmpeg's reads. All sources of a Video share one.
type interrupter struct{ flag *C.vd_flag }

func newInterrupter() *interrupter { return &interrupter{C.vd_flag_new()} }

// free comes after the sources are closed.
func (i *interrupter) free() {
	C.vd_flag_free(i.flag)
	i.flag = nil
}

// watch makes reads fail once ctx ends, until the function it returns is called.
func (i *interrupter) watch(ctx context.Context) (release func()) {
	if ctx.Done() == nil {
		return func() {}
	}
	done := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		C.vd_flag_set(i.flag, 1)
		close(done)
	})
	return func() {
		if !stop() {
			<-done // the callback is running, or has run
			C.vd_flag_set(i.flag, 0)
		}
	}
}
