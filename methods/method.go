package methods

import (
	"context"

	"vssl/clips"
	"vssl/models"
	"vssl/models/nn"
	"vssl/torch"
)

// Method learns from batches of views. It is driven by one goroutine.
type Method interface {
	// Recipe is what the method wants from every sample: cuts, views and their augmentations.
	Recipe() clips.Recipe
	// Modules is the tree of everything that is trained or saved with the model.
	Modules() *nn.Node
	// Loss computes the loss of one batch made after Recipe, in the innermost open scope. The network may run under
	// autocast; the loss itself is float32. It panics with a *torch.Error if the batch is not of that recipe.
	Loss(s Step, b Batch) Losses
}

// Step says where in the run a batch comes.
type Step struct {
	Number   int     // optimiser steps done before
	Epoch    int     // passes over the data done before
	Progress float64 // share of the run that is done, 0..1
}

// Batch holds B samples on the device.
type Batch struct {
	Views  []*torch.Tensor // by view of the recipe: [B, 3, T, H, W] float32, normalised
	Sound  []*torch.Tensor // by cut, nil without sound: [B, channels, samples] float32, -1..1
	Labels *torch.Tensor   // [B] int64, -1 where unknown; only for methods that say they use labels
	Index  *torch.Tensor   // [B] int64: place of the sample in its source
}

// Losses is what a method computed for a batch.
type Losses struct {
	Total    *torch.Tensor            // scalar float32 in nats, mean over the batch: what is differentiated
	Features *torch.Tensor            // [N, D] float32, without gradient: what the collapse meter looks at
	Figures  map[string]*torch.Tensor // scalars for the log, without gradient; nil for none
}

// HasBackbone is a method with a network that can be evaluated and exported.
type HasBackbone interface {
	Backbone() models.Backbone
}

// Classifies is a method that names the classes of its source by the features of its backbone.
type Classifies interface {
	// Logits maps features [B, F] to [B, Env.Classes].
	Logits(features *torch.Tensor) *torch.Tensor
}

// ScalesRates is a method whose parameters do not all learn at one rate.
type ScalesRates interface {
	// RateScale is the factor, > 0, of the learning rate for the parameter of that name in Modules.
	RateScale(name string) float64
}

// BeginsEpochs is a method that does something before every epoch, such as clustering the whole set. The call is inside a
// scope and without gradients; s.Epoch is the epoch that begins. When it returns an error, also ctx's, the method and its
// tensors are as they were: it is called again when the run is resumed.
type BeginsEpochs interface {
	BeginEpoch(ctx context.Context, s Step, run Run) error
}

// Run is what a method can ask of its run between two epochs.
type Run interface {
	// Each hands the whole set to f, each sample once, in order, in batches of views cut after r: in scopes of their own,
	// without gradients, the network in evaluation mode and under the run's autocast. Samples that cannot be read are missing: b.Index says
	// which are there. It returns f's first error, or ctx's.
	Each(ctx context.Context, r clips.Recipe, f func(b Batch) error) error
	// Forget makes the optimiser take all parameters below n for new ones, without momentum, as after a reset of their
	// values.
	Forget(n *nn.Node)
}

// OrdersEpochs is a method that chooses what an epoch shows, such as samples drawn evenly from clusters.
type OrdersEpochs interface {
	// Order returns Env.Samples indices of samples, in the order of the epoch, repetitions allowed: after BeginEpoch of that
	// epoch, and after a restore the same again.
	Order(epoch int) []int
}

// FollowsSteps is a method that does something after every optimiser step, such as moving an average of the weights.
// The call is inside a scope and without gradients.
type FollowsSteps interface {
	AfterStep(s Step)
}

// Stateful is a method with state that is not in its Modules. Restore gets what State returned.
type Stateful interface {
	State() ([]byte, error)
	Restore(state []byte) error
}

// Env is what a run gives to the method that it makes.
type Env struct {
	Scope     *torch.Scope  // owns the method's tensors
	ModelName string        // backbone, as models.Build takes it
	Model     models.Config // of the backbone
	Clip      clips.Recipe  // frames and stride of a cut; the method decides about the rest
	Augment   clips.Augment // of a view, where the method has no opinion
	Samples   int           // in the source
	Classes   int           // of the source's labels, 0 when there are none; for methods that say they use labels
	Batch     int           // samples a batch
	Seed      uint64        // of the run, for generators of the method's own
}
