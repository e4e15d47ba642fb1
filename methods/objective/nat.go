package objective

import (
	"fmt"

	"vssl/torch"
)

// NoiseAsTargets is the loss of 1704.05310: features are drawn to fixed random targets, each to one of its own.
//
//	xBD        [B, D] float, any length
//	targetsBD  [B, D] float, rows of norm 1
//	paper      divide by 2B as in the paper; the authors' code sums over B
//
// The targets are assigned one to one so that the sum of products is largest. The loss is the sum of squared distances of the
// normalised features to their targets, with a gradient to x; the assignment, held constant, is the row of targets of each
// sample. It panics with values that are not finite and unless there are as many targets as features.
func NoiseAsTargets(xBD, targetsBD *torch.Tensor, paper bool) (loss *torch.Tensor, assignment []int) {
	b := xBD.Dim(0)
	if targetsBD.Dim(0) != b {
		panic(fmt.Sprintf("objective: %d targets for %d features, want as many", targetsBD.Dim(0), b))
	}
	zBD := xBD.Normalize(1, tiny)
	assignment = AssignMax(zBD.Detach().MatMul(targetsBD.Detach().T()).Float64s(), b, b)
	ownBD := targetsBD.Detach().IndexSelect(0, torch.FromInts(assignment).ToDevice(xBD.Device()))
	loss = zBD.Sub(ownBD).Square().Sum()
	if paper {
		loss = loss.DivScalar(float64(2 * b))
	}
	return loss, assignment
}
