package torch

import "fmt"

// Split cuts dimension d into pieces of the given size, the last one smaller where it does not fit; views.
func (t *Tensor) Split(size, d int) []*Tensor {
	n := t.Dim(d)
	if size < 1 {
		panic(&Error{Op: "split", Shapes: [][]int{t.Shape()}, Message: fmt.Sprintf("size is %d, want at least 1", size)})
	}
	var pieces []*Tensor
	for start := 0; start < n; start += size {
		pieces = append(pieces, t.Narrow(d, start, min(size, n-start)))
	}
	return pieces
}

// Chunk cuts dimension d into n pieces of one size, the last one smaller, or fewer pieces, where it does not fit; views.
func (t *Tensor) Chunk(n, d int) []*Tensor {
	if n < 1 {
		panic(&Error{Op: "chunk", Shapes: [][]int{t.Shape()}, Message: fmt.Sprintf("n is %d, want at least 1", n)})
	}
	return t.Split(max(1, (t.Dim(d)+n-1)/n), d)
}
