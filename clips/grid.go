package clips

import (
	"math"
	"time"

	"vssl/decode"
)

// grid counts a sample in nominal frames: steps of equal length in time. Strides are steps of the grid, and the frame shown in the
// middle of a step is the one taken, so that files of variable rate and files that lost frames keep their speed. In a file of constant
// rate the steps are the frames.
type grid struct {
	start  time.Duration // of the sample, from the first frame of the file
	rate   float64       // steps a second
	half   time.Duration // half a step
	length int           // steps, >= 1
}

// newGrid lays the grid over the span of a sample. A span that begins behind the end of the file is taken for a file that was
// already cut, as those of Kinetics are: all of it is the sample.
func newGrid(info *decode.Info, index *decode.Index, s Sample) grid {
	whole := index.Duration()
	from, to := s.Start, whole
	if s.End > s.Start {
		to = min(to, s.End)
	}
	stated := 0.0
	if v := info.VideoStream(); v != nil {
		stated = v.Rate.Float()
	}
	g := grid{start: from, rate: nominalRate(stated, index.Frames(), whole)}
	g.half = time.Duration(float64(time.Second) / g.rate / 2)
	if from < 0 || to-from <= g.half {
		g.start, from, to = 0, 0, whole
	}
	g.length = max(1, int(math.Round((to-from).Seconds()*g.rate)))
	return g
}

// nominalRate is the rate that the file states, where its time stamps bear that out, else what these average to: files of
// interlaced pictures may state the rate of the fields, others that of their clock.
func nominalRate(stated float64, frames int, whole time.Duration) float64 {
	const usual, fastest, loss = 25, 1000, 1.6 // frames a second; loss: the file may lack a good third of its frames
	mean := usual * 1.0
	if frames > 1 && whole > 0 {
		mean = float64(frames) / whole.Seconds()
	}
	if stated > 0 && stated <= fastest && stated >= mean/loss && stated <= mean*loss {
		return stated
	}
	return math.Min(mean, fastest)
}

// time is the middle of step k.
func (g grid) time(k int) time.Duration {
	return g.start + time.Duration((float64(k)+0.5)/g.rate*float64(time.Second))
}
