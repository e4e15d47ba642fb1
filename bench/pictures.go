package main

import (
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"vssl/clips"
)

// pictureBatch is the same on both sides.
const pictureBatch = 64

// pictureKinds are the JPEG files that both sides read where no folder is given.
var pictureKinds = []struct {
	name                          string
	width, height, files, quality int
}{
	{"32x32", 32, 32, 2000, 95}, // the size of CIFAR-10
	{"500x375", 500, 375, 200, 92},
}

// writePictures makes the files of all kinds that are not there yet, in ten classes.
func writePictures(dir string) error {
	for _, k := range pictureKinds {
		scene := newScene(k.width, k.height, 11)
		rgb := make([]uint8, 3*k.width*k.height)
		for i := range k.files {
			path := filepath.Join(dir, k.name, "class"+strconv.Itoa(i%10), fmt.Sprintf("%04d.jpg", i))
			if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
				continue
			}
			if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
				return err
			}
			scene.draw(rgb, 0.7*float64(i))
			if err := writePicture(path, rgb, k.width, k.height, k.quality); err != nil {
				return err
			}
		}
	}
	return nil
}

func writePicture(path string, rgb []uint8, width, height, quality int) error {
	img := image.NewRGBA(image.Rect(0, 0, width, height))
	for i := range width * height {
		img.SetRGBA(i%width, i/width, color.RGBA{rgb[3*i], rgb[3*i+1], rgb[3*i+2], 255})
	}
	f, err := os.Create(path + ".part")
	if err != nil {
		return err
	}
	if err := errors.Join(jpeg.Encode(f, img, &jpeg.Options{Quality: quality}), f.Close()); err != nil {
		return err
	}
	return os.Rename(path+".part", path)
}

// simclr is the augmentation of SimCLR, two views of it, as peer_pictures.py has it. Of small pictures it has no blur.
func simclr(size int) clips.Recipe {
	a := clips.Augment{Size: size, Scale: [2]float64{0.2, 1}, Ratio: [2]float64{3. / 4, 4. / 3}, Flip: 0.5, Grey: 0.2}
	a.Jitter = clips.Jitter{P: 0.8, Brightness: 0.4, Contrast: 0.4, Saturation: 0.4, Hue: 0.1}
	if size > 32 {
		a.Blur = clips.Blur{P: 0.5, SigmaMin: 0.1, SigmaMax: 2}
	}
	return clips.Recipe{Cuts: 1, Frames: 1, Stride: 1, Interval: clips.None, Views: []clips.View{{Augment: a}, {Augment: a}}}
}

// readPictures reads n pictures of a folder, two views each, and prints the pictures per second, behind where the time went.
func readPictures(ctx context.Context, dir, size string, n int) error {
	side, err := strconv.Atoi(size)
	if err != nil || side < 1 {
		return fmt.Errorf("%q is no size in pixels", size)
	}
	files, err := clips.OpenSource("imagefolder", dir, clips.SourceOptions{})
	if err != nil {
		return err
	}
	return timePictures(ctx, files, side, n)
}

// readRaw does the same with pixels in memory, laid out as the binary files of CIFAR-10 have them.
func readRaw(ctx context.Context, size string, n int) error {
	side, err := strconv.Atoi(size)
	if err != nil || side < 1 {
		return fmt.Errorf("%q is no size in pixels", size)
	}
	const different = 1000
	samples, scene := make([]clips.Sample, different), newScene(side, side, 11)
	for i := range samples {
		rgb := make([]uint8, 3*side*side)
		scene.draw(rgb, 0.7*float64(i))
		samples[i] = clips.Sample{Key: strconv.Itoa(i), Label: -1, Still: planarStill{rgb, side}}
	}
	return timePictures(ctx, clips.NewSet("bench", samples, nil, nil), side, n)
}

// planarStill is a picture in memory.
type planarStill struct {
	pixels []uint8
	side   int
}

// Read lends the pixels.
func (p planarStill) Read(context.Context, *[]byte) (clips.Raw, error) {
	return clips.Raw{Bytes: p.pixels, Layout: clips.Planar, Width: p.side, Height: p.side}, nil
}

func timePictures(ctx context.Context, set clips.Source, side, n int) error {
	if _, _, err := picturePass(ctx, set, side, 0, set.Len()); err != nil { // warm: files cached
		return err
	}
	stats, took, err := picturePass(ctx, set, side, 1, n)
	if err != nil {
		return err
	}
	fmt.Print(stats)
	fmt.Printf("%.1f\n", float64(n)/took.Seconds())
	return nil
}

// picturePass reads n pictures of a set, which come again and again.
func picturePass(ctx context.Context, set clips.Source, side, epoch, n int) (clips.Stats, time.Duration, error) {
	return pass(ctx, clips.LoaderConfig{Source: set, Recipe: simclr(side), Batch: pictureBatch, Epoch: epoch}, n)
}
