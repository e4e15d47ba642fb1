// Package memory has what a method remembers from step to step: a queue of keys, a bank with a row a sample, a target that
// follows the network slowly.
//
// All of it is tensors of an [nn.Node] that the owner gives, so it belongs to that tree's scope, moves with it to a device
// and is saved and restored with it. What is computed is in package objective; here is only where it is kept. Random
// numbers come from the generator of package torch, whose state a checkpoint holds.
//
// Nothing here records gradients. Legend: B samples, N rows of a bank, K keys or draws, D features.
package memory
