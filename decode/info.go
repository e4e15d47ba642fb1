package decode

// #include "av.h"
import "C"

import (
	"math"
	"time"

	"github.com/asticode/go-astiav"
)

// Info is what a file says it holds. What was found by reading it is in Index and Report.
type Info struct {
	Path    string       `json:"path"`
	Format  string       `json:"format"` // FFmpeg's short name of the container
	Size    int64        `json:"size"`   // bytes of the file
	Streams []StreamInfo `json:"streams"`
	Video   int          `json:"video"`           // index in Streams of the video that is read; -1: none
	Sound   int          `json:"sound"`           // index in Streams of the sound that is read; -1: none
	Found   *Found       `json:"found,omitempty"` // by Probe; nil from Open
}

// StreamInfo is what the container says of a stream: claims, which need not be true.
type StreamInfo struct {
	Kind     string        `json:"kind"` // video, sound, subtitle, picture (a cover), data
	Codec    string        `json:"codec"`
	TimeBase Rational      `json:"time_base"`   // seconds a tick
	Start    time.Duration `json:"start_ns"`    // on the file's own clock; 0 when not known
	Duration time.Duration `json:"duration_ns"` // 0 when not known
	Frames   int64         `json:"frames"`      // 0 when not known

	Width     int      `json:"width,omitempty"`  // of a video as coded, before rotation
	Height    int      `json:"height,omitempty"` // of a video as coded, before rotation
	Pixels    string   `json:"pixels,omitempty"` // FFmpeg's name of the pixel format
	Rate      Rational `json:"rate,omitzero"`    // frames a second: the base rate, which a variable one rests on
	MeanRate  Rational `json:"mean_rate,omitzero"`
	TickRate  Rational `json:"tick_rate,omitzero"` // frames a second that framemd5 counts in
	Rotation  int      `json:"rotation,omitempty"` // degrees clockwise to turn the picture before it is shown: 0, 90, 180, 270
	Encrypted bool     `json:"encrypted,omitempty"`

	SampleRate int `json:"sample_rate,omitempty"` // of a sound, samples a second
	Channels   int `json:"channels,omitempty"`    // of a sound
}

// HasSound tells whether the file has a sound stream.
func (i *Info) HasSound() bool { return i.Sound >= 0 }

// VideoStream is the video that is read, or nil.
func (i *Info) VideoStream() *StreamInfo {
	if i.Video < 0 {
		return nil
	}
	return &i.Streams[i.Video]
}

// SoundStream is the sound that is read, or nil.
func (i *Info) SoundStream() *StreamInfo {
	if i.Sound < 0 {
		return nil
	}
	return &i.Streams[i.Sound]
}

func newInfo(path string, key fileKey, s *source) *Info {
	info := &Info{Path: path, Format: s.fc.InputFormat().Name(), Size: key.size, Video: -1, Sound: -1}
	for i := range s.streams() {
		st := newStreamInfo(s.stream(i))
		info.Streams = append(info.Streams, st)
		switch {
		case st.Kind == "video" && info.Video < 0:
			info.Video = i
		case st.Kind == "sound" && info.Sound < 0 && st.Channels > 0 && st.SampleRate > 0:
			info.Sound = i
		}
	}
	return info
}

var kinds = map[int]string{C.VD_KIND_VIDEO: "video", C.VD_KIND_SOUND: "sound", C.VD_KIND_SUBTITLE: "subtitle"}

func newStreamInfo(f streamFacts) StreamInfo {
	st := StreamInfo{
		Kind: kinds[f.kind()], Codec: astiav.CodecID(f.c.codec_id).Name(), TimeBase: f.tb(), Frames: int64(f.c.frames),
		Encrypted: f.c.encrypted != 0,
	}
	if start := int64(f.c.start); start != noPTS {
		st.Start = duration(start, f.tb())
	}
	if d := int64(f.c.duration); d > 0 {
		st.Duration = duration(d, f.tb())
	}
	switch st.Kind {
	case "video":
		st.Width, st.Height = int(f.c.width), int(f.c.height)
		if f.c.format >= 0 {
			st.Pixels = astiav.PixelFormat(f.c.format).Name()
		}
		st.Rate, st.MeanRate, st.TickRate = f.rate(), f.avg(), f.guess()
		st.Rotation = quarterTurns(f)
		if f.c.attached != 0 {
			st.Kind = "picture"
		}
	case "sound":
		st.SampleRate, st.Channels = int(f.c.sample_rate), int(f.c.channels)
	case "":
		st.Kind = "data"
	}
	return st
}

// quarterTurns reads the display matrix: its angle is counter-clockwise; garbage and odd angles are no rotation.
func quarterTurns(f streamFacts) int {
	angle := float64(f.c.rotation)
	if f.c.rotated == 0 || math.IsNaN(angle) || math.Abs(angle) > 360 {
		return 0
	}
	turns := math.Round(-angle / 90)
	if math.Abs(-angle-turns*90) > 5 {
		return 0
	}
	return (int(turns)%4 + 4) % 4 * 90
}
