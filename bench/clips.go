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
	if _, _, err := pass(ctx, files, 0, files.Len()); err != nil { // warm: files cached, indices built
		return clips.Stats{}, 0, err
	}
	return pass(ctx, files, 1, n)
}

// pass reads n clips of a data set in which the files come again and again.
func pass(ctx context.Context, files clips.Source, epoch, n int) (clips.Stats, time.Duration, error) {
	samples := make([]clips.Sample, n)
	for i := range samples {
		samples[i] = files.Sample(i % files.Len())
		samples[i].Key = fmt.Sprint(i)
	}
	recipe := clips.Recipe{Cuts: 1, Frames: 16, Stride: 2, Interval: clips.None, Views: []clips.View{{Augment: clips.Contrastive(112)}}}
	began := time.Now()
	loader := clips.NewLoader(ctx, clips.LoaderConfig{Source: clips.NewSet("bench", samples, nil, nil), Recipe: recipe,
		Batch: 1, Seed: 1, Epoch: epoch, Workers: workers})
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
		return stats, 0, fmt.Errorf("%d of %d clips were skipped", stats.Skipped, n)
	}
	return stats, time.Since(began), nil
}
