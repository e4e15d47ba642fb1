package objective

import (
	"fmt"
	"math"

	"vssl/torch"
)

// AND is the loss of Anchor Neighbourhood Discovery (1904.11567): a sample is to be found among all rows
// of the bank, or, where it is an anchor, any of its neighbours.
//
//	xBD           [B, D] float, rows of norm 1
//	indicesB      [B] int64, rows of the bank
//	bankND        [N, D] float, rows of norm 1
//	positionN     [N] int64, the row of neighbours of an anchor; below 0 for the others
//	neighboursAK  [A, K] int64, rows of the bank
//	tau           temperature, no unit, > 0; the authors' 0.1
//
// It returns -log of the summed probabilities in nats, the mean over B, with a gradient to x only. The bank is renewed with
// UpdateRows afterwards. It panics if tau is not positive.
func AND(xBD, indicesB, bankND, positionN, neighboursAK *torch.Tensor, tau float64) *torch.Tensor {
	checkTemperature(tau)
	logPBN := xBD.MatMul(bankND.Detach().T()).DivScalar(tau).LogSoftmax(1)
	foundBK := logPBN.Gather(1, indicesB.Unsqueeze(1))
	if neighboursAK.Numel() > 0 {
		positionB := positionN.IndexSelect(0, indicesB)
		theirsBK := logPBN.Gather(1, neighboursAK.IndexSelect(0, positionB.ClampMin(0)))
		theirsBK = theirsBK.MaskedFill(positionB.LtScalar(0).Unsqueeze(1), math.Inf(-1))
		foundBK = torch.Cat([]*torch.Tensor{foundBK, theirsBK}, 1)
	}
	return foundBK.LogSumExp(false, 1).Mean().Neg()
}

// ANDConfig says how many anchors are found.
type ANDConfig struct {
	Temperature float64 // no unit, > 0; the authors' 0.1
	Rate        float64 // share of the bank that becomes anchors in a round, > 0; the authors' 0.25
	Round       int     // >= 0; Rate*Round is at most 1
	Neighbours  int     // of each anchor, >= 1; the authors' 1
}

// ANDAnchors are the anchors of a round.
type ANDAnchors struct {
	EntropyN     *torch.Tensor // [N] in the type of the bank, nats
	AnchorsA     *torch.Tensor // [A] int64, rows of the bank of lowest entropy, lowest first
	NeighboursAK *torch.Tensor // [A, K] int64, rows of the bank, nearest first, without the anchor
	PositionN    *torch.Tensor // [N] int64, the place in AnchorsA; -1, -2, ... for the others, in the order of the bank
}

// ANDSelect finds the anchors of a round (1904.11567): the trunc(N*Rate*Round) rows whose distribution over the
// bank, themselves included, has the lowest entropy. bankND is [N, D] float with rows of norm 1. The N x N similarities are
// never held at once. Nothing has a gradient. It panics for a configuration that asks for more rows than there are.
func ANDSelect(bankND *torch.Tensor, c ANDConfig) (r ANDAnchors) {
	checkTemperature(c.Temperature)
	n := bankND.Dim(0)
	anchors := int(float32(float32(n)*float32(c.Rate)) * float32(c.Round)) // float32 as the authors: 0.7 of 90 are 63, not 62
	if anchors < 0 || anchors > n || c.Neighbours < 1 || c.Neighbours > n-1 {
		panic(fmt.Sprintf("objective: %d anchors with %d neighbours, want 0..%d with 1..%d", anchors, c.Neighbours, n, n-1))
	}
	torch.NoGrad(func() {
		bankND = bankND.Detach()
		r.EntropyN = torch.Empty([]int{n}, bankND.DType(), bankND.Device())
		inBlocks(n, func(from, size int) {
			logPBN := bankND.Narrow(0, from, size).MatMul(bankND.T()).DivScalar(c.Temperature).LogSoftmax(1)
			r.EntropyN.Narrow(0, from, size).Copy_(logPBN.Exp().Mul(logPBN).SumDims(false, 1).Neg())
		})
		orderN := r.EntropyN.ArgSort(0, false)
		r.AnchorsA = orderN.Narrow(0, 0, anchors)
		r.NeighboursAK = nearestOthers(bankND, r.AnchorsA, c.Neighbours)
		r.PositionN = anchorPositions(orderN, anchors)
	})
	return r
}

// nearestOthers are the k rows of highest product with each of the given rows, which are left out themselves.
func nearestOthers(bankND, rowsA *torch.Tensor, k int) *torch.Tensor {
	a := rowsA.Dim(0)
	nearestAK := torch.Empty([]int{a, k}, torch.Int64, bankND.Device())
	inBlocks(a, func(from, size int) {
		blockB := rowsA.Narrow(0, from, size)
		sBN := bankND.IndexSelect(0, blockB).MatMul(bankND.T())
		selfB1 := torch.Full([]int{size, 1}, math.Inf(-1), sBN.DType(), sBN.Device())
		_, places := sBN.Scatter(1, blockB.Unsqueeze(1), selfB1).TopK(k, 1, true)
		nearestAK.Narrow(0, from, size).Copy_(places)
	})
	return nearestAK
}

// anchorPositions numbers the first rows of an order 0, 1, ..., and the others -1, -2, ... by their index.
func anchorPositions(orderN *torch.Tensor, anchors int) *torch.Tensor {
	n := orderN.Dim(0)
	place := orderN.ZerosLike()
	place.IndexCopy_(0, orderN, torch.Arange(n, orderN.Device()))
	other := place.GeScalar(float64(anchors))
	return other.Where(other.To(torch.Int64).Cumsum(0).Neg(), place)
}

// inBlocks calls f for parts of 0..n-1, each in a scope of its own.
func inBlocks(n int, f func(from, size int)) {
	const block = 1024
	for from := 0; from < n; from += block {
		torch.In(func(*torch.Scope) { f(from, min(block, n-from)) })
	}
}
