package main

import (
	"errors"
	"fmt"
	"io/fs"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"

	"vssl/decode"
)

// kind is one sort of file: what costs time differs between them.
type kind struct {
	name          string
	width, height int
	gop           int // frames from one key frame to the next, at most
	files         int
}

var kinds = []kind{
	{"340x256-gop250", 340, 256, 250, 6},
	{"340x256-gop12", 340, 256, 12, 6},
	{"1280x720-gop250", 1280, 720, 250, 3},
}

// Length and rate of every file: those of Kinetics.
const (
	seconds = 10
	rate    = 30
)

// writeVideos makes the files of all kinds that are not there yet.
func writeVideos(dir string) error {
	for _, k := range kinds {
		for i := range k.files {
			path := filepath.Join(dir, k.name, fmt.Sprintf("%02d.mp4", i))
			if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
				continue
			}
			if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
				return err
			}
			if err := writeVideo(path, k, uint64(i)); err != nil {
				return fmt.Errorf("%s: %w", path, err)
			}
		}
	}
	return nil
}

func writeVideo(path string, k kind, seed uint64) error {
	w, err := decode.Create(path+".part", decode.WriteOptions{Width: k.width, Height: k.height, Rate: rate, GOP: k.gop, CRF: 23})
	if err != nil {
		return err
	}
	s := newScene(k.width, k.height, seed)
	frame := make([]uint8, k.width*k.height*3)
	for n := range seconds * rate {
		s.draw(frame, float64(n)/rate)
		if err := w.WriteFrame(frame); err != nil {
			return errors.Join(err, w.Close())
		}
	}
	if err := w.Close(); err != nil {
		return err
	}
	return os.Rename(path+".part", path)
}

// scene is a camera that pans over a textured plane, with discs moving before it and noise: it costs an encoder and a
// decoder about what a hand-held video does.
type scene struct {
	w, h    int
	texture []uint8 // [side, side, 3], repeats
	discs   [][6]float64
	rng     *rand.Rand
}

const side = 512

func newScene(w, h int, seed uint64) *scene {
	rng := rand.New(rand.NewPCG(seed, 7))
	s := &scene{w: w, h: h, texture: make([]uint8, side*side*3), rng: rng}
	var waves [12][4]float64
	for i := range waves {
		waves[i] = [4]float64{float64(1 + rng.IntN(24)), float64(1 + rng.IntN(24)), 2 * math.Pi * rng.Float64(), float64(i % 3)}
	}
	for y := range side {
		for x := range side {
			for c := range 3 {
				v := 128.0
				for _, q := range waves {
					if int(q[3]) == c || rng.IntN(40) == 0 {
						v += 25 * math.Sin(2*math.Pi*(q[0]*float64(x)+q[1]*float64(y))/side+q[2])
					}
				}
				s.texture[(y*side+x)*3+c] = uint8(min(255, max(0, v)))
			}
		}
	}
	for range 6 {
		s.discs = append(s.discs, [6]float64{rng.Float64(), rng.Float64(), 0.05 + 0.1*rng.Float64(), rng.Float64(), rng.Float64(), rng.Float64()})
	}
	return s
}

func (s *scene) draw(dst []uint8, t float64) {
	dx, dy := int(40*t+20*math.Sin(t)), int(25*math.Sin(1.3*t))
	for y := range s.h {
		for x := range s.w {
			from := (((y+dy)&(side-1))*side + (x+dx)&(side-1)) * 3
			copy(dst[(y*s.w+x)*3:][:3], s.texture[from:from+3])
		}
	}
	for _, d := range s.discs {
		s.disc(dst, d, t)
	}
	for range s.w * s.h / 16 { // grain
		dst[s.rng.IntN(len(dst))] ^= uint8(s.rng.IntN(8))
	}
}

func (s *scene) disc(dst []uint8, d [6]float64, t float64) {
	r := d[2] * float64(s.h)
	cx := float64(s.w) * (0.5 + 0.45*math.Sin(2*math.Pi*(d[0]+t*(0.1+0.3*d[3]))))
	cy := float64(s.h) * (0.5 + 0.45*math.Cos(2*math.Pi*(d[1]+t*(0.1+0.3*d[4]))))
	for y := max(0, int(cy-r)); y < min(s.h, int(cy+r)); y++ {
		for x := max(0, int(cx-r)); x < min(s.w, int(cx+r)); x++ {
			if math.Hypot(float64(x)-cx, float64(y)-cy) > r {
				continue
			}
			p := dst[(y*s.w+x)*3:][:3]
			p[0], p[1], p[2] = uint8(255*d[3]), uint8(255*d[4]), uint8(255*d[5])
		}
	}
}
