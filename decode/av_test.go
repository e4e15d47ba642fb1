package decode

import (
	"reflect"
	"testing"
	"unsafe"

	"github.com/asticode/go-astiav"
)

// handle reads go-astiav's first field; a release that lays its objects out otherwise must fail here, not crash elsewhere.
func TestHandlesAreTheFirstField(t *testing.T) {
	for _, object := range []any{astiav.FormatContext{}, astiav.CodecContext{}, astiav.Packet{}, astiav.Frame{}, astiav.Stream{}} {
		f := reflect.TypeOf(object).Field(0)
		if f.Name != "c" || f.Offset != 0 || f.Type.Kind() != reflect.Pointer {
			t.Errorf("%T begins with %s %s", object, f.Name, f.Type)
		}
	}
	frame := astiav.AllocFrame()
	defer frame.Free()
	if handle(frame) != frame.UnsafePointer() {
		t.Error("the handle of a frame is not its pointer")
	}
	frame.SetWidth(12345)
	if got := int(factsOf(frame).c.width); got != 12345 {
		t.Errorf("width is %d behind the handle", got)
	}
	if got := borrow[astiav.Frame](unsafe.Pointer(handle(frame))).Width(); got != 12345 {
		t.Errorf("width is %d in a borrowed frame", got)
	}
}
