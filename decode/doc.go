// Package decode reads video files through FFmpeg: what is in a file, any frame of it by index or by time, exactly,
// the sound of the same span, and the other way round, frames and sound into an MP4 file.
//
// A [Video] is one open file. Its [Index] comes from one pass over the packets and is kept on disk, so that a file is
// scanned once; it is what makes access exact. Every packet of the stream has an ordinal; after each seek the packet
// that arrives is recognised in the index, and every decoded frame carries the ordinal of the packet it came from. So a
// frame is never found by counting or by comparing times, and a seek that lands elsewhere is noticed and repaired.
//
// # The timeline
//
// Times handed in and out by a Video (Frames, FramesAt, Sound, Index.Time) start at the first frame's presentation
// time: frame 0 is at 0, whatever the file's own clock says. Sound that starts before the first frame has negative times.
//
// # Pictures
//
// [Stills] decodes pictures that lie in memory: JPEG, PNG, WebP, GIF, BMP, TIFF and PNM. Headers are read in Go, and the size that they
// claim is held against [MaxStillPixels] before anything is allocated; what is cut off or damaged is an error, not a picture in part.
//
// # Ownership
//
// Memory of FFmpeg is freed by Close and at the end of a callback, never by the garbage collector. A [Frame] and its
// planes are lent to the callback. A Video is for one goroutine at a time; several Videos may be used at once.
package decode
