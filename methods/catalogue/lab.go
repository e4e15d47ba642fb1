package catalogue

import (
	"vssl/clips"
	"vssl/internal/golden"
	"vssl/torch"
)

// pictures in CIE Lab

func init() {
	register(Entry{
		Name: "image.rgb_to_lab", About: "sRGB to CIE Lab", Paper: "CIE 15",
		Inputs: []Input{{"x", "[3, H, W]", "sRGB, 0..1"}}, Outputs: "lab",
		Evaluate: func(c *golden.Case) golden.Outputs { return golden.Outputs{"lab": lab(c.In("x"))} },
	}, Entry{
		Name: "contrastive.cmc.rgb2lab", About: "the views of contrastive multiview coding", Paper: "1906.05849",
		Inputs: []Input{{"rgb", "[H, W, 3]", "int, sRGB, 0..255"}}, Outputs: "lab normalized",
		Evaluate: func(c *golden.Case) golden.Outputs {
			lab := lab(c.In("rgb").Permute(2, 0, 1).To(c.Float).DivScalar(255))
			normalized := lab.Sub(numbers(clips.LabMean[:]).Reshape(3, 1, 1)).Div(numbers(clips.LabStd[:]).Reshape(3, 1, 1))
			return golden.Outputs{"lab": lab.Permute(1, 2, 0), "normalized": normalized}
		},
	})
}

// lab converts [3, H, W]; the conversion of pictures is one of float32.
func lab(x *torch.Tensor) *torch.Tensor {
	values, n := x.Float32s(), x.Dim(1)*x.Dim(2)
	clips.RGBToLab([3][]float32{values[:n], values[n : 2*n], values[2*n:]})
	return torch.FromFloat32(values, x.Shape()...)
}
