package golden

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"vssl/torch"
)

// TestRunNetwork goes through the product of a weight and the input, beside a weight that takes no part.
func TestRunNetwork(t *testing.T) {
	c := New("networks.product", nil)
	c.Put("x", false, []float64{3, 4}, 2)
	c.Put("proj", false, []float64{1, 2}, 2)
	torch.In(func(*torch.Scope) {
		w := torch.FromFloat64([]float64{2}).RequireGrad(true)
		idle := torch.FromFloat64([]float64{7}).RequireGrad(true)
		mean, count := torch.FromFloat64([]float64{-6, 8}), torch.FromInt64([]int64{5})
		tensors := func(yield func(string, *torch.Tensor) bool) {
			_ = yield("w", w) && yield("idle", idle) && yield("bn.running_mean", mean) && yield("bn.num_batches_tracked", count)
		}
		forward := func(x *torch.Tensor) Outputs { return Outputs{"sum": x.Sum(), "y": x.Mul(w)} }
		out := c.RunNetwork(tensors, forward, "sum", "y")
		for name, want := range map[string][]float64{
			"loss": {2*3*1 + 2*4*2}, "gradnorm": {3*1 + 4*2, 0}, "gradnorm_x": {2 * math.Sqrt(5)},
			"log_gradnorm": {math.Log(11), math.Inf(-1)}, "buffernorm": {10}, "sum": {7},
		} {
			if got := out[name].Detach().Float64s(); fmt.Sprint(got) != fmt.Sprint(want) {
				t.Errorf("%s: got %v, want %v", name, got, want)
			}
		}
		defer func() {
			if p := fmt.Sprint(recover()); !strings.Contains(p, `in.proj has shape [2], which none of the outputs ["sum"] has`) {
				t.Errorf("panic is %s", p)
			}
		}()
		c.RunNetwork(tensors, forward, "sum")
	})
}
