package pipelines

import (
	"context"

	"vssl/methods/metrics"
	"vssl/torch"
)

// The linear probe's own settings.
const (
	probeC         = 1    // weight of the data against the penalty on weights
	probeTolerance = 1e-5 // share of the first gradient that is left: names of test rows have long stopped changing
)

// linearAccuracy fits a linear classifier to frozen features, standardised with the training rows' mean and deviation, by
// logistic regression on the whole set, and returns its accuracy on the test rows. The error is ctx's.
func linearAccuracy(ctx context.Context, train, test *features) (accuracy float64, err error) {
	torch.In(func(*torch.Scope) {
		x, shift, scale := standardise(train)
		var probe *metrics.Probe
		probe, err = metrics.FitProbe(ctx, x, train.labels, metrics.ProbeConfig{C: probeC, Intercept: true, Tolerance: probeTolerance})
		if err != nil {
			return
		}
		rows := torch.FromFloat32(test.rows, len(test.labels), test.dim).Sub(shift).Div(scale)
		accuracy = metrics.Share(probe.Predict(rows), test.labels)
	})
	return accuracy, err
}

func standardise(f *features) (rows, shift, scale *torch.Tensor) {
	rows = torch.FromFloat32(f.rows, len(f.labels), f.dim)
	shift = rows.MeanDims(true, 0)
	centred := rows.Sub(shift)
	scale = centred.Mul(centred).MeanDims(true, 0).Sqrt().AddScalar(1e-6)
	return centred.Div(scale), shift, scale
}
