package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"time"

	"vssl/clips"
)

// workers is the same on both sides.
const workers = 2

// readClips trains on nothing: it reads n random clips of 16 frames at stride 2, augmented to 112x112, and prints the speed.
func readClips(ctx context.Context, dir, kind string, n int) error {
	source, err := clips.OpenSource("folder", filepath.Join(dir, kind), clips.SourceOptions{})
	if err != nil {
		return err
	}
	recipe := clips.Recipe{Cuts: 1, Frames: 16, Stride: 2, Interval: clips.None, Views: []clips.View{{Augment: clips.Contrastive(112)}}}
	if _, err := pass(ctx, source, recipe, 0, source.Len()); err != nil { // warm: files cached, indices built
		return err
	}
	began := time.Now()
	for done, epoch := 0, 1; done < n; epoch++ {
		got, err := pass(ctx, source, recipe, epoch, n-done)
		if err != nil {
			return err
		}
		done += got
	}
	fmt.Printf("%.2f\n", float64(n)/time.Since(began).Seconds())
	return nil
}

// pass reads at most n clips of one epoch.
func pass(ctx context.Context, source clips.Source, recipe clips.Recipe, epoch, n int) (int, error) {
	loader := clips.NewLoader(ctx, clips.LoaderConfig{Source: source, Recipe: recipe, Batch: 1, Seed: 1, Epoch: epoch, Workers: workers, Shuffle: true})
	defer loader.Close()
	for got := 0; ; got++ {
		if got == n {
			return got, nil
		}
		b, err := loader.Next()
		if errors.Is(err, io.EOF) {
			return got, nil
		}
		if err != nil {
			return got, err
		}
		b.Release()
	}
}
