package demo

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"sync/atomic"

	"vssl/decode"
)

// partFolder is where clips lie until they are whole. Its name keeps it out of a search for videos.
const partFolder = ".part"

// Prepare makes the set that config asks for in the folder dir:
//
//	dir/<class>/NNNN.mp4   H.264 and AAC
//	dir/labels.csv         path,label,split of every clip; split is train or test
//	dir/demo.json          the configuration, and whether the set is whole
//
// Every clip is written aside and renamed, so that what lies there is whole; a call after an interrupted one makes what is
// missing, and a call for a whole set does nothing. Only one process works on a folder at a time; others wait.
//
// progress, unless nil, is called with the number of clips done and wanted by one goroutine at a time. The error of a
// cancelled context comes back as it is; other errors name the file. It is an error when dir holds another set
// (ErrOtherSet) or things that are not of a set (ErrForeign).
func Prepare(ctx context.Context, dir string, config Config, progress func(done, total int)) error {
	config = config.withDefaults()
	if err := config.validate(); err != nil {
		return fmt.Errorf("demo set: %w", err)
	}
	// what looks wrong here may be another process's work halfway; that shows under the lock
	if whole, err := check(dir, config); whole && err == nil {
		return nil
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("demo set: %w", err)
	}
	unlock, err := lock(ctx, dir)
	if err != nil {
		return err
	}
	defer unlock()
	// another process may have made it while this one waited
	if whole, err := check(dir, config); whole || err != nil {
		return err
	}
	return complete(ctx, dir, config, progress)
}

// Ensure makes the default set in dir unless there is one: a set with other parameters is taken as it is, and completed
// as what it was begun as. For progress and errors see Prepare.
func Ensure(ctx context.Context, dir string, progress func(done, total int)) error {
	config := Config{}
	m, err := readMarker(dir)
	switch {
	case err == nil:
		config = m.Config
	case !errors.Is(err, os.ErrNotExist):
		return err
	}
	return Prepare(ctx, dir, config, progress)
}

// complete makes the missing clips, then the list, then the mark that the set is whole.
func complete(ctx context.Context, dir string, config Config, progress func(done, total int)) error {
	if err := writeMarker(dir, marker{Version: version, Config: config}); err != nil {
		return err
	}
	part := filepath.Join(dir, partFolder)
	if err := errors.Join(os.RemoveAll(part), os.Mkdir(part, 0o755)); err != nil {
		return fmt.Errorf("demo set: %w", err)
	}
	for _, c := range classes {
		if err := os.MkdirAll(filepath.Join(dir, c.name), 0o755); err != nil {
			return fmt.Errorf("demo set: %w", err)
		}
	}
	if err := makeClips(ctx, dir, config, progress); err != nil {
		return err
	}
	if err := writeLabels(dir, config); err != nil {
		return err
	}
	if err := os.RemoveAll(part); err != nil {
		return fmt.Errorf("demo set: %w", err)
	}
	return writeMarker(dir, marker{Version: version, Config: config, Whole: true})
}

// makeClips makes the clips that are missing, several at a time. The first error stops the others.
func makeClips(ctx context.Context, dir string, config Config, progress func(done, total int)) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	todo := missing(dir, config)
	workers := config.Workers
	if workers <= 0 {
		workers = runtime.GOMAXPROCS(0)
	}
	var next atomic.Int64
	var working sync.WaitGroup
	results := make(chan error)
	for range min(workers, len(todo)) {
		working.Go(func() {
			for ctx.Err() == nil {
				n := int(next.Add(1)) - 1
				if n >= len(todo) {
					return
				}
				results <- makeClip(ctx, dir, config, todo[n])
			}
		})
	}
	go func() { working.Wait(); close(results) }()

	done := config.Clips - len(todo)
	var first error
	for err := range results {
		switch {
		case err != nil && first == nil:
			first = err
			cancel()
		case err == nil:
			done++
			if progress != nil {
				progress(done, config.Clips)
			}
		}
	}
	if first == nil && done < config.Clips {
		first = ctx.Err()
	}
	return first
}

// makeClip renders and encodes clip i aside and moves it to its place.
func makeClip(ctx context.Context, dir string, config Config, i int) error {
	target := filepath.Join(dir, filepath.FromSlash(config.path(i)))
	aside := filepath.Join(dir, partFolder, fmt.Sprintf("%d.mp4", i))
	err := encode(ctx, aside, config.draw(i))
	if err == nil {
		err = syncFile(aside)
	}
	if err == nil {
		err = os.Rename(aside, target)
	}
	switch {
	case err == nil, ctx.Err() != nil && errors.Is(err, ctx.Err()):
		return err
	}
	return fmt.Errorf("demo set: %s: %w", target, err)
}

// encode writes one clip to path, each frame followed by its sound.
func encode(ctx context.Context, path string, f *film) (err error) {
	c := f.config
	w, err := decode.Create(path, decode.WriteOptions{
		Width: c.Width, Height: c.Height, Rate: c.Rate, SampleRate: audioRate, Channels: 1,
		GOP:    c.Rate / 2,  // a clip is a few frames anywhere: key frames near it are what makes it cheap
		Preset: "superfast", // slower presets look ahead, and small pictures then come out differently from time to time
	})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, w.Close()) }()
	canvas, pixels := newCanvas(c.Width, c.Height), make([]uint8, 3*c.Width*c.Height)
	sound, frames := f.sound(), c.frames()
	for k := range frames {
		if err := ctx.Err(); err != nil {
			return err
		}
		f.frame(canvas, k, pixels)
		if err := w.WriteFrame(pixels); err != nil {
			return err
		}
		if err := w.WriteSound(sound[len(sound)*k/frames : len(sound)*(k+1)/frames]); err != nil {
			return err
		}
	}
	return nil
}

// syncFile makes sure that the bytes of a file are on disk before its name is.
func syncFile(path string) error {
	file, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	return errors.Join(file.Sync(), file.Close())
}
