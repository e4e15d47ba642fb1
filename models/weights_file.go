package models

import (
	"errors"
	"fmt"
	"io"
	"os"

	"vssl/internal/pytorch"
	"vssl/internal/safetensors"
)

// storedTensor is a tensor in a file of weights.
type storedTensor struct {
	Name  string
	DType safetensors.DType
	Shape []int
	Size  int64                            // bytes
	read  func(dst []byte) ([]byte, error) // its elements, row-major and little-endian; dst is used where it is large enough
}

// weightsFile is an open file of weights of either kind.
type weightsFile struct {
	tensors  []storedTensor
	metadata map[string]string // nil where the kind has none
	io.Closer
}

// openWeights opens a safetensors file or a PyTorch checkpoint; the content tells which, not the name. Errors of the
// content wrap safetensors.ErrFormat or pytorch.ErrFormat and name the file.
func openWeights(path string) (*weightsFile, error) {
	head, err := readHead(path)
	if err != nil {
		return nil, err
	}
	if pytorch.Recognise(head) {
		return openCheckpoint(path)
	}
	f, err := safetensors.Open(path)
	if errors.Is(err, safetensors.ErrFormat) {
		return nil, fmt.Errorf("%w; nor is it a checkpoint that torch.save wrote", err)
	}
	if err != nil {
		return nil, err
	}
	w := &weightsFile{metadata: f.Metadata(), Closer: f}
	for _, info := range f.Tensors() {
		w.tensors = append(w.tensors, storedTensor{info.Name, info.DType, info.Shape, info.Size,
			func(dst []byte) ([]byte, error) { return f.Read(dst, info) }})
	}
	return w, nil
}

func openCheckpoint(path string) (*weightsFile, error) {
	f, err := pytorch.Open(path)
	if err != nil {
		return nil, err
	}
	w := &weightsFile{Closer: f}
	for _, info := range f.Tensors() {
		w.tensors = append(w.tensors, storedTensor{info.Name, info.DType, info.Shape, info.Size,
			func(dst []byte) ([]byte, error) { return f.Read(dst, info) }})
	}
	return w, nil
}

// readHead returns the first eight bytes, fewer where the file has no more.
func readHead(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	stat, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if stat.IsDir() {
		return nil, fmt.Errorf("%s is a folder, want a file of weights", path)
	}
	head := make([]byte, 8)
	n, err := io.ReadFull(f, head)
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		err = nil
	}
	return head[:n], err
}

// Metadata reads the strings that the weights at path carry, nil for none; the tensors stay unread.
func Metadata(path string) (map[string]string, error) {
	f, err := openWeights(path)
	if err != nil {
		return nil, err
	}
	return f.metadata, f.Close()
}
