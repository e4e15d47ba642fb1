package golden

import (
	"fmt"
	"iter"
	"math"
	"slices"
	"strings"

	"vssl/torch"
)

// Fill writes Weights into the tensors of a network by their names.
func Fill(tensors iter.Seq2[string, *torch.Tensor]) {
	torch.In(func(*torch.Scope) {
		for name, t := range tensors {
			shape := t.Shape()
			t.Copy_(torch.FromFloat32(Weights(name, shape)).Reshape(shape...))
		}
	})
}

// Forward runs a network on x and returns its outputs.
type Forward func(x *torch.Tensor) Outputs

// RunNetwork answers a case about a network whose parameters and buffers are tensors, in the order of its state dict. It runs
// forward on in.x and goes back from the projected output: of those that are named, the first whose shape is that of
// in.proj. To forward's outputs it adds loss and the norms of gradients and of running statistics. It panics where no
// output has that shape.
func (c *Case) RunNetwork(tensors iter.Seq2[string, *torch.Tensor], forward Forward, projected ...string) Outputs {
	x := c.In("x").RequireGrad(true)
	out := forward(x)
	proj := c.In("proj")
	var loss *torch.Tensor
	for _, name := range projected {
		if t := out[name]; t != nil && loss == nil && slices.Equal(t.Shape(), proj.Shape()) {
			loss = t.Mul(proj).Sum()
		}
	}
	if loss == nil {
		panic(fmt.Sprintf("in.proj has shape %v, which none of the outputs %q has", proj.Shape(), projected))
	}
	loss.Backward()
	out["loss"] = loss.Detach()
	var gradients, statistics []float64
	for name, t := range tensors {
		switch {
		case t.RequiresGrad():
			gradients = append(gradients, length(t.Grad()))
		case !strings.HasSuffix(name, "num_batches_tracked"):
			statistics = append(statistics, length(t))
		}
	}
	atInput := []float64{length(x.Grad())}
	out["gradnorm"], out["log_gradnorm"] = vector(gradients), vector(logs(gradients))
	out["gradnorm_x"], out["log_gradnorm_x"] = vector(atInput), vector(logs(atInput))
	out["buffernorm"] = vector(statistics)
	return out
}

// length is the L2 norm, its squares summed in float64; 0 for a gradient that is not there.
func length(t *torch.Tensor) (norm float64) {
	if t == nil {
		return 0
	}
	torch.In(func(*torch.Scope) { norm = t.Detach().To(torch.Float64).Norm().Float() })
	return norm
}

func logs(values []float64) []float64 {
	out := make([]float64, len(values))
	for i, v := range values {
		out[i] = math.Log(v)
	}
	return out
}

func vector(values []float64) *torch.Tensor { return torch.FromFloat64(values, len(values)) }
