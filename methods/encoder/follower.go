package encoder

import (
	"vssl/methods"
	"vssl/methods/memory"
	"vssl/torch"
)

// Follower is a network like an encoder's whose weights are a moving average of the encoder's: `target` in the tree. It is not
// trained. Unless its buffers follow too, its running statistics come from its own passes.
type Follower struct {
	network
	targets []*memory.Target // the backbone's and, where there is one, the head's
}

// NewFollower adds to the tree of e a network like it, with its weights, that follows it as c says. It panics if a share in c is
// outside 0..1, or e has a follower.
func NewFollower(e *Encoder, c memory.TargetConfig) (*Follower, error) {
	n, err := e.plan.build(e.root.Child("target"))
	if err != nil {
		return nil, err
	}
	f := &Follower{network: n, targets: []*memory.Target{memory.NewTarget(n.backbone.Node(), e.backbone.Node(), c)}}
	if n.head != nil {
		f.targets = append(f.targets, memory.NewTarget(n.headNode, e.headNode, c))
	}
	return f, nil
}

// Begin takes the encoder's weights before the first step of a run, and does nothing before the others: weights of a file are
// read after both networks were made. A loss calls it first.
func (f *Follower) Begin(s methods.Step) {
	if s.Number > 0 {
		return
	}
	for _, t := range f.targets {
		t.Reset()
	}
}

// Project maps views as the encoder does, without gradient.
func (f *Follower) Project(views ...*torch.Tensor) (zND *torch.Tensor) {
	torch.NoGrad(func() { zND = f.project(views) })
	return zND
}

// Update moves the weights once, after step s.
func (f *Follower) Update(s methods.Step) {
	for _, t := range f.targets {
		t.Update(s.Progress)
	}
}
