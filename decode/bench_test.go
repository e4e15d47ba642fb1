package decode

import (
	"fmt"
	"math/rand/v2"
	"syscall"
	"testing"
	"time"
)

// BenchmarkClips is the hot path of training: clips of 16 frames at stride 2 from random places of 10 s videos, each from
// an opening of its own with the index at hand, up to the planes.
func BenchmarkClips(b *testing.B) {
	for _, o := range []WriteOptions{
		{Width: 340, Height: 256, Rate: 30, GOP: 250},
		{Width: 340, Height: 256, Rate: 30, GOP: 12},
		{Width: 1280, Height: 720, Rate: 30, GOP: 250},
	} {
		b.Run(fmt.Sprintf("%dx%d/gop%d", o.Width, o.Height, o.GOP), func(b *testing.B) {
			o.Preset = "medium"
			path := writeVideo(b, o, 300)
			dir := b.TempDir()
			rng := rand.New(rand.NewPCG(1, 1))
			clip := func() {
				v, err := Open(b.Context(), path, Options{IndexDir: dir})
				if err != nil {
					b.Fatal(err)
				}
				defer v.Close()
				x, err := v.Index(b.Context())
				if err != nil {
					b.Fatal(err)
				}
				from := rng.IntN(x.Frames() - 31)
				err = v.Frames(b.Context(), span(from, from+32, 2), func(_ int, f *Frame) error {
					if _, ok := f.Planes(); !ok {
						b.Fatal("no planes")
					}
					return nil
				})
				if err != nil {
					b.Fatal(err)
				}
			}
			clip() // builds the index
			clips, cpu := 0, processTime(b)
			for b.Loop() {
				clip()
				clips++
			}
			b.ReportMetric(float64(clips)/b.Elapsed().Seconds(), "clips/s")
			// What a busy machine does not change.
			b.ReportMetric((processTime(b)-cpu).Seconds()*1000/float64(clips), "cpu-ms/clip")
		})
	}
}

// processTime is the processor time that this process has used.
func processTime(b *testing.B) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// BenchmarkOpen is the part of a clip that is not decoding: opening a file whose index is at hand, up to the decoder.
func BenchmarkOpen(b *testing.B) {
	path := writeVideo(b, WriteOptions{Width: 340, Height: 256, Rate: 30}, 300)
	dir := b.TempDir()
	for b.Loop() {
		v, err := Open(b.Context(), path, Options{IndexDir: dir})
		if err != nil {
			b.Fatal(err)
		}
		if err := v.ensure(b.Context()); err != nil {
			b.Fatal(err)
		}
		v.Close()
	}
}
