// Package models has the networks: backbones for clips and pictures, projection heads, and their files.
//
//	root := nn.NewRoot(scope)
//	backbone, err := models.Build("r3d_18", models.Config{}, root.Child("backbone"))
//	features := backbone.Forward(x) // x [B, 3, T, H, W] to [B, 512]
//
// Names of parameters are torchvision's, so that published weights load without a mapping, and so is the initialisation.
// Legend of the shapes in this package: B batch, C channels, F features, T H W time, height and width.
package models
