package optim_test

import (
	"fmt"

	"vssl/torch"
	"vssl/torch/optim"
)

// Each step takes the weight towards the minimum of (w-3)^2.
func ExampleOptimizer() {
	torch.In(func(*torch.Scope) {
		w := torch.Scalar(0).RequireGrad(true)
		o := optim.New(optim.Config{Kind: optim.SGD, Momentum: 0.5}, []optim.Group{{Names: []string{"w"}, Params: []*torch.Tensor{w}}})
		defer o.Close()
		for range 50 {
			o.ZeroGrad()
			w.SubScalar(3).Square().Backward()
			o.Step(0.1)
		}
		fmt.Printf("%.3f\n", w.Float())
	})
	// Output: 3.000
}
