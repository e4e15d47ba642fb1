package contrastive

import (
	"errors"
	"fmt"

	"vssl/methods"
	"vssl/models"
	"vssl/models/nn"
	"vssl/torch"
)

// encoder is what the methods of this family train: a backbone and a projection head, `backbone` and `head` in the tree.
type encoder struct {
	root     *nn.Node
	backbone models.Backbone
	head     nn.Layer
}

// newEncoder builds the backbone that env names, and on it the head; head.In is filled in here.
func newEncoder(env methods.Env, head models.HeadConfig) (*encoder, error) {
	e := &encoder{root: nn.NewRoot(env.Scope)}
	var err error
	if e.backbone, err = models.Build(env.ModelName, env.Model, e.root.Child("backbone")); err != nil {
		return nil, err
	}
	head.In = e.backbone.Features()
	e.head = models.NewMLPHead(e.root.Child("head"), head)
	return e, nil
}

// Modules is the backbone and the head.
func (e *encoder) Modules() *nn.Node { return e.root }

// Backbone is the network that is kept after training.
func (e *encoder) Backbone() models.Backbone { return e.backbone }

// embed projects two views [B, 3, T, H, W] to float32 embeddings [B, D]. Both go through in one batch, so that
// normalisation sees them together, as in the papers' code.
func (e *encoder) embed(view1, view2 *torch.Tensor) (z1BD, z2BD *torch.Tensor) {
	views := torch.Cat([]*torch.Tensor{view1, view2}, 0)
	zND := e.head.Forward(models.Features(e.backbone, views)).To(torch.Float32)
	b := view1.Dim(0)
	return zND.Narrow(0, 0, b), zND.Narrow(0, b, b)
}

// both stacks the embeddings for the collapse meter.
func both(z1BD, z2BD *torch.Tensor) *torch.Tensor {
	return torch.Cat([]*torch.Tensor{z1BD.Detach(), z2BD.Detach()}, 0)
}

// checkHead returns an error that names every size of a head below 1.
func checkHead(hidden, layers, output int) error {
	var errs []error
	for _, size := range []struct {
		name  string
		value int
	}{{"hidden", hidden}, {"layers", layers}, {"output", output}} {
		if size.value < 1 {
			errs = append(errs, fmt.Errorf("%s is %d, want 1 or more", size.name, size.value))
		}
	}
	return errors.Join(errs...)
}
