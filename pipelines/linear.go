package pipelines

import (
	"math"

	"vssl/methods/metrics"
	"vssl/torch"
	"vssl/torch/optim"
)

// The linear probe's own settings: full batches, so the result depends on nothing but features and labels.
const (
	probeSteps = 400
	probeRate  = 0.05
	probeDecay = 1e-4
)

// linearAccuracy trains a linear classifier on frozen features, standardised with the training rows' mean and deviation,
// by AdamW on the whole set with half a cosine, and returns its accuracy on the test rows.
func linearAccuracy(train, test *features, classes int) (accuracy float64) {
	owner := torch.NewScope()
	defer owner.Close()
	torch.In(func(*torch.Scope) {
		x, shift, scale := standardise(train)
		y := torch.FromInts(train.labels, len(train.labels))
		w := owner.Keep(torch.Zeros([]int{classes, train.dim}, torch.Float32, torch.CPU))
		b := owner.Keep(torch.Zeros([]int{classes}, torch.Float32, torch.CPU))
		w.RequireGrad(true)
		b.RequireGrad(true)
		opt := optim.New(optim.Config{Kind: optim.AdamW, WeightDecay: probeDecay},
			[]optim.Group{{Names: []string{"w", "b"}, Params: []*torch.Tensor{w, b}}})
		defer opt.Close()
		for i := range probeSteps {
			torch.In(func(*torch.Scope) {
				opt.ZeroGrad()
				torch.CrossEntropy(torch.Linear(x, w, b), y).Backward()
				opt.Step(probeRate * (1 + math.Cos(math.Pi*float64(i)/probeSteps)) / 2)
			})
		}
		torch.NoGrad(func() {
			rows := torch.FromFloat32(test.rows, len(test.labels), test.dim).Sub(shift).Div(scale)
			predictions := make([]int, len(test.labels))
			for i, class := range torch.Linear(rows, w, b).ArgMax(1).Int64s() {
				predictions[i] = int(class)
			}
			accuracy = metrics.Share(predictions, test.labels)
		})
	})
	return accuracy
}

func standardise(f *features) (rows, shift, scale *torch.Tensor) {
	rows = torch.FromFloat32(f.rows, len(f.labels), f.dim)
	shift = rows.MeanDims(true, 0)
	centred := rows.Sub(shift)
	scale = centred.Mul(centred).MeanDims(true, 0).Sqrt().AddScalar(1e-6)
	return centred.Div(scale), shift, scale
}
