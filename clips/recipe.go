package clips

import (
	"errors"
	"fmt"
	"time"
)

// Recipe says what is cut from one sample and how each view of it is augmented. It is plain data: it prints, it lies in the
// configuration of a run, and two equal recipes give equal batches.
type Recipe struct {
	Cuts     int        `yaml:"cuts"`            // cuts a sample, >= 1
	Frames   int        `yaml:"frames"`          // frames a cut, >= 1
	Stride   int        `yaml:"stride"`          // frames of the source, at its nominal rate, from one kept frame to the next; >= 1
	Interval Interval   `yaml:"interval"`        // law of the distance between cuts; "" is linear
	Views    []View     `yaml:"views"`           // at least one
	Sound    *SoundSpec `yaml:"sound,omitempty"` // nil: no sound
}

// View is one augmented copy of a cut.
type View struct {
	Cut     int     `yaml:"cut"` // 0 <= Cut < Recipe.Cuts
	Augment Augment `yaml:"augment"`
}

// SoundSpec asks for the sound that goes with each cut, from the time of its first frame on.
type SoundSpec struct {
	Rate     int           `yaml:"rate"`     // samples a second and channel, e.g. 16000
	Channels int           `yaml:"channels"` // 1 or 2; 0 is 1
	Length   time.Duration `yaml:"length"`   // of the sound of one cut, > 0; silence fills what the file does not hold
}

// Samples returns the number of samples a channel that each cut gets.
func (s SoundSpec) Samples() int {
	return int((s.Length.Nanoseconds()*int64(s.Rate) + int64(time.Second)/2) / int64(time.Second))
}

// Pair is the recipe of most contrastive methods: two cuts of frames frames at the given stride, the law "linear" of CVRL between
// them, one view each.
func Pair(frames, stride int, a Augment) Recipe {
	return Recipe{Cuts: 2, Frames: frames, Stride: stride, Interval: Linear, Views: []View{{Cut: 0, Augment: a}, {Cut: 1, Augment: a}}}
}

// Plain is the recipe of evaluation and labelling: n cuts spread evenly over the sample, a centre crop of size pixels, nothing random.
func Plain(n, frames, stride, size int) Recipe {
	r := Recipe{Cuts: n, Frames: frames, Stride: stride, Interval: Even}
	for i := range n {
		r.Views = append(r.Views, View{Cut: i, Augment: Centre(size)})
	}
	return r
}

// Span is the distance in source frames from the first to the last frame of a cut.
func (r Recipe) Span() int { return (r.Frames - 1) * r.Stride }

// Validate returns an error that names each field outside its range, or nil.
func (r Recipe) Validate() error {
	var errs []error
	bad := func(format string, args ...any) { errs = append(errs, fmt.Errorf(format, args...)) }
	if r.Cuts < 1 {
		bad("cuts is %d, want at least 1", r.Cuts)
	}
	if r.Frames < 1 {
		bad("frames is %d, want at least 1", r.Frames)
	}
	if r.Stride < 1 {
		bad("stride is %d, want at least 1", r.Stride)
	}
	if err := r.Interval.Validate(); err != nil {
		errs = append(errs, err)
	}
	if len(r.Views) == 0 {
		bad("views is empty, want at least one")
	}
	for i, v := range r.Views {
		if v.Cut < 0 || v.Cut >= r.Cuts {
			bad("views[%d].cut is %d, want 0 to %d", i, v.Cut, r.Cuts-1)
		}
		if err := v.Augment.Validate(); err != nil {
			bad("views[%d].augment: %w", i, err)
		}
	}
	if s := r.Sound; s != nil && (s.Rate < 1 || s.Channels < 0 || s.Channels > 2 || s.Length <= 0 || s.Samples() < 1) {
		bad("sound is %d samples/s, %d channels, %s long; want a positive rate, 1 or 2 channels and a positive length", s.Rate, s.Channels, s.Length)
	}
	return errors.Join(errs...)
}
