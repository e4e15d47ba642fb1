// Package methods has the seam between what is learnt and how: a [Method] says what it wants cut from a sample, which
// tensors it trains, and what its loss is; the trainer does the rest and knows no method by name.
//
// A method is one file in a folder of its family. The file registers it, and nothing else in the program names it:
//
//	func init() { methods.Register(info, defaults, newMethod) }
//
// Importing vssl/methods/all makes every method known. The pure functions that losses are made of are in
// vssl/methods/objective.
package methods
