package decode_test

import (
	"context"
	"fmt"
	"image"
	"os"
	"path/filepath"

	"vssl/decode"
)

// A clip of four frames at stride two, cropped, from a file that is written first.
func Example() {
	dir, err := os.MkdirTemp("", "decode")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "grey.mp4")

	w, err := decode.Create(path, decode.WriteOptions{Width: 64, Height: 48, Rate: 25})
	if err != nil {
		panic(err)
	}
	rgb := make([]uint8, 64*48*3)
	for range 25 {
		if err := w.WriteFrame(rgb); err != nil {
			panic(err)
		}
	}
	if err := w.Close(); err != nil {
		panic(err)
	}

	ctx := context.Background()
	v, err := decode.Open(ctx, path, decode.Options{IndexDir: dir})
	if err != nil {
		panic(err)
	}
	defer v.Close()
	x, err := v.Index(ctx)
	if err != nil {
		panic(err)
	}
	fmt.Println(x.Frames(), "frames,", x.Duration())
	var pixels []uint8
	err = v.Frames(ctx, []int{10, 12, 14, 16}, func(k int, f *decode.Frame) error {
		pixels = f.RGB(pixels, image.Rect(8, 8, 40, 40))
		fmt.Println("frame", f.Index, "at", f.Time, "has", len(pixels), "bytes, the first is", pixels[0])
		return nil
	})
	if err != nil {
		panic(err)
	}
	// Output:
	// 25 frames, 1s
	// frame 10 at 400ms has 3072 bytes, the first is 0
	// frame 12 at 480ms has 3072 bytes, the first is 0
	// frame 14 at 560ms has 3072 bytes, the first is 0
	// frame 16 at 640ms has 3072 bytes, the first is 0
}
