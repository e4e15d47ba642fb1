package clips

import (
	"fmt"
	"strings"
	"sync/atomic"
	"time"
)

// Stats says where a loader's time went so far. Times of stages are summed over the workers.
type Stats struct {
	Samples int           // read, with all their views
	Skipped int           // failed
	Wait    time.Duration // that Next spent waiting
	Stages  [stages]time.Duration
}

// Stage is a part of the work on a sample.
type Stage int

// The stages, in the order in which a sample goes through them.
const (
	StageOpen   Stage = iota // opening the file
	StageIndex               // the index of its packets: a scan, or reading the cached one
	StageDecode              // reading and decoding, seeking included
	StageResize              // crop, resize, conversion to RGB
	StageColour              // jitter, grey, blur, solarise
	StagePack                // into the layout of a batch
	StageSound               // reading and resampling sound
	stages
)

var stageNames = [stages]string{"open", "index", "demux+decode", "crop+resize", "colour", "pack", "sound"}

func (s Stage) String() string { return stageNames[s] }

// String is a table: milliseconds a sample and share by stage.
func (s Stats) String() string {
	var total time.Duration
	for _, d := range s.Stages {
		total += d
	}
	var b strings.Builder
	n := float64(max(1, s.Samples))
	for i, d := range s.Stages {
		if d > 0 {
			fmt.Fprintf(&b, "%-13s %8.2f ms/sample %5.1f %%\n", Stage(i), d.Seconds()*1e3/n, 100*d.Seconds()/total.Seconds())
		}
	}
	fmt.Fprintf(&b, "%-13s %8.2f ms/sample\n", "all", total.Seconds()*1e3/n)
	return b.String()
}

// meter counts while the loader works.
type meter struct {
	samples, skipped atomic.Int64
	wait             atomic.Int64
	stages           [stages]atomic.Int64
}

func (m *meter) add(s Stage, d time.Duration) { m.stages[s].Add(int64(d)) }

// lap adds the time since began to a stage and returns the time now.
func (m *meter) lap(s Stage, began time.Time) time.Time {
	now := time.Now()
	m.add(s, now.Sub(began))
	return now
}

func (m *meter) stats() Stats {
	s := Stats{Samples: int(m.samples.Load()), Skipped: int(m.skipped.Load()), Wait: time.Duration(m.wait.Load())}
	for i := range s.Stages {
		s.Stages[i] = time.Duration(m.stages[i].Load())
	}
	return s
}
