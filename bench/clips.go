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

// readClips reads n random clips of 16 frames at stride 2, augmented to 112x112, and prints the clips per second.
func readClips(ctx context.Context, dir, kind string, n int) error {
	_, took, err := timeClips(ctx, dir, kind, n)
	if err != nil {
		return err
	}
	fmt.Printf("%.2f\n", float64(n)/took.Seconds())
	return nil
}

// showStages does the same and prints where the workers' time went.
func showStages(ctx context.Context, dir, kind string, n int) error {
	stats, _, err := timeClips(ctx, dir, kind, n)
	if err != nil {
		return err
	}
	fmt.Print(stats)
	return nil
}

func timeClips(ctx context.Context, dir, kind string, n int) (clips.Stats, time.Duration, error) {
	files, err := clips.OpenSource("folder", filepath.Join(dir, kind), clips.SourceOptions{})
	if err != nil {
		return clips.Stats{}, 0, err
	}
	if _, _, err := clipPass(ctx, files, 0, files.Len()); err != nil { // warm: files cached, indices built
		return clips.Stats{}, 0, err
	}
	return clipPass(ctx, files, 1, n)
}

// clipPass reads n clips of a data set in which the files come again and again.
func clipPass(ctx context.Context, files clips.Source, epoch, n int) (clips.Stats, time.Duration, error) {
	recipe := clips.Recipe{Cuts: 1, Frames: 16, Stride: 2, Interval: clips.None, Views: []clips.View{{Augment: clips.Contrastive(112)}}}
	return pass(ctx, clips.LoaderConfig{Source: files, Recipe: recipe, Batch: 1, Epoch: epoch}, n)
}

// pass reads n samples of a source, which come again and again, and says how long that took.
func pass(ctx context.Context, cfg clips.LoaderConfig, n int) (clips.Stats, time.Duration, error) {
	cfg.Seed, cfg.Workers, cfg.Order = 1, workers, make([]int, n)
	for i := range cfg.Order {
		cfg.Order[i] = i % cfg.Source.Len()
	}
	began := time.Now()
	loader := clips.NewLoader(ctx, cfg)
	defer loader.Close()
	for {
		b, err := loader.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return clips.Stats{}, 0, err
		}
		b.Release()
	}
	stats := loader.Stats()
	if stats.Skipped > 0 {
		return stats, 0, fmt.Errorf("%d of %d samples were skipped", stats.Skipped, n)
	}
	return stats, time.Since(began), nil
}
