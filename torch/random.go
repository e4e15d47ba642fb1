package torch

import (
	"encoding/binary"
	"fmt"

	"vssl/torch/internal/libtorch"
)

// Seed seeds the random numbers of all devices.
func Seed(seed uint64) { done("seed", libtorch.Seed(seed)) }

// RNGState returns the state of the CPU's generator and, once CUDA has been used, of each CUDA device's, for SetRNGState.
func RNGState() []byte {
	devices := []int{-1}
	if libtorch.CUDAUsed() {
		for i := range CUDACount() {
			devices = append(devices, i)
		}
	}
	var state []byte
	In(func(*Scope) {
		for _, d := range devices {
			one := adopt("rng_state", libtorch.RNGState(d)).Bytes()
			state = binary.LittleEndian.AppendUint32(state, uint32(len(one)))
			state = append(state, one...)
		}
	})
	return state
}

// SetRNGState restores what RNGState returned. States of CUDA devices that this machine does not have are left out. A state
// that is cut or not one is an error, and changes nothing.
func SetRNGState(state []byte) (err error) {
	parts, err := splitState(state)
	if err != nil {
		return err
	}
	defer Recover(&err, "random state")
	In(func(*Scope) {
		for i, part := range parts {
			if i == 0 || i-1 < CUDACount() {
				done("set_rng_state", libtorch.SetRNGState(i-1, FromBytes(UInt8, part, len(part)).h))
			}
		}
	})
	return nil
}

// splitState undoes the framing of RNGState: each state after its length.
func splitState(state []byte) ([][]byte, error) {
	var parts [][]byte
	for rest := state; len(rest) > 0; {
		if len(rest) < 4 || uint64(len(rest)-4) < uint64(binary.LittleEndian.Uint32(rest)) {
			return nil, fmt.Errorf("random state of %d bytes is cut", len(state))
		}
		n := binary.LittleEndian.Uint32(rest)
		parts = append(parts, rest[4:4+n])
		rest = rest[4+n:]
	}
	if len(parts) == 0 {
		return nil, fmt.Errorf("random state is empty")
	}
	return parts, nil
}
