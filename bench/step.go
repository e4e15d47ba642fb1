package main

import (
	"fmt"
	"slices"
	"time"

	"vssl/methods/objective"
	"vssl/models"
	"vssl/models/nn"
	"vssl/torch"
	"vssl/torch/optim"
)

// trainStep times a training step as bench/peer_step.py does: two views in one batch, the network, a projection head,
// NT-Xent in float32, backward, SGD with momentum. It prints the median in seconds over n steps after two.
func trainStep(model, precision string, n int) error {
	shape, stem := []int{8, 16, 112, 112, 3}, models.StemImageNet // two views of 4
	if model == "resnet18" {
		shape, stem = []int{256, 1, 32, 32, 3}, models.StemSmall // two views of 128
	}
	owner := torch.NewScope()
	defer owner.Close()
	root := nn.NewRoot(owner)
	torch.Seed(1)
	net, err := models.Build(model, models.Config{Stem: stem}, root.Child("backbone"))
	if err != nil {
		return err
	}
	head := models.NewMLPHead(root.Child("head"), models.HeadConfig{In: net.Features(), Hidden: 512, Out: 128, Layers: 2, Norm: true})
	root.ChannelsLast()
	root.SetTraining(true)
	var group optim.Group
	for name, p := range root.All() {
		if !p.IsBuffer {
			group.Names, group.Params = append(group.Names, name), append(group.Params, p.Tensor)
		}
	}
	sgd := optim.New(optim.Config{Kind: optim.SGD, Momentum: 0.9, WeightDecay: 1e-4}, []optim.Group{group})
	defer sgd.Close()

	var times []float64
	torch.In(func(*torch.Scope) {
		x := torch.Randn(shape, torch.Float32, torch.CPU).Permute(0, 4, 1, 2, 3)
		for range 2 + n {
			began := time.Now()
			torch.In(func(*torch.Scope) {
				var z *torch.Tensor
				forward := func() { z = head.Forward(models.Features(net, x)) }
				if precision == "bf16" {
					torch.Autocast(torch.BFloat16, forward)
				} else {
					forward()
				}
				z = z.To(torch.Float32)
				half := z.Dim(0) / 2
				sgd.ZeroGrad()
				objective.NTXent(z.Narrow(0, 0, half), z.Narrow(0, half, half), 0.1).Backward()
				sgd.Step(0.01)
			})
			times = append(times, time.Since(began).Seconds())
		}
	})
	times = times[2:]
	slices.Sort(times)
	fmt.Printf("%.4f\n", times[len(times)/2])
	return nil
}
