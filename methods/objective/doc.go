// Package objective has the losses as pure functions of tensors: no state, no randomness, no parameters of their own.
//
// Queues, memory banks and schedules belong to the methods. Each function states the equation that it is, the shapes and
// the reduction, and is held to the numbers of an implementation outside this project, value and gradient. Functions
// compute in the type of their inputs; methods hand in float32 outside autocast. They need an open scope.
//
// What clusters or searches whole sets (k-means, neighbours, PIC) takes slices instead, row-major, and needs no scope.
//
// Legend: B samples, N = 2B rows, D features, z embeddings, s similarities.
package objective
