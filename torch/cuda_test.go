package torch_test

import (
	"errors"
	"math"
	"slices"
	"testing"

	"vssl/torch"
	"vssl/torch/optim"
)

// device returns the first CUDA device; the test is skipped where there is none.
func device(t *testing.T) torch.Device {
	t.Helper()
	if torch.CUDACount() == 0 {
		t.Skip("no CUDA device: the build has no tag cuda, or the machine no driver")
	}
	return torch.CUDA(0)
}

func TestCUDAMoves(t *testing.T) {
	dev := device(t)
	torch.In(func(*torch.Scope) {
		x := torch.Randn([]int{64, 64}, torch.Float32, torch.CPU)
		y := x.ToDevice(dev)
		if y.Device() != dev || !slices.Equal(x.Float32s(), y.Float32s()) {
			t.Errorf("the copy on %s differs", dev)
		}
		pinned := x.PinMemory().ToDeviceAsync(dev)
		torch.Synchronize(dev)
		if !slices.Equal(x.Float32s(), pinned.Float32s()) {
			t.Error("the copy from pinned memory differs")
		}
		far := x.MatMul(x).Sub(y.MatMul(y).ToDevice(torch.CPU)).Abs().Max().Float()
		if far > 0.1 { // TF32 would err by more
			t.Errorf("the products differ by %g", far)
		}
	})
}

func TestCUDATrainsAndFrees(t *testing.T) {
	dev := device(t)
	trained(dev)
	before := torch.DeviceBytes(dev)
	if weights := trained(dev); len(weights) == 0 {
		t.Error("no weights")
	}
	if after := torch.DeviceBytes(dev); after != before {
		t.Errorf("%d bytes on %s after training, %d before", after, dev, before)
	}
	torch.ReleaseCache()
}

// The rules on lists, which run on the device, must agree with the fused ones on the CPU.
func TestCUDAOptimizers(t *testing.T) {
	dev := device(t)
	for _, kind := range optim.Kinds {
		var results [2][]float64
		for i, d := range []torch.Device{torch.CPU, dev} {
			torch.In(func(*torch.Scope) {
				torch.Seed(1)
				w := torch.Randn([]int{10, 20}, torch.Float32, torch.CPU).ToDevice(d).RequireGrad(true)
				o := optim.New(optim.Config{Kind: kind, Momentum: 0.9, WeightDecay: 0.01}, []optim.Group{{Names: []string{"w"}, Params: []*torch.Tensor{w}}})
				defer o.Close()
				for range 3 {
					w.SetGrad(w.Detach().Sin())
					o.Step(0.01)
				}
				results[i] = append(w.Float64s(), o.GradNorm())
			})
		}
		for i, want := range results[0] {
			if math.Abs(results[1][i]-want) > 1e-4 {
				t.Errorf("%s: value %d is %g on %s, %g on the CPU", kind, i, results[1][i], dev, want)
				break
			}
		}
	}
}

func TestCUDARandomState(t *testing.T) {
	dev := device(t)
	torch.In(func(*torch.Scope) {
		torch.Seed(5)
		torch.Randn([]int{8}, torch.Float32, dev)
		state := torch.RNGState()
		a := torch.Randn([]int{8}, torch.Float32, dev).Float32s()
		if err := torch.SetRNGState(state); err != nil {
			t.Fatal(err)
		}
		if b := torch.Randn([]int{8}, torch.Float32, dev).Float32s(); !slices.Equal(a, b) {
			t.Errorf("after the state came back %v, want %v", b, a)
		}
	})
}

func TestCUDAOutOfMemory(t *testing.T) {
	dev := device(t)
	err := func() (err error) {
		defer torch.Recover(&err, "too large")
		torch.In(func(*torch.Scope) { torch.Empty([]int{1 << 44}, torch.Float32, dev) })
		return nil
	}()
	if !errors.Is(err, torch.ErrOutOfMemory) {
		t.Errorf("error is %v, want out of memory", err)
	}
}
