package torch_test

import (
	"fmt"
	"math"
	"syscall"
	"testing"
	"time"

	"vssl/torch"
	"vssl/torch/optim"
)

// residual3d is the body of R3D-18 without its head: the convolutions, normalisations and shortcuts that make a step's time.
type residual3d struct {
	params, buffers []*torch.Tensor
	next, nextBuf   int
}

// conv returns the next convolution with its normalisation; on the first pass it makes their tensors.
func (m *residual3d) conv(s *torch.Scope, x *torch.Tensor, out int, kernel, stride, pad []int) *torch.Tensor {
	if m.next == len(m.params) {
		shape := append([]int{out, x.Dim(1)}, kernel...)
		w := torch.Randn(shape, torch.Float32, torch.CPU).MulScalar(0.05).ChannelsLast()
		for _, p := range []*torch.Tensor{w, torch.Ones([]int{out}, torch.Float32, torch.CPU), torch.Zeros([]int{out}, torch.Float32, torch.CPU)} {
			m.params = append(m.params, s.Keep(p.Detach()).RequireGrad(true))
		}
		m.buffers = append(m.buffers, s.Keep(torch.Zeros([]int{out}, torch.Float32, torch.CPU)), s.Keep(torch.Ones([]int{out}, torch.Float32, torch.CPU)))
	}
	p, b := m.params[m.next:m.next+3], m.buffers[m.nextBuf:m.nextBuf+2]
	m.next, m.nextBuf = m.next+3, m.nextBuf+2
	y := torch.Conv3d(x, p[0], nil, stride, pad, []int{1}, 1)
	return torch.BatchNorm(y, p[1], p[2], b[0], b[1], true, 0.1, 1e-5)
}

func (m *residual3d) forward(s *torch.Scope, x *torch.Tensor) *torch.Tensor {
	m.next, m.nextBuf = 0, 0
	x = m.conv(s, x, 64, []int{3, 7, 7}, []int{1, 2, 2}, []int{1, 3, 3}).Relu_()
	for i := range 8 {
		out, stride := 64<<(i/2), 1
		if i > 0 && i%2 == 0 {
			stride = 2
		}
		same, steps := []int{3, 3, 3}, []int{stride, stride, stride}
		y := m.conv(s, x, out, same, steps, []int{1, 1, 1}).Relu_()
		y = m.conv(s, y, out, same, []int{1, 1, 1}, []int{1, 1, 1})
		if stride == 2 {
			x = m.conv(s, x, out, []int{1, 1, 1}, steps, []int{0, 0, 0})
		}
		x = y.Add(x).Relu_()
	}
	return torch.AdaptiveAvgPool3d(x, []int{1, 1, 1}).Flatten(1, -1)
}

// BenchmarkStep is a training step of R3D-18's body on 4 clips of 16 frames at 112x112: forward, backward, SGD.
func BenchmarkStep(b *testing.B) {
	for _, precision := range []string{"bf16", "fp32"} {
		b.Run(precision, func(b *testing.B) { benchStep(b, precision == "bf16") })
	}
}

func benchStep(b *testing.B, bf16 bool) {
	state := torch.NewScope()
	defer state.Close()
	m := &residual3d{}
	var clip *torch.Tensor
	forward := func() (loss *torch.Tensor) {
		run := func() { loss = m.forward(state, clip) }
		if bf16 {
			torch.Autocast(torch.BFloat16, run)
		} else {
			run()
		}
		return loss.To(torch.Float32).Square().Mean()
	}
	torch.In(func(*torch.Scope) {
		torch.Seed(1)
		clip = state.Keep(torch.Randn([]int{4, 3, 16, 112, 112}, torch.Float32, torch.CPU).ChannelsLast())
		torch.NoGrad(func() { forward() })
	})
	names := make([]string, len(m.params))
	for i := range names {
		names[i] = fmt.Sprint(i)
	}
	o := optim.New(optim.Config{Kind: optim.SGD, Momentum: 0.9, WeightDecay: 1e-4}, []optim.Group{{Names: names, Params: m.params}})
	defer o.Close()
	step := func() {
		torch.In(func(*torch.Scope) {
			o.ZeroGrad()
			forward().Backward()
			o.Step(0.01)
		})
	}
	step()
	step()
	least := time.Duration(math.MaxInt64)
	for b.Loop() {
		before := processorTime()
		step()
		least = min(least, processorTime()-before)
	}
	b.ReportMetric(least.Seconds(), "least-cpu-s")
}

// processorTime is what all threads of this process have used: on a shared machine it says more than the clock.
func processorTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// BenchmarkCall is the cost of crossing into C: an operator on one element, with its scope.
func BenchmarkCall(b *testing.B) {
	torch.In(func(*torch.Scope) {
		x := torch.Ones([]int{1}, torch.Float32, torch.CPU)
		for b.Loop() {
			torch.In(func(*torch.Scope) {
				for range 100 {
					x.AddScalar(1)
				}
			})
		}
	})
}
