package models

import (
	"fmt"
	"maps"
	"strings"

	"vssl/internal/safetensors"
)

// Converted says what a Convert did.
type Converted struct {
	Metadata map[string]string // that was written
	Written  []string          // names in the new file
	Left     []string          // tensors of the old file that are not in the new one, by their names there
}

// Convert copies the tensors of the weights at from, safetensors or a PyTorch checkpoint, to a safetensors file at to:
// those whose names begin with prefix, without it, in their own types. metadata is added to the old file's, of which an
// empty value removes a key. The new file appears whole or not at all. It returns ErrMismatch where no name begins with
// prefix, the errors of Load about the old file, and those of writing.
func Convert(from, to, prefix string, metadata map[string]string) (*Converted, error) {
	f, err := openWeights(from)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	done := &Converted{Metadata: map[string]string{}}
	maps.Copy(done.Metadata, f.metadata)
	maps.Copy(done.Metadata, metadata)
	maps.DeleteFunc(done.Metadata, func(_, v string) bool { return v == "" })
	var entries []safetensors.Entry
	for _, s := range f.tensors {
		name, ok := strings.CutPrefix(s.Name, prefix)
		if !ok || name == "" {
			done.Left = append(done.Left, s.Name)
			continue
		}
		done.Written = append(done.Written, name)
		entries = append(entries, safetensors.Entry{Name: name, DType: s.DType, Shape: s.Shape,
			Fill: func(dst []byte) error { _, err := s.read(dst); return err }})
	}
	if len(entries) == 0 {
		return nil, fmt.Errorf("%s: %w: no name of a tensor begins with %q", from, ErrMismatch, prefix)
	}
	return done, writeFile(to, done.Metadata, entries)
}
