package models

import "vssl/models/nn"

// newTiny3D builds a 3D ResNet that two CPU cores train in minutes: four layers of one block of 3x3x3 convolutions, and
// a stem that leaves a sixteenth of the pixels but all frames, because what it is shown differs in motion. The names are
// those of torchvision's networks for clips.
func newTiny3D(n *nn.Node, c Config) Backbone {
	t := &trunk{node: n, input: InputSpec{Dims: 3, Frames: 8, Size: 64}}
	first := nn.ConvConfig{In: 3, Out: 16, Kernel: []int{3, 7, 7}, Stride: []int{1, 4, 4}}
	if c.Stem == StemSmall {
		first = nn.ConvConfig{In: 3, Out: 16, Kernel: []int{3, 3, 3}}
	}
	stem := n.Child("stem")
	t.stem = append(convNorm(stem.Child("0"), stem.Child("1"), first), nn.ReLUInPlace)
	t.addLayers(16, []int{16, 32, 64, 128}, []int{1, 1, 1, 1}, func(int) blockFunc { return basic3D(full3D) })
	return t.finish(c, linearDeviation)
}
