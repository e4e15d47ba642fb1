package pipelines

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"

	"github.com/google/renameio/v2"

	"vssl/clips"
	"vssl/torch"
)

// Preview draws the views of the first samples of the first epoch's order as a PNG sheet, and returns the files it left out.
func Preview(ctx context.Context, cfg *Config, path string, samples int) (skips []clips.Skip, err error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if samples < 1 || samples > 64 {
		return nil, &UsageError{fmt.Errorf("samples is %d, want 1 to 64", samples)}
	}
	source, err := OpenSource(ctx, cfg, nil)
	if err != nil {
		return nil, err
	}
	owner := torch.NewScope()
	defer owner.Close()
	var recipe clips.Recipe
	torch.In(func(*torch.Scope) {
		m, newErr := newMethod(cfg, source, torch.CPU, owner)
		if err = newErr; err == nil {
			recipe = m.Recipe()
		}
	})
	if err != nil {
		return nil, err
	}
	l := cfg.loader(source, recipe, min(samples, source.Len()))
	l.Shuffle = true
	loader := clips.NewLoader(ctx, l)
	defer loader.Close()
	b, err := loader.Next()
	if errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("%s: %w%s", cfg.Data, ErrNothingUsable, firstReason(loader.Skipped()))
	}
	if err != nil {
		return nil, err
	}
	defer b.Release()
	out, err := renameio.TempFile("", path)
	if err != nil {
		return nil, fmt.Errorf("%s cannot be written: %w", path, reason(err))
	}
	defer out.Cleanup() // does nothing once the file is in place
	if err := clips.Sheet(out, b); err != nil {
		return nil, err
	}
	return b.Skipped, out.CloseAtomicallyReplace()
}
