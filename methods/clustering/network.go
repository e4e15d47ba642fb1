package clustering

import (
	"vssl/methods"
	"vssl/models"
	"vssl/models/nn"
	"vssl/torch"
)

// network is what the methods of this family train at least: a backbone, `backbone` in the tree.
type network struct {
	root     *nn.Node
	backbone models.Backbone
}

// newNetwork builds the backbone that env names.
func newNetwork(env methods.Env) (*network, error) {
	n := &network{root: nn.NewRoot(env.Scope)}
	var err error
	n.backbone, err = models.Build(env.ModelName, env.Model, n.root.Child("backbone"))
	return n, err
}

// Modules is the backbone and what the method adds to it.
func (n *network) Modules() *nn.Node { return n.root }

// Backbone is the network that is kept after training.
func (n *network) Backbone() models.Backbone { return n.backbone }

// outlined is a backbone that sees the gradients of pictures in place of their colours.
type outlined struct{ models.Backbone }

// Forward returns the features [B, F] of the gradients of x.
func (o outlined) Forward(x *torch.Tensor) *torch.Tensor { return o.Backbone.Forward(outlines(x)) }

// Stages returns the activations that the gradients of x cause.
func (o outlined) Stages(x *torch.Tensor) []models.Stage { return o.Backbone.Stages(outlines(x)) }

// outlines are the two channels of nn.Sobel and a third of zeros, so that a network for colours takes them: it is one of two
// channels, since the weights of the third have no effect.
func outlines(x *torch.Tensor) *torch.Tensor {
	edges := nn.Sobel.Forward(x)
	return torch.Cat([]*torch.Tensor{edges, edges.Narrow(1, 0, 1).ZerosLike()}, 1)
}
