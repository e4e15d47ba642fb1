package models_test

import (
	"testing"

	"vssl/models"
	"vssl/torch"
)

// TestOnGPU: a network that was moved answers as on the CPU, eval and train, and nothing stays behind.
func TestOnGPU(t *testing.T) {
	if torch.CUDACount() == 0 {
		t.Skip("no CUDA device, or built without -tags cuda")
	}
	for _, info := range models.All() {
		b, root := build(t, info.Name, models.Config{})
		shape := []int{2, 3, 4, 32, 32}
		if info.Input.Dims == 2 {
			shape = []int{2, 3, 32, 32}
		}
		torch.In(func(*torch.Scope) {
			x := torch.Randn(shape, torch.Float32, torch.CPU)
			root.SetTraining(false)
			want := b.Forward(x)
			before := torch.Live()
			root.ToDevice(torch.CUDA(0))
			if now := torch.Live(); now != before {
				t.Errorf("%s: the move leaves %d tensors more", info.Name, now-before)
			}
			got := b.Forward(x.ToDevice(torch.CUDA(0)).ChannelsLast()).ToDevice(torch.CPU)
			// convolutions may run in TF32, whose mantissa has 10 bits
			if off := got.Sub(want).Norm().Div(want.Norm()).Float(); !(off < 0.01) {
				t.Errorf("%s: off by a share of %g", info.Name, off)
			}
			root.SetTraining(true)
			torch.Autocast(torch.BFloat16, func() { b.Forward(x.ToDevice(torch.CUDA(0))).Sum().Backward() })
			for name, e := range root.All() {
				if e.Trainable && (e.Tensor.Grad() == nil || !e.Tensor.Grad().IsFinite().All().True()) {
					t.Errorf("%s: %s has no finite gradient", info.Name, name)
				}
			}
		})
	}
}
