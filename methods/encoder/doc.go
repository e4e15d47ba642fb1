// Package encoder has the network that most methods train, a backbone with a projection head on it, the network that follows it
// slowly, and the recipes of views that both look at.
//
// In the tree of a method the backbone is `backbone`, the head `head`, and the network that follows has both below `target`.
// Weights are read and exported by these names: they stay.
package encoder
