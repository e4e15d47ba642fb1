package report

import "vssl/pipelines/sink"

// known says how the figures of every run are shown. Figures that are not here are shown under their own names.
var known = map[string]Curve{
	sink.Loss: {Title: "Loss", About: "What training makes small. It should fall, fast at first and then slowly."},
	sink.LR:   {Title: "Learning rate", About: "How far each step moves the weights: a short warm-up, then a slow way down."},
	sink.FeatureStd: {Title: "Collapse meter: spread", About: "How widely the features of a batch are spread. " +
		"Near 1 they differ; at 0 every clip looks the same to the network, and training has failed."},
	sink.EffectiveRank: {Title: "Collapse meter: effective rank", About: "How many directions the features of a batch use. " +
		"If it falls to 1, the network says the same of every clip."},
	sink.KNN: {Title: "kNN accuracy during training (online)", About: "Share of clips whose nearest neighbours have their class. " +
		"The classes are used to measure, never to train.", Percent: true},
	sink.Linear: {Title: "Linear accuracy during training (online)", About: "Share of clips that a linear classifier on the frozen features names right. " +
		"The classes are used to measure, never to train the network.", Percent: true},
	sink.DataWait: {Title: "Waiting for data", About: "Share of the time in which the network waited for clips. " +
		"Much above 10 % says that decoding is the bottleneck: give it more workers.", Percent: true},
	"grad_norm":         {Title: "Gradient norm", About: "Length of the gradient before clipping. Spikes say that a step was about to go wrong."},
	sink.ClipsPerSecond: {Title: "Clips per second", About: "Samples trained on a second."},
	sink.Skipped:        {Title: "Skipped samples", About: "Files left out since the start because they could not be read."},
}

// Curves makes the curves of a run from its records: one a figure, the figures that every run has first. A figure that was
// skipped files and stayed 0 is left out.
func Curves(records []sink.Record) []Curve {
	var curves []Curve
	for _, name := range sink.Names(records) {
		curve, ok := known[name]
		if !ok {
			curve = Curve{Title: name}
		}
		zero := true
		for _, r := range records {
			if v, ok := r.Values[name]; ok {
				curve.Points = append(curve.Points, Point{r.Step, v})
				zero = zero && v == 0
			}
		}
		if name == sink.Skipped && zero {
			continue
		}
		curves = append(curves, curve)
	}
	return curves
}
