package contrastive

import (
	"errors"
	"fmt"

	"vssl/clips"
	"vssl/methods"
	"vssl/models"
	"vssl/models/nn"
	"vssl/torch"
)

// network is a backbone and a projection head, `backbone` and `head` below its node.
type network struct {
	backbone models.Backbone
	head     nn.Layer
	headNode *nn.Node // of the head's tensors
}

// newNetwork builds the backbone that env names, and on it the head; head.In is filled in here.
func newNetwork(n *nn.Node, env methods.Env, head models.HeadConfig) (network, error) {
	backbone, err := models.Build(env.ModelName, env.Model, n.Child("backbone"))
	if err != nil {
		return network{}, err
	}
	head.In = backbone.Features()
	node := n.Child("head")
	return network{backbone, models.NewMLPHead(node, head), node}, nil
}

// project maps a view [B, 3, T, H, W] to a float32 embedding [B, D].
func (n network) project(view *torch.Tensor) *torch.Tensor {
	return n.head.Forward(models.Features(n.backbone, view)).To(torch.Float32)
}

// encoder is what the methods of this family train: a network at the root of the tree.
type encoder struct {
	network
	root *nn.Node
}

// newEncoder builds the network of env with the head.
func newEncoder(env methods.Env, head models.HeadConfig) (*encoder, error) {
	root := nn.NewRoot(env.Scope)
	n, err := newNetwork(root, env, head)
	if err != nil {
		return nil, err
	}
	return &encoder{n, root}, nil
}

// Modules is the backbone and the head, and what a method has beside them.
func (e *encoder) Modules() *nn.Node { return e.root }

// Backbone is the network that is kept after training.
func (e *encoder) Backbone() models.Backbone { return e.backbone }

// embed projects two views [B, 3, T, H, W] to float32 embeddings [B, D]. Both go through in one batch, so that
// normalisation sees them together, as in the papers' code.
func (e *encoder) embed(view1, view2 *torch.Tensor) (z1BD, z2BD *torch.Tensor) {
	zND := e.project(torch.Cat([]*torch.Tensor{view1, view2}, 0))
	b := view1.Dim(0)
	return zND.Narrow(0, 0, b), zND.Narrow(0, b, b)
}

// twoViews is a recipe of one cut that is seen twice, augmented as the run says.
func twoViews(env methods.Env) clips.Recipe {
	view := clips.View{Cut: 0, Augment: env.Augment}
	return clips.Recipe{Cuts: 1, Frames: env.Clip.Frames, Stride: env.Clip.Stride, Views: []clips.View{view, view}}
}

// both stacks the embeddings for the collapse meter.
func both(z1BD, z2BD *torch.Tensor) *torch.Tensor {
	return torch.Cat([]*torch.Tensor{z1BD.Detach(), z2BD.Detach()}, 0)
}

// checkHead returns an error that names every size of a head below 1.
func checkHead(hidden, layers, output int) error {
	return errors.Join(atLeastOne("hidden", hidden), atLeastOne("layers", layers), atLeastOne("output", output))
}

func atLeastOne(name string, value int) error {
	if value < 1 {
		return fmt.Errorf("%s is %d, want 1 or more", name, value)
	}
	return nil
}

func positive(name string, value float64) error {
	if !(value > 0) {
		return fmt.Errorf("%s is %g, want more than 0", name, value)
	}
	return nil
}

// share returns an error unless value is in 0..1; what says what it is: a probability, a share.
func share(name string, value float64, what string) error {
	if !(value >= 0 && value <= 1) {
		return fmt.Errorf("%s is %g, want a %s", name, value, what)
	}
	return nil
}
