package memory

import (
	"fmt"

	"vssl/methods/objective"
	"vssl/models/nn"
	"vssl/torch"
)

// Queue is a ring of the newest keys, MoCo's dictionary (1911.05722, section 3.2).
type Queue struct {
	keys *nn.Entry // [K, D] float32, rows of norm 1
	ptr  *nn.Entry // [1] int64, place of the oldest key
}

// NewQueue registers a queue of k keys of d features as buffers "keys" and "ptr" of n. It begins with random keys of norm 1. It
// panics if a size is not positive.
func NewQueue(n *nn.Node, k, d int) *Queue {
	q := &Queue{}
	torch.In(func(*torch.Scope) {
		q.keys = n.Buffer("keys", randomRows(k, d))
		q.ptr = n.Buffer("ptr", torch.Zeros([]int{1}, torch.Int64, torch.CPU))
	})
	return q
}

// Keys returns a copy of the keys, [K, D], in the innermost open scope. A copy, because a loss that was computed with the
// keys still needs them in its backward pass, which may come after Push.
func (q *Queue) Keys() *torch.Tensor { return q.keys.Tensor.Clone() }

// Push replaces the oldest keys by those of a batch, kBD [B, D] float of any length, brought to norm 1. A batch need not
// divide the queue; of more than K keys the last K stay. It panics with a *torch.Error for another D.
func (q *Queue) Push(kBD *torch.Tensor) {
	torch.In(func(*torch.Scope) {
		objective.WriteKeys(q.keys.Tensor, objective.UnitRows(kBD), q.ptr.Tensor)
	})
}

// randomRows are n directions drawn evenly, [n, d] float32.
func randomRows(n, d int) *torch.Tensor {
	if n <= 0 || d <= 0 {
		panic(fmt.Sprintf("memory: %d rows of %d features, want some of both", n, d))
	}
	return objective.UnitRows(torch.Randn([]int{n, d}, torch.Float32, torch.CPU))
}
