package optim_test

import (
	"fmt"
	"testing"

	"vssl/torch"
	"vssl/torch/optim"
)

// BenchmarkStep updates as many weights as R3D-18 has, 33 million in 60 tensors.
func BenchmarkStep(b *testing.B) {
	for _, kind := range optim.Kinds {
		b.Run(string(kind), func(b *testing.B) {
			torch.In(func(*torch.Scope) {
				var g optim.Group
				for i := range 60 {
					p := torch.Randn([]int{550, 1000}, torch.Float32, torch.CPU).RequireGrad(true)
					p.SetGrad(p.Detach().MulScalar(0.1))
					g.Names, g.Params = append(g.Names, fmt.Sprint(i)), append(g.Params, p)
				}
				o := optim.New(optim.Config{Kind: kind, Momentum: 0.9, WeightDecay: 1e-4}, []optim.Group{g})
				defer o.Close()
				o.Step(1e-3)
				for b.Loop() {
					o.Step(1e-3)
				}
				b.ReportMetric(33e6*float64(b.N)/b.Elapsed().Seconds()/1e6, "Mweights/s")
			})
		})
	}
}
