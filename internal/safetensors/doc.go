// Package safetensors reads and writes the safetensors container: named tensors, a map of strings, no code.
//
// A file is an 8-byte little-endian length, a JSON header of that length and the tensors' bytes, row-major and
// little-endian. Every number in the header is checked before it is used, because weights come from strangers:
// what [New] accepts can be read without a bound check failing later.
package safetensors
