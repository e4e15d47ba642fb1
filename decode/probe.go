package decode

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// ProbeOptions says how far Probe looks.
type ProbeOptions struct {
	IndexDir  string // as in Options
	MaxPixels int64  // as in Options
	Decode    bool   // decode every frame, and count what does not
}

// Found is what reading a file through found, whatever its header claims.
type Found struct {
	Frames    int           `json:"frames"`
	KeyFrames int           `json:"key_frames"`  // frames at which decoding can start
	First     time.Duration `json:"first_ns"`    // presentation of the first frame on the file's own clock
	Duration  time.Duration `json:"duration_ns"` // from the first frame to the end of the last
	Variable  bool          `json:"variable"`    // the gaps between frames differ by more than the container's rounding
	Damaged   int           `json:"damaged"`     // packets with missing bytes, and breaks of the file
	Decoded   int           `json:"decoded"`     // frames that decode; 0 when not asked for
	Notes     []string      `json:"notes"`       // where header and content disagree, and what is damaged
}

// Probe opens a file and reads it through. It fails as Open does, except that a file without pictures (ErrNoVideo), or with
// encrypted ones (ErrEncrypted), gives both its Info and the error when the container can be read.
func Probe(ctx context.Context, path string, opts ProbeOptions) (*Info, error) {
	v := &Video{path: path, opts: Options{IndexDir: opts.IndexDir, MaxPixels: opts.MaxPixels}.withDefaults(), stop: newInterrupter()}
	defer v.Close()
	if err := v.open(ctx); err != nil {
		return v.info, wrap(ctx, path, "probe", err)
	}
	x, err := v.Index(ctx)
	if err != nil {
		return v.info, err
	}
	info := *v.info
	info.Found = newFound(x, info.VideoStream())
	if opts.Decode {
		if err := v.countDecoded(ctx, info.Found); err != nil {
			return &info, err
		}
	}
	return &info, nil
}

func newFound(x *Index, st *StreamInfo) *Found {
	f := &Found{Frames: x.Frames(), KeyFrames: x.KeyFrames(), Duration: x.Duration(), Damaged: x.damage}
	if f.Frames > 0 {
		f.First = duration(x.frames[0].pts, x.tb)
		f.Variable = x.variable()
	}
	note := func(format string, args ...any) { f.Notes = append(f.Notes, fmt.Sprintf(format, args...)) }
	if st.Frames > 0 && st.Frames != int64(f.Frames) {
		note("the header says %d frames, %d are there", st.Frames, f.Frames)
	}
	if d := st.Duration - f.Duration; st.Duration > 0 && max(d, -d) > time.Second {
		note("the header says %v, the frames last %v", st.Duration.Round(time.Millisecond), f.Duration.Round(time.Millisecond))
	}
	if x.damage > 0 {
		note("%d packets are damaged or the file breaks off", x.damage)
	}
	return f
}

// variable tells whether the gaps between frames differ by more than two ticks and by more than a tenth.
func (x *Index) variable() bool {
	least, most := int64(1<<62), int64(0)
	for i := 1; i < len(x.frames); i++ {
		gap := x.frames[i].pts - x.frames[i-1].pts
		least, most = min(least, gap), max(most, gap)
	}
	return most > least+2 && float64(most) > 1.1*float64(least)
}

func (v *Video) countDecoded(ctx context.Context, f *Found) error {
	defer v.stop.watch(ctx)()
	if err := v.ensure(ctx); err != nil {
		return wrap(ctx, v.path, "decode", err)
	}
	err := v.run(ctx, pass{from: 0, last: len(v.index.packets) - 1, emit: func(int) (bool, error) {
		f.Decoded++
		return true, nil
	}})
	if err != nil && !errors.Is(err, errDesync) {
		return wrap(ctx, v.path, "decode", err)
	}
	f.Damaged += v.dec.errors
	if f.Decoded != f.Frames {
		f.Notes = append(f.Notes, fmt.Sprintf("%d of %d frames decode", f.Decoded, f.Frames))
	}
	return nil
}

// Rows returns the Info as a table for people: a name and a value a row.
func (i *Info) Rows() [][2]string {
	rows := [][2]string{{"file", i.Path}, {"container", i.Format}, {"size", fmt.Sprintf("%d bytes", i.Size)}}
	for n, st := range i.Streams {
		rows = append(rows, [2]string{fmt.Sprintf("stream %d", n), st.String()})
	}
	if f := i.Found; f != nil {
		rows = append(rows,
			[2]string{"frames", fmt.Sprintf("%d, %d of them key frames", f.Frames, f.KeyFrames)},
			[2]string{"first frame", fmt.Sprintf("at %v", f.First)},
			[2]string{"duration", f.Duration.Round(time.Microsecond).String()},
			[2]string{"rate", map[bool]string{false: "constant", true: "variable"}[f.Variable]})
		for _, note := range f.Notes {
			rows = append(rows, [2]string{"damage", note})
		}
		if len(f.Notes) == 0 {
			rows = append(rows, [2]string{"damage", "none found"})
		}
	}
	return rows
}

// String returns a line such as "video h264 yuv420p 340x256, 30/1 frames/s, turned by 90 degrees".
func (st StreamInfo) String() string {
	s := st.Kind + " " + st.Codec
	switch {
	case st.Width > 0:
		s += fmt.Sprintf(" %s %dx%d, %.5g frames/s", st.Pixels, st.Width, st.Height, st.Rate.Float())
		if st.MeanRate.known() && st.MeanRate != st.Rate {
			s += fmt.Sprintf(" (mean %.5g)", st.MeanRate.Float())
		}
	case st.SampleRate > 0:
		s += fmt.Sprintf(" %d Hz, %d channels", st.SampleRate, st.Channels)
	}
	if st.Rotation != 0 {
		s += fmt.Sprintf(", to be turned by %d degrees clockwise", st.Rotation)
	}
	if st.Encrypted {
		s += ", encrypted"
	}
	return s
}
