package main

import (
	"syscall"
	"testing"
	"time"

	"vssl/methods/objective"
	"vssl/models"
	"vssl/models/nn"
	"vssl/torch"
	"vssl/torch/optim"
)

// The head and the temperature are those of peer_step.py.
const (
	stepHidden      = 512
	stepOut         = 128
	stepTemperature = 0.1
)

// stepSetup is a network in training and its two views, as peer_step.py has them.
type stepSetup struct {
	backbone  models.Backbone
	head      nn.Layer
	optimizer *optim.Optimizer
	views     []*torch.Tensor
}

// BenchmarkStep times one training step: two views in one batch, the network, a projection head, NT-Xent in float32,
// backward, SGD with momentum; channels-last. peer_step.py is the same step in PyTorch.
func BenchmarkStep(b *testing.B) {
	for _, network := range []struct {
		name, stem string
		shape      []int // of one view
	}{
		{"resnet18", models.StemSmall, []int{128, 3, 32, 32}},
		{"r3d_18", models.StemImageNet, []int{4, 3, 16, 112, 112}},
	} {
		for _, precision := range []string{"fp32", "bf16"} {
			b.Run(network.name+"/"+precision, func(b *testing.B) {
				scope := torch.NewScope()
				defer scope.Close()
				s := newStep(b, scope, network.name, network.stem, network.shape)
				defer s.optimizer.Close()
				for range 2 { // fills caches and the momentum
					s.run(precision)
				}
				began := cpuTime()
				for b.Loop() {
					s.run(precision)
				}
				b.ReportMetric((cpuTime()-began).Seconds()/float64(b.N), "cpu-s/op")
				b.ReportMetric(float64(2*network.shape[0]*b.N)/b.Elapsed().Seconds(), "clips/s")
			})
		}
	}
}

func newStep(b *testing.B, scope *torch.Scope, name, stem string, shape []int) *stepSetup {
	torch.Seed(1)
	root := nn.NewRoot(scope)
	backbone, err := models.Build(name, models.Config{Stem: stem}, root.Child("backbone"))
	if err != nil {
		b.Fatal(err)
	}
	s := &stepSetup{backbone: backbone}
	s.head = models.NewMLPHead(root.Child("head"), models.HeadConfig{
		In: backbone.Features(), Hidden: stepHidden, Out: stepOut, Layers: 2, Norm: true})
	root.ChannelsLast()
	var g optim.Group
	for name, e := range root.All() {
		if e.Trainable {
			g.Names, g.Params = append(g.Names, name), append(g.Params, e.Tensor)
		}
	}
	s.optimizer = optim.New(optim.Config{Kind: optim.SGD, Momentum: 0.9, WeightDecay: 1e-4}, []optim.Group{g})
	torch.In(func(*torch.Scope) {
		for range 2 {
			s.views = append(s.views, scope.Keep(torch.Randn(shape, torch.Float32, torch.CPU).ChannelsLast()))
		}
	})
	return s
}

func (s *stepSetup) run(precision string) {
	torch.In(func(*torch.Scope) {
		var zND *torch.Tensor
		forward := func() { zND = s.head.Forward(s.backbone.Forward(torch.Cat(s.views, 0))) }
		if precision == "bf16" {
			torch.Autocast(torch.BFloat16, forward)
		} else {
			forward()
		}
		z := zND.To(torch.Float32).Chunk(2, 0)
		loss := objective.NTXent(z[0], z[1], stepTemperature)
		s.optimizer.ZeroGrad()
		loss.Backward()
		s.optimizer.Step(0.01)
	})
}

// cpuTime is what the process has used on all cores: of use on a machine that does other things too.
func cpuTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic(err) // impossible for the process itself
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
