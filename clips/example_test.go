package clips_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"vssl/clips"
	"vssl/decode"
)

// writeVideo encodes two seconds of grey.
func writeVideo(path string) error {
	w, err := decode.Create(path, decode.WriteOptions{Width: 64, Height: 48, Rate: 10})
	if err != nil {
		return err
	}
	for range 20 {
		if err := w.WriteFrame(make([]uint8, 64*48*3)); err != nil {
			return err
		}
	}
	return w.Close()
}

// A folder of videos, a class a folder, becomes batches of augmented pairs.
func Example() {
	root, err := os.MkdirTemp("", "clips")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(root)
	for _, name := range []string{"jump/1.mp4", "run/2.mp4"} {
		path := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			fmt.Println(err)
			return
		}
		if err := writeVideo(path); err != nil {
			fmt.Println(err)
			return
		}
	}
	source, err := clips.OpenSource("folder", root, clips.SourceOptions{})
	if err != nil {
		fmt.Println(err)
		return
	}
	loader := clips.NewLoader(context.Background(), clips.LoaderConfig{
		Source: source, Recipe: clips.Pair(8, 2, clips.Contrastive(32)), Batch: 2, Seed: 1, IndexDir: root,
	})
	defer loader.Close()
	b, err := loader.Next()
	if err != nil {
		fmt.Println(err)
		return
	}
	defer b.Release()
	v := b.Views[0]
	fmt.Println(source.Classes(), b.Keys, b.Labels)
	fmt.Printf("%d views of [%d, %d, %d, %d, 3]: %d bytes each\n", len(b.Views), b.Size(), v.T, v.H, v.W, len(v.Pixels))
	// Output:
	// [jump run] [jump/1.mp4 run/2.mp4] [0 1]
	// 2 views of [2, 8, 32, 32, 3]: 49152 bytes each
}
