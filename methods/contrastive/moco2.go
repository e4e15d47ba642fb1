package contrastive

// Improved Baselines with Momentum Contrastive Learning, Chen et al., 2003.04297.
//
// MoCo with what SimCLR has found to matter: a head of two layers, blur among the augmentations, and a rate that falls along a
// cosine. The temperature rises to 0.2. Blur and cosine are in the recipe.

import "vssl/methods"

func moCo2Defaults() MoCoConfig {
	c := moCoDefaults()
	c.Temperature, c.Layers = 0.2, 2
	return c
}

func init() {
	methods.Register(methods.Info{
		Name: "moco2", Family: "contrastive", Paper: "2003.04297", Medium: methods.Image, Status: methods.Working,
		Title:   "Improved Baselines with Momentum Contrastive Learning",
		Summary: "the queue of momentum contrast with a head of two layers, blur and a cosine",
	}, moCo2Defaults, newMoCo)
}
