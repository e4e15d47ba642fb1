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

// workload is a network and what a step feeds it.
type workload struct {
	model, stem string
	shape       []int // of one view
}

// workloads are those of peer_step.py.
var workloads = []workload{
	{"r3d_18", models.StemImageNet, []int{4, 3, 16, 112, 112}},
	{"resnet18", models.StemSmall, []int{128, 3, 32, 32}},
}

// step is a network in training with its head, as peer_step.py has them.
type step struct {
	backbone models.Backbone
	head     nn.Layer
	sgd      *optim.Optimizer
	views    []*torch.Tensor
}

// newStep builds the network; scope owns its tensors, and the caller closes sgd.
func newStep(scope *torch.Scope, w workload) (*step, error) {
	torch.Seed(1)
	root := nn.NewRoot(scope)
	backbone, err := models.Build(w.model, models.Config{Stem: w.stem}, root.Child("backbone"))
	if err != nil {
		return nil, err
	}
	head := models.NewMLPHead(root.Child("head"), models.HeadConfig{In: backbone.Features(), Hidden: 512, Out: 128, Layers: 2, Norm: true})
	root.ChannelsLast()
	var g optim.Group
	for name, e := range root.All() {
		if e.Trainable {
			g.Names, g.Params = append(g.Names, name), append(g.Params, e.Tensor)
		}
	}
	s := &step{backbone: backbone, head: head}
	s.sgd = optim.New(optim.Config{Kind: optim.SGD, Momentum: 0.9, WeightDecay: 1e-4}, []optim.Group{g})
	torch.In(func(*torch.Scope) {
		for range 2 {
			s.views = append(s.views, scope.Keep(torch.Randn(w.shape, torch.Float32, torch.CPU).ChannelsLast()))
		}
	})
	return s, nil
}

// run takes one step: both views in one batch, NT-Xent in float32, backward, SGD.
func (s *step) run(precision string) {
	torch.In(func(*torch.Scope) {
		var zND *torch.Tensor
		forward := func() { zND = s.head.Forward(s.backbone.Forward(torch.Cat(s.views, 0))) }
		if precision == "bf16" {
			torch.Autocast(torch.BFloat16, forward)
		} else {
			forward()
		}
		z := zND.To(torch.Float32).Chunk(2, 0)
		s.sgd.ZeroGrad()
		objective.NTXent(z[0], z[1], 0.1).Backward()
		s.sgd.Step(0.01)
	})
}

// trainStep times n steps after two and prints the median in seconds.
func trainStep(model, precision string, n int) error {
	i := slices.IndexFunc(workloads, func(w workload) bool { return w.model == model })
	if i < 0 || (precision != "bf16" && precision != "fp32") {
		return errUsage
	}
	scope := torch.NewScope()
	defer scope.Close()
	s, err := newStep(scope, workloads[i])
	if err != nil {
		return err
	}
	defer s.sgd.Close()
	var times []float64
	for range 2 + n {
		began := time.Now()
		s.run(precision)
		times = append(times, time.Since(began).Seconds())
	}
	times = times[2:]
	slices.Sort(times)
	fmt.Printf("%.4f\n", times[len(times)/2])
	return nil
}
