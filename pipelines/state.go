package pipelines

import (
	"vssl/clips"
)

// stateVersion changes when a checkpoint of before can no longer be read.
const stateVersion = 1

// State is all that a resume needs beside the two tensor files of a checkpoint.
type State struct {
	Version   int    `json:"version"`
	Method    string `json:"method"`
	Model     string `json:"model"`
	Step      int    `json:"step"`      // optimiser steps done
	Epoch     int    `json:"epoch"`     // epoch of the next batch
	Position  int    `json:"position"`  // samples of this epoch's order that are used up
	Begun     int    `json:"begun"`     // epochs that have begun: the method's preparation for them is done
	Evaluated int    `json:"evaluated"` // step after which the run measured itself last
	Samples   int    `json:"samples"`   // clips trained on, all epochs
	RNG       []byte `json:"rng"`       // the engine's generators, after the step
	Extra     []byte `json:"extra"`     // what the method keeps beside its tensors, nil for most

	Loss    float64      `json:"loss"`    // of the last step
	Best    float64      `json:"best"`    // best kNN during training, 0 before the first
	Skipped []clips.Skip `json:"skipped"` // files left out so far, each once
	Seconds float64      `json:"seconds"` // spent in training, over all sittings
	Waited  float64      `json:"waited"`  // seconds of these spent waiting for data

	Files map[string]fileSum `json:"files"` // what the checkpoint's other files must be
}

// fileSum identifies the content of a checkpoint's file.
type fileSum struct {
	Bytes  int64  `json:"bytes"`
	SHA256 string `json:"sha256"`
}
