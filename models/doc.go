// Package models has the networks: backbones for clips and pictures, projection heads, and their files.
//
//	root := nn.NewRoot(scope)
//	backbone, err := models.Build("r3d_18", models.Config{}, root.Child("backbone"))
//	features := backbone.Forward(x) // x [B, 3, T, H, W] to [B, 512]
//
// Names of parameters are torchvision's, or those of a method's authors, so that published weights load without a mapping.
// Initial weights are drawn by torchvision's rule. Networks that only one method uses have constructors of their own beside
// Build; dropout that their authors use in front of a classifier is left out.
// Legend of the shapes in this package: B batch, C channels, F features, T H W time, height and width.
package models
