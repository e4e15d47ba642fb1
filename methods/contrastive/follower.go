package contrastive

import (
	"vssl/methods"
	"vssl/methods/memory"
	"vssl/models"
	"vssl/torch"
)

// follower is a second network whose weights are a moving average of the encoder's: `target` in the tree. It is not trained;
// its running statistics come from its own passes, as in the papers' code.
type follower struct {
	network
	backboneTarget, headTarget *memory.Target
}

// newFollower adds to e a network like it, with its weights, that keeps base of itself a step at the beginning of the run, and
// final at the end. head is that of e.
func newFollower(e *encoder, env methods.Env, head models.HeadConfig, base, final float64) (*follower, error) {
	node := e.root.Child("target")
	n, err := newNetwork(node, env, head)
	if err != nil {
		return nil, err
	}
	c := memory.TargetConfig{Base: base, Final: final}
	return &follower{
		network:        n,
		backboneTarget: memory.NewTarget(n.backbone.Node(), e.backbone.Node(), c),
		headTarget:     memory.NewTarget(n.headNode, e.headNode, c),
	}, nil
}

// begin takes the encoder's weights before the first step: those of a file are read after both networks were made.
func (f *follower) begin(s methods.Step) {
	if s.Number == 0 {
		f.backboneTarget.Reset()
		f.headTarget.Reset()
	}
}

// project maps a view to an embedding [B, D], without gradient.
func (f *follower) project(view *torch.Tensor) (zBD *torch.Tensor) {
	torch.NoGrad(func() { zBD = f.network.project(view) })
	return zBD
}

// update moves the weights once, after step s.
func (f *follower) update(s methods.Step) {
	f.backboneTarget.Update(s.Progress)
	f.headTarget.Update(s.Progress)
}
