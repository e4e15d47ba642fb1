package torch_test

import (
	"fmt"
	"slices"
	"testing"

	"vssl/torch"
	"vssl/torch/optim"
)

// trained returns the weights of a small 3-d network after a few steps in bfloat16, from seed 1.
func trained(dev torch.Device) (weights []byte) {
	torch.In(func(s *torch.Scope) {
		torch.Seed(1)
		var params []*torch.Tensor
		var names []string
		for i, shape := range [][]int{{8, 3, 3, 3, 3}, {16, 8, 3, 3, 3}} {
			w := torch.Randn(shape, torch.Float32, torch.CPU).ToDevice(dev).ChannelsLast()
			params, names = append(params, w.RequireGrad(true)), append(names, fmt.Sprint(i))
		}
		o := optim.New(optim.Config{Kind: optim.LARS, Momentum: 0.9, WeightDecay: 1e-4}, []optim.Group{{Names: names, Params: params}})
		defer o.Close()
		for range 4 {
			torch.In(func(*torch.Scope) { smallStep(o, params, dev) })
		}
		for _, p := range params {
			weights = append(weights, p.Bytes()...)
		}
	})
	return weights
}

// smallStep trains on a fresh random clip.
func smallStep(o *optim.Optimizer, params []*torch.Tensor, dev torch.Device) {
	x := torch.Randn([]int{4, 3, 8, 32, 32}, torch.Float32, torch.CPU).ToDevice(dev).ChannelsLast()
	torch.Autocast(torch.BFloat16, func() {
		for _, w := range params {
			x = torch.Conv3d(x, w, nil, []int{1}, []int{1}, []int{1}, 1)
			x = torch.BatchNorm(x, nil, nil, nil, nil, true, 0.1, 1e-5).Relu()
		}
	})
	z := torch.Dropout(torch.AdaptiveAvgPool3d(x, []int{1, 1, 1}).Flatten(1, -1).To(torch.Float32), 0.1, true).Normalize(1, 1e-12)
	o.ZeroGrad()
	z.MatMul(z.T()).DivScalar(0.1).MaskDiagonal(-1e9).LogSoftmax(1).Select(1, 0).Mean().Neg().Backward()
	o.ClipGradNorm(1)
	o.Step(0.1)
}

// Two runs with one seed end with the same bits.
func TestTrainingRepeats(t *testing.T) {
	if a, b := trained(torch.CPU), trained(torch.CPU); !slices.Equal(a, b) {
		t.Error("two runs with one seed end with different weights")
	}
}
