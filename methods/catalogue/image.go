package catalogue

import (
	"vssl/internal/golden"
	"vssl/models/nn"
)

// transforms of pictures

func init() {
	register(Entry{
		Name: "image.sobel", About: "the fixed gradient filters before DeepCluster's network", Paper: "1807.05520",
		Inputs:  []Input{{"x", "[B, 3, H, W]", "normalised pictures"}},
		Outputs: "y",
		Evaluate: func(c *golden.Case) golden.Outputs {
			return golden.Outputs{"y": nn.Sobel.Forward(c.In("x"))}
		},
	})
}
