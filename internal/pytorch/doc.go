// Package pytorch reads the tensors of checkpoints that torch.save wrote, in its zip format and in the one before it, and
// runs nothing of what is in them.
//
// Such a file is a pickle: a program for a small stack machine that may name any function of Python and call it. The
// machine of internal/pickle has no Python behind it. Here are a table of functions that put tensors together, and a table
// of others whose results weights never need and which become values without content; so does an object of any class. The
// result of any other function is such a value too, unless a tensor could be lost with it: it has one among its arguments,
// state or items, stands where a tensor must, or is PyTorch's own. Those calls are refused by name, and so are the ones that
// only an attack makes. Every number is checked against what the file really holds before it is used: what [New] accepts can
// be read without a bound check failing later.
package pytorch
