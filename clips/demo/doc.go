// Package demo makes a small labelled set of real video files, so that every command runs on real input with nothing
// downloaded: moving, sounding shapes, encoded to MP4 (H.264 and AAC).
//
// The classes differ in motion alone. A shape slides, lifts, orbits, pulses, spins, blinks, jumps or shakes; what it
// looks like, where it is and what lies behind it is drawn without regard to the class, so that one still frame does not
// tell the class. Colours, lighting and background change within a video, so that what two cuts of it have in common is
// above all the motion. Every motion stays what it is in a mirror, since training flips clips from left to right. The
// sound goes with the motion: each class moves pitch, loudness or hiss of a voice in a way of its own, and the voice is
// drawn without regard to the class.
//
// [Prepare] writes the files, and the package registers them as the source "demo". All that is drawn is a function of
// (seed, number of the clip).
package demo
