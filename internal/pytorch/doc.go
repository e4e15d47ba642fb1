// Package pytorch reads the tensors of checkpoints that torch.save wrote, in its zip format and in the one before it, and
// runs nothing of what is in them.
//
// Such a file is a pickle: a program for a small stack machine that may name any function of Python and call it. The
// machine here has no Python behind it. It knows the opcodes of protocols 2 to 5, a table of functions that put tensors
// together, and a table of others whose results weights never need and which become values without content; so does an
// object of any class. A call of anything else is refused by name. Every number is checked against what the file really
// holds before it is used: what [New] accepts can be read without a bound check failing later.
package pytorch
