// Package report makes a run's report: one HTML file that needs nothing else, no network either, with how good the
// features are, what is near what, the curves of training, what training saw and what was left out.
package report

import (
	"image"
	"time"

	"vssl/clips"
)

// Data is what a report shows. A part that is empty is left out of the page. Every text may hold any characters.
type Data struct {
	Title string    // of the run, e.g. the name of its folder
	Lead  string    // one sentence: which method learnt from what
	Made  time.Time // when the report was made; the zero time leaves it out
	Still bool      // samples are pictures, and every film is one frame

	Headline    []Figure     // the few numbers to see first
	Evaluations []Evaluation // of the trained network, beside the same of the untrained one
	Queries     []Query      // clips with the clips nearest to them
	Curves      []Curve      // by step; Curves makes them from the run's figures
	Clips       []Clip       // samples as training sees them
	Facts       []Fact       // method, paper, data set, model, machine...
	Skipped     []clips.Skip // what was left out of training
	Config      string       // the run's whole configuration, as it was written
}

// Figure is a number with its name, as text.
type Figure struct {
	Name  string
	Value string // with its unit
	Note  string // a few words below it; may be empty
}

// Fact is a line of the table of facts. Where Link is an http or https address, the value leads there.
type Fact struct {
	Name, Value, Link string
}

// Evaluation is one metric, in fractions of 1, the higher the better. Numbers that are not known are NaN.
type Evaluation struct {
	Name    string  // e.g. "kNN accuracy"
	About   string  // one sentence that says what is measured
	Trained float64 // of the trained network
	Random  float64 // of the same network before training
	Chance  float64 // of guessing
}

// Film is a few frames of a clip in order. The page plays them as a loop.
type Film struct {
	Frames []image.Image // all of one size; larger ones than 128 pixels a side are made smaller
	Every  time.Duration // from one frame to the next; 0 is 80 ms
}

// Query is a clip with its nearest neighbours by the trained features.
type Query struct {
	Film       Film
	Label      string // class, "" when unknown
	Key        string // of the sample
	Neighbours []Neighbour
}

// Neighbour is a clip near a query. It is marked right or wrong where its label and that of the query are known.
type Neighbour struct {
	Film       Film
	Label      string
	Key        string
	Similarity float64 // cosine of the two features, -1..1
}

// Clip is one sample with its augmented views.
type Clip struct {
	Key   string
	Label string // "" when unknown
	Views []View
}

// View is one augmented view of a clip.
type View struct {
	Name string // e.g. "view 1"
	Film Film
}

// Curve is one diagram over the steps of a run.
type Curve struct {
	Title   string
	About   string // one sentence that says how to read it
	Percent bool   // values are fractions of 1, shown in percent
	Points  []Point
}

// Point is the value of a figure after a step. Where it is NaN or infinite, the curve has a gap.
type Point struct {
	Step  int
	Value float64
}
