package models_test

import (
	"testing"

	"vssl/internal/golden"
	"vssl/models"
	"vssl/models/nn"
	"vssl/torch"
)

// TestGoldenTiny3D compares with the same network in PyTorch; testdata/make_tiny3d.py wrote the answers. The networks that
// others published are held against their authors' answers in methods/catalogue.
func TestGoldenTiny3D(t *testing.T) {
	for _, name := range []string{"tiny3d", "tiny3d_train"} {
		t.Run(name, func(t *testing.T) {
			golden.RunFile(t, "testdata/"+name+".safetensors", func(c *golden.Case) golden.Outputs {
				scope := torch.NewScope()
				defer scope.Close()
				root := nn.NewRoot(scope)
				b, err := models.Build("tiny3d", models.Config{}, root)
				if err != nil {
					t.Fatal(err)
				}
				golden.Fill(models.Tensors(root))
				root.ToType(c.Float)
				root.SetTraining(c.Params["mode"] == "train")
				return c.RunNetwork(models.Tensors(root), func(x *torch.Tensor) golden.Outputs {
					return golden.Outputs{"features": b.Forward(x)}
				}, "features")
			})
		})
	}
}
