package encoder

import (
	"errors"
	"slices"

	"vssl/methods"
	"vssl/models"
	"vssl/models/nn"
	"vssl/torch"
)

// Encoder is a backbone and the head on it, at the root of a method's tree. A method embeds it, and adds to Modules what it has
// beside them.
type Encoder struct {
	network
	root *nn.Node
	plan plan
}

// New builds the backbone that env names, and on it an MLP with the sizes of head; head.In is filled in here. The initial weights
// come from torch's generator, the backbone's first.
func New(env methods.Env, head models.HeadConfig) (*Encoder, error) { return build(env, &head) }

// Bare builds the backbone that env names, without a head: for methods whose head is no MLP, or that have none.
func Bare(env methods.Env) (*Encoder, error) { return build(env, nil) }

func build(env methods.Env, head *models.HeadConfig) (*Encoder, error) {
	e := &Encoder{root: nn.NewRoot(env.Scope), plan: plan{model: env.ModelName, config: env.Model, head: head}}
	var err error
	if e.network, err = e.plan.build(e.root); err != nil {
		return nil, err
	}
	return e, nil
}

// Modules is the root of the tree: the backbone, the head, and what a method adds.
func (e *Encoder) Modules() *nn.Node { return e.root }

// Backbone is the network that is kept after training.
func (e *Encoder) Backbone() models.Backbone { return e.backbone }

// HeadNode is the node of the head's tensors, nil without a head.
func (e *Encoder) HeadNode() *nn.Node { return e.headNode }

// Wrap puts a backbone around the one that is there, such as one that sees outlines in place of colours. Tensors keep their
// places. A network that is to follow is wrapped too if it is made afterwards.
func (e *Encoder) Wrap(around func(models.Backbone) models.Backbone) {
	e.backbone, e.plan.around = around(e.backbone), around
}

// Features maps a view [B, 3, T, H, W] to the features [B, F] of the backbone, in the type that autocast gives them.
func (e *Encoder) Features(view *torch.Tensor) *torch.Tensor {
	return models.Features(e.backbone, view)
}

// Project maps views [B, 3, T, H, W] to float32 embeddings [N, D], all samples of the first view first; without a head these are
// the features. Neighbours of one size go through the backbone in one batch, and all go through the head in one: so normalisation
// sees them together.
func (e *Encoder) Project(views ...*torch.Tensor) *torch.Tensor { return e.project(views) }

// Embed projects two views [B, 3, T, H, W] in one batch and returns the embeddings [B, D] of each, float32.
func (e *Encoder) Embed(view1, view2 *torch.Tensor) (z1BD, z2BD *torch.Tensor) {
	zND := e.Project(view1, view2)
	b := view1.Dim(0)
	return zND.Narrow(0, 0, b), zND.Narrow(0, b, b)
}

// Both stacks the embeddings of two views [B, D] to [2B, D], without gradient: for the collapse meter.
func Both(z1BD, z2BD *torch.Tensor) *torch.Tensor {
	return torch.Cat([]*torch.Tensor{z1BD.Detach(), z2BD.Detach()}, 0)
}

// CheckHead returns an error that names every size of a head below 1: the keys hidden, layers and output of a configuration.
func CheckHead(hidden, layers, output int) error {
	return errors.Join(methods.AtLeast("hidden", hidden, 1), methods.AtLeast("layers", layers, 1),
		methods.AtLeast("output", output, 1))
}

// plan is what a network is built after.
type plan struct {
	model  string
	config models.Config
	head   *models.HeadConfig                    // nil for none
	around func(models.Backbone) models.Backbone // nil for nothing
}

// build makes a network below n.
func (p plan) build(n *nn.Node) (network, error) {
	backbone, err := models.Build(p.model, p.config, n.Child("backbone"))
	if err != nil {
		return network{}, err
	}
	if p.around != nil {
		backbone = p.around(backbone)
	}
	if p.head == nil {
		return network{backbone: backbone}, nil
	}
	head := *p.head
	head.In = backbone.Features()
	node := n.Child("head")
	return network{backbone, models.NewMLPHead(node, head), node}, nil
}

// network is a backbone and the head on it.
type network struct {
	backbone models.Backbone
	head     nn.Layer // nil without a head
	headNode *nn.Node // of the head's tensors
}

func (n network) project(views []*torch.Tensor) *torch.Tensor {
	var features []*torch.Tensor
	for from := 0; from < len(views); {
		to := from + 1
		for to < len(views) && slices.Equal(views[to].Shape(), views[from].Shape()) {
			to++
		}
		features = append(features, models.Features(n.backbone, joined(views[from:to])))
		from = to
	}
	z := joined(features)
	if n.head != nil {
		z = n.head.Forward(z)
	}
	return z.To(torch.Float32)
}

// joined is one tensor with the rows of all.
func joined(tensors []*torch.Tensor) *torch.Tensor {
	if len(tensors) == 1 {
		return tensors[0]
	}
	return torch.Cat(tensors, 0)
}
