package memory

import (
	"vssl/methods/objective"
	"vssl/models/nn"
	"vssl/torch"
)

// Bank holds a feature of every sample of the set, 1805.01978: each is renewed when its sample is seen.
type Bank struct {
	rows *nn.Entry // [N, D] float32, rows of norm 1
	z    *nn.Entry // [1] float32, constant of noise-contrastive estimation, below 0 until it was set
}

// NewBank registers a bank of n samples with d features as buffers "rows" and "z" of node. It begins with random rows of
// norm 1. It panics if a size is not positive.
func NewBank(node *nn.Node, n, d int) *Bank {
	b := &Bank{}
	torch.In(func(*torch.Scope) {
		b.rows = node.Buffer("rows", randomRows(n, d))
		b.z = node.Buffer("z", torch.Full([]int{1}, -1, torch.Float32, torch.CPU))
	})
	return b
}

// Len is N.
func (b *Bank) Len() int { return b.rows.Tensor.Dim(0) }

// Rows are all rows, [N, D]: the bank's own tensor, which Update changes. A loss that multiplies by the whole of it needs its
// backward pass before Update; one that goes by Lookup or objective.BankScores does not.
func (b *Bank) Rows() *torch.Tensor { return b.rows.Tensor }

// Lookup returns copies of the rows at idx, int64 of any shape, with D as a further dimension.
func (b *Bank) Lookup(idx *torch.Tensor) *torch.Tensor { return torch.Embedding(b.rows.Tensor, idx) }

// Update renews the rows of a batch: n(m*row + (1-m)*x).
//
//	indicesB  [B] int64, each row once
//	xBD       [B, D] float, rows of norm 1
//	momentum  m, 0..1
func (b *Bank) Update(indicesB, xBD *torch.Tensor, momentum float64) {
	torch.In(func(*torch.Scope) { objective.WriteRows(b.rows.Tensor, indicesB, xBD, momentum) })
}

// Noise draws k rows for each of batch samples, evenly and with repetition, [B, K] int64 on the bank's device. It may draw a
// sample's own row.
func (b *Bank) Noise(batch, k int) *torch.Tensor {
	return torch.RandInt(0, b.Len(), []int{batch, k}, b.rows.Tensor.Device())
}

// Z is the constant as objective.LogProbabilities takes it: below 0 as long as KeepZ was not called.
func (b *Bank) Z() float64 { return b.z.Tensor.Float() }

// KeepZ keeps the constant, one number, that the first step estimated.
func (b *Bank) KeepZ(z *torch.Tensor) { b.z.Tensor.Copy_(z.Detach()) }
