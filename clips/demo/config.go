package demo

import (
	"errors"
	"fmt"
	"path"

	"vssl/clips"
)

// Config says what set is made. The zero value of a field stands for its default (see [Defaults]); two equal
// configurations make the same pictures and sounds.
type Config struct {
	Clips   int     `json:"clips"`   // in all classes together, >= 1; default 400
	Seed    uint64  `json:"seed"`    // of all that is drawn
	Width   int     `json:"width"`   // pixels, even, 16..2048; default 128
	Height  int     `json:"height"`  // pixels, even, 16..2048; default 96
	Rate    int     `json:"rate"`    // frames a second, 1..120; default 25
	Seconds float64 `json:"seconds"` // length of a clip, 0.1..60; default 4

	Workers int `json:"-"` // clips made at a time; default the number of processors. Does not change what is made
}

// audioRate is the sampling rate of the sound track in Hz; it has one channel.
const audioRate = 16000

// testShare is the part of each class that is kept for tests: one in this many, at least one where a class has two.
const testShare = 5

// Defaults is the set that is made where nothing else is said.
func Defaults() Config { return Config{}.withDefaults() }

// withDefaults fills in what c leaves open.
func (c Config) withDefaults() Config {
	fill := func(field *int, value int) {
		if *field == 0 {
			*field = value
		}
	}
	fill(&c.Clips, 400)
	fill(&c.Width, 128)
	fill(&c.Height, 96)
	fill(&c.Rate, 25)
	if c.Seconds == 0 {
		c.Seconds = 4
	}
	return c
}

// validate names every field outside its range.
func (c Config) validate() error {
	var errs []error
	within := func(name string, v, low, high float64) {
		if !(low <= v && v <= high) {
			errs = append(errs, fmt.Errorf("%s is %g, want %g to %g", name, v, low, high))
		}
	}
	within("clips", float64(c.Clips), 1, 1e5)
	within("width", float64(c.Width), 16, 2048)
	within("height", float64(c.Height), 16, 2048)
	within("rate", float64(c.Rate), 1, 120)
	within("seconds", c.Seconds, 0.1, 60)
	if c.Width%2 != 0 || c.Height%2 != 0 {
		errs = append(errs, fmt.Errorf("width and height are %d and %d, want even numbers", c.Width, c.Height))
	}
	return errors.Join(errs...)
}

// frames is the number of frames of a clip.
func (c Config) frames() int { return max(1, int(c.Seconds*float64(c.Rate)+0.5)) }

// label is the class of clip i: the classes take turns.
func (c Config) label(i int) int { return i % len(classes) }

// path is the file of clip i relative to the set's folder, with slashes.
func (c Config) path(i int) string {
	return path.Join(classes[c.label(i)].name, fmt.Sprintf("%04d.mp4", i/len(classes)))
}

// split is "train" or "test". The last clips of a class are for tests.
func (c Config) split(i int) string {
	perClass := (c.Clips - c.label(i) + len(classes) - 1) / len(classes)
	tests := perClass / testShare
	if perClass >= 2 {
		tests = max(tests, 1)
	}
	if i/len(classes) >= perClass-tests {
		return "test"
	}
	return "train"
}

// Streams of random numbers of one clip. What a clip looks like comes from another stream than how it moves, so that
// neither tells of the other.
const (
	streamMotion = iota
	streamScene
	streamGrain
	streamVoice
	streamHiss
)

// film is one clip, drawn and ready to be painted and played.
type film struct {
	config Config
	scene  *scene
	track  track
	voice  instrument
	grain  []float64
	hiss   int // sample number for the noise of the sound
}

// draw draws clip i.
func (c Config) draw(i int) *film {
	aspect := float64(c.Width) / float64(c.Height)
	scene := drawScene(clips.RNG(c.Seed, 0, i, streamScene), c.Seconds)
	stage := stage{aspect: aspect, radius: scene.radius, seconds: c.Seconds}
	return &film{
		config: c,
		scene:  scene,
		track:  classes[c.label(i)].draw(clips.RNG(c.Seed, 0, i, streamMotion), stage),
		voice:  drawInstrument(clips.RNG(c.Seed, 0, i, streamVoice)),
		grain:  drawGrain(clips.RNG(c.Seed, 0, i, streamGrain), 4099), // a prime: no frame repeats it in step with its rows
		hiss:   i,
	}
}

// frame paints frame k into dst, packed RGB [height, width, 3], by way of c.
func (f *film) frame(c *canvas, k int, dst []uint8) {
	t := float64(k) / float64(f.config.Rate)
	p, _ := f.track.at(t)
	offset := k * 977 % len(f.grain)
	c.paint(f.scene, p, t, append(f.grain[offset:len(f.grain):len(f.grain)], f.grain[:offset]...))
	c.bytes(dst)
}

// sound plays the whole clip: mono, audioRate samples a second, as long as its frames.
func (f *film) sound() []float32 {
	n := f.config.frames() * audioRate / f.config.Rate
	return f.voice.play(clips.RNG(f.config.Seed, 0, f.hiss, streamHiss), f.track, n, audioRate)
}
