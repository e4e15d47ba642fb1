// Package nn has the layers of the networks and the tree that holds their parameters.
//
// A [Node] is one level of a state dict. A layer takes the node that carries its name, registers its tensors there and keeps
// pointers to the entries, so that moving, loading or freezing through the tree reaches the layer:
//
//	root := nn.NewRoot(scope)
//	fc := nn.NewLinear(root.Child("fc"), nn.LinearConfig{In: 512, Out: 10, Bias: true})
//	logits := fc.Forward(features) // fc.weight and fc.bias are in root.All()
//
// Names and order are torchvision's. Constructors draw their initial values from the generator that torch.Seed sets and
// need an open torch scope for the intermediate results; the parameters themselves move to the root's scope. Legend of
// the shapes in this package: B batch, C channels, F features, T H W time, height and width.
package nn
