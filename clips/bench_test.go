package clips

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"vssl/decode"
)

// benchFile encodes ten seconds of soft shapes that move, at about the bit rate of films on the net.
func benchFile(b *testing.B, path string, w, h, gop int, phase float64) {
	b.Helper()
	out, err := decode.Create(path, decode.WriteOptions{Width: w, Height: h, Rate: 25, GOP: gop})
	if err != nil {
		b.Fatal(err)
	}
	rgb := make([]uint8, 3*w*h)
	wave := make([]uint8, 4096)
	for i := range wave {
		at := float64(i) * 2 * math.Pi / 4096
		wave[i] = uint8(64 + 40*math.Sin(2*at+phase)*math.Cos(5*at) + 20*math.Sin(12*at+2*phase))
	}
	step := 2048 / w // the same picture at every size
	for f := range 250 {
		for i := range w * h {
			x, y := i%w*step, i/w*step
			rgb[3*i] = wave[(x+2*y+19*f)&4095] + wave[(3*y-x+23*f)&4095]
			rgb[3*i+1] = wave[(x+y-14*f)&4095] + wave[(2*x-y+5*f)&4095]
			rgb[3*i+2] = wave[(3*x+y+7*f)&4095] + wave[(x-2*y)&4095]
		}
		if err := out.WriteFrame(rgb); err != nil {
			b.Fatal(err)
		}
	}
	if err := out.Close(); err != nil {
		b.Fatal(err)
	}
}

// cpuTime is what the process has used so far: unlike clips a second, it holds still while others use the machine.
func cpuTime(b *testing.B) time.Duration {
	b.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// BenchmarkLoader reads random clips of 16 frames at stride 2, crops and resizes them to 112x112 and augments them with everything, in
// two workers: clips a second, and where the time goes.
func BenchmarkLoader(b *testing.B) {
	for _, kind := range []struct{ w, h, gop int }{{340, 256, 250}, {340, 256, 12}, {1280, 720, 250}} {
		dir := b.TempDir()
		var samples []Sample
		for i := range 4 {
			path := filepath.Join(dir, fmt.Sprint(i, ".mp4"))
			benchFile(b, path, kind.w, kind.h, kind.gop, float64(i))
			for range 250 { // so that an epoch is long
				samples = append(samples, Sample{Path: path, Label: -1})
			}
		}
		one := Recipe{Cuts: 1, Frames: 16, Stride: 2, Views: []View{{Augment: Contrastive(112)}}}
		for _, r := range []Recipe{one, Pair(16, 2, Contrastive(112))} {
			b.Run(fmt.Sprintf("%dx%d/gop%d/cuts%d", kind.w, kind.h, kind.gop, r.Cuts), func(b *testing.B) {
				cfg := LoaderConfig{Source: NewSet("bench", samples, nil, nil), Recipe: r, Batch: 8, Seed: 1, Workers: 2, IndexDir: dir}
				clips, read, cpu := 0, 0, cpuTime(b)
				l := NewLoader(context.Background(), cfg)
				for b.Loop() {
					batch, err := l.Next()
					if errors.Is(err, io.EOF) {
						l.Close()
						read += l.Stats().Samples * len(r.Views)
						cfg.Epoch++
						l = NewLoader(context.Background(), cfg)
						batch, err = l.Next()
					}
					if err != nil {
						b.Fatal(err)
					}
					clips += batch.Size() * len(r.Views)
					batch.Release()
				}
				b.ReportMetric(float64(clips)/b.Elapsed().Seconds(), "clips/s")
				l.Close()
				read += l.Stats().Samples * len(r.Views) // ahead of their use too
				b.ReportMetric((cpuTime(b)-cpu).Seconds()*1e3/float64(read), "cpu-ms/clip")
				b.Logf("\n%v", l.Stats())
			})
		}
	}
}
