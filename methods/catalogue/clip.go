package catalogue

import (
	"fmt"

	"vssl/clips"
	"vssl/internal/golden"
	"vssl/torch"
)

// where clips are cut from a video

func init() {
	register(Entry{
		Name: "clip.temporal_sample", About: "CVRL's places of two clips of a video, for given draws", Paper: "2008.03800",
		Inputs: []Input{
			{"length", "[N]", "int, frames of each video"}, {"u", "[N]", "draw of the distance, 0 to 1"},
			{"r", "[N, 2]", "draws of the places, 0 to 1"}, {"swap", "[N]", "int, 1 where the later clip comes first"},
		},
		Params: []Param{{"frames", 16, "of a clip"}, {"stride", 2, "source frames from one to the next"}}, Outputs: "delta offset index",
		Evaluate: temporalSample,
	})
}

func temporalSample(c *golden.Case) golden.Outputs {
	law := clips.Recipe{Cuts: 2, Frames: c.Int("frames"), Stride: c.Int("stride"), Interval: clips.Linear}
	free := law
	free.Interval = clips.None
	u, at, swap := c.Floats("u"), c.Floats("r"), c.Ints("swap")
	var delta, offset, index []int
	for i, length := range c.Ints("length") {
		d := clips.PairDraw{U: u[i], At: [2]float64{at[2*i], at[2*i+1]}, Swap: swap[i] != 0}
		p := law.PlacePair(length, d)
		if law.Span() == 0 {
			// The authors know a short video by M = length, and so take every video for one when clips have a single frame.
			p.Starts = free.PlacePair(length, d).Starts
		}
		delta = append(delta, p.Distance)
		for _, start := range p.Starts {
			offset = append(offset, start)
			for t := range law.Frames {
				index = append(index, law.CutFrame(start, t, length))
			}
		}
	}
	n := len(delta)
	return golden.Outputs{
		"delta": torch.FromInts(delta, n), "offset": torch.FromInts(offset, n, 2), "index": torch.FromInts(index, n, 2, law.Frames),
	}
}

// only panics where a parameter asks for what is not there.
func only(c *golden.Case, name, value string) {
	if got := c.Text(name); got != value {
		panic(fmt.Sprintf("parameter %q is %q, want %q", name, got, value))
	}
}

// singles are the numbers in the type that sound and pictures have in training.
func singles(values []float64) []float32 {
	floats := make([]float32, len(values))
	for i, v := range values {
		floats[i] = float32(v)
	}
	return floats
}
