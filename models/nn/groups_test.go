package nn_test

import (
	"fmt"
	"math"
	"testing"

	"vssl/models/nn"
	"vssl/torch"
)

// normIn makes a normalisation of channels in a tree of its own that takes its statistics from groups of the batch.
func normIn(t *testing.T, channels, groups int) (*nn.BatchNorm, *nn.Node) {
	root := tree(t)
	root.SetNormGroups(groups)
	var l *nn.BatchNorm
	torch.In(func(*torch.Scope) { l = nn.NewBatchNorm(root.Child("norm"), nn.BatchNormConfig{Features: channels}) })
	return l, root
}

// TestNormGroups holds a normalisation in groups against as many normalisations that see a part of the batch each: values,
// gradients of input and scale, and the mean of the running statistics.
func TestNormGroups(t *testing.T) {
	const batch, channels, groups = 6, 3, 3
	torch.In(func(*torch.Scope) {
		torch.Seed(1)
		x := torch.Randn([]int{batch, channels, 4, 4}, torch.Float32, torch.CPU).MulScalar(3).ChannelsLast()
		upstream := torch.Randn([]int{batch, channels, 4, 4}, torch.Float32, torch.CPU).ChannelsLast()
		l, root := normIn(t, channels, groups)
		together := x.Clone().RequireGrad(true)
		y := l.Forward(together)
		if !y.IsChannelsLast() {
			t.Error("groups lose the memory format")
		}
		y.Mul(upstream).Sum().Backward()

		sums := map[string][]float64{}
		for g := range groups {
			single, alone := normIn(t, channels, 1)
			part := x.Narrow(0, 2*g, 2).Clone().RequireGrad(true)
			want := single.Forward(part)
			want.Mul(upstream.Narrow(0, 2*g, 2)).Sum().Backward()
			near(t, "values", y.Narrow(0, 2*g, 2), want.Float64s())
			near(t, "gradient", together.Grad().Narrow(0, 2*g, 2), part.Grad().Float64s())
			for name, e := range alone.All() {
				of := e.Tensor
				if e.Trainable {
					of = of.Grad()
				}
				for c, v := range of.To(torch.Float64).Float64s() {
					if g == 0 {
						sums[name] = append(sums[name], 0)
					}
					sums[name][c] += v
				}
			}
		}
		for _, name := range []string{"norm.running_mean", "norm.running_var"} {
			for c := range sums[name] {
				sums[name][c] /= groups
			}
			near(t, name, root.ParamByName(name).Tensor, sums[name])
		}
		for _, name := range []string{"norm.weight", "norm.bias"} {
			near(t, name, root.ParamByName(name).Tensor.Grad(), sums[name])
		}
	})
}

func near(t *testing.T, what string, got *torch.Tensor, want []float64) {
	t.Helper()
	for i, v := range got.Detach().Reshape(-1).To(torch.Float64).Float64s() {
		if math.Abs(v-want[i]) > 1e-5 {
			t.Fatalf("%s: value %d is %g, want %g", what, i, v, want[i])
		}
	}
}

// TestNormGroupsInEvaluation: what is learnt is used whole, and a batch that cannot be cut is refused in training only.
func TestNormGroupsInEvaluation(t *testing.T) {
	l, root := normIn(t, 2, 4)
	torch.In(func(*torch.Scope) {
		x := torch.Randn([]int{5, 2}, torch.Float32, torch.CPU)
		root.SetTraining(false)
		near(t, "values", l.Forward(x), x.DivScalar(math.Sqrt(1+1e-5)).To(torch.Float64).Float64s())
		root.SetTraining(true)
		var err error
		func() {
			defer torch.Recover(&err, "norm")
			l.Forward(x)
		}()
		if err == nil {
			t.Error("5 samples were cut into 4 groups")
		}
	})
}

// BenchmarkNormGroups is forward and backward of the normalisation of a first layer, in channels-last order.
func BenchmarkNormGroups(b *testing.B) {
	for _, groups := range []int{1, 8} {
		b.Run(fmt.Sprint(groups), func(b *testing.B) {
			torch.In(func(s *torch.Scope) {
				root := nn.NewRoot(s)
				root.SetNormGroups(groups)
				l := nn.NewBatchNorm(root, nn.BatchNormConfig{Features: 64})
				x := torch.Randn([]int{128, 64, 32, 32}, torch.Float32, torch.CPU).To(torch.BFloat16).ChannelsLast().RequireGrad(true)
				upstream := x.Detach().Clone()
				for b.Loop() {
					torch.In(func(*torch.Scope) {
						torch.Grad([]*torch.Tensor{l.Forward(x).Mul(upstream).Sum()}, []*torch.Tensor{x}, false)
					})
				}
			})
		})
	}
}
