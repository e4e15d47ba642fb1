package clustering

import (
	"vssl/models"
	"vssl/models/nn"
	"vssl/torch"
)

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
