// Package clips turns video files and pictures into batches of augmented clips; a picture is a clip of one frame.
//
// The way of the data:
//
//	Source   the samples of a data set: path, span, label
//	Recipe   what is cut from a sample and how each view of it is augmented
//	Loader   reads, cuts, augments and batches, in several goroutines
//	Batch    one contiguous block of pixels a view: uint8 RGB, [B, T, H, W, 3]
//
// A batch is a function of (seed, epoch, position) alone: the number of workers, a restart in the middle of an epoch and the speed
// of the disk do not change it. Every random draw comes from [RNG], which depends on (seed, epoch, sample index, stream) and on
// nothing else.
//
// Words: a cut is a run of frames taken from a sample at a stride; a view is an augmented copy of a cut; two views may share a cut.
package clips
