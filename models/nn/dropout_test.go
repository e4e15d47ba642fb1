package nn_test

import (
	"math"
	"testing"

	"vssl/models/nn"
	"vssl/torch"
)

// TestDropoutFollowsTheMode: in training mode about a quarter of the values is 0 and the mean stays; in evaluation nothing happens.
func TestDropoutFollowsTheMode(t *testing.T) {
	torch.In(func(s *torch.Scope) {
		torch.Seed(1)
		n := nn.NewRoot(s)
		layer := nn.NewDropout(n.Child("classifier"), 0.25)
		x := torch.Ones([]int{10000}, torch.Float32, torch.CPU)
		y := layer.Forward(x)
		dropped := y.EqScalar(0).To(torch.Float32).Mean().Float()
		if math.Abs(dropped-0.25) > 0.03 || math.Abs(y.Max().Float()-4./3) > 1e-6 {
			t.Errorf("%g of the values are dropped and others become %g, want 0.25 and 4/3", dropped, y.Max().Float())
		}
		n.SetTraining(false)
		if layer.Forward(x).Min().Float() != 1 {
			t.Error("values are dropped in evaluation")
		}
		if n.NumParams() != 0 {
			t.Error("dropout has parameters")
		}
	})
}
