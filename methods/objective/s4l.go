package objective

import (
	"fmt"
	"math"

	"vssl/torch"
)

// S4LTerms are the parts of a loss of S4L, scalars in nats.
type S4LTerms struct {
	Loss  *torch.Tensor // Class plus weight times Self
	Class *torch.Tensor // of the labels
	Self  *torch.Tensor // of the rotations, or of the triplets
}

// S4LRotation is the loss of S4L-Rotation (1905.03670): labels and rotations are learnt together.
//
//	classNC     [4S, C] float, logits of S labelled pictures, turned by 0, 90, 180 and 270 degrees, picture after picture
//	labelsS     [S] int64
//	rotationN4  one or more of [4U, 4] float, logits of the rotation, in the same order: for pictures without labels, with
//	weight      of the rotations, no unit; the authors' 1
//
// The cross-entropy is the mean over rows, the one of the rotations the mean over the sets given. Gradients of Loss go to all
// logits. It panics without a set and where rows are not four a picture.
func S4LRotation(classNC, labelsS *torch.Tensor, weight float64, rotationN4 ...*torch.Tensor) S4LTerms {
	const turns = 4
	if len(rotationN4) == 0 {
		panic("objective: no logits of rotations, want one set or more")
	}
	class := repeatedLabels(classNC, labelsS)
	sets := make([]*torch.Tensor, len(rotationN4))
	for i, logitsN4 := range rotationN4 {
		n := logitsN4.Dim(0)
		if n == 0 || n%turns != 0 {
			panic(fmt.Sprintf("objective: %d rows of rotations, want 4 a picture", n))
		}
		sets[i] = torch.CrossEntropy(logitsN4, torch.Arange(turns, logitsN4.Device()).Repeat(n/turns))
	}
	return s4l(class, torch.Stack(sets, 0).Mean(), weight)
}

// S4LExemplarHard is the loss of S4L-Exemplar (1905.03670) with the hardest triplets of the batch (1703.07737).
//
//	classNC     [N, C] float, logits; N is a multiple of I, and the rows of a picture follow each other
//	labelsI     [I] int64
//	zND         [N, D] float, any length
//	instanceN   [N] int64, which picture a row is a view of
//	weight      of the triplets, no unit; the authors' 1
//
// Rows of z are normalised. Each has softplus(the largest distance to its own instance - the smallest to another one), the
// mean over N; a row without one or the other adds 0. Gradients of Loss go to both logits and z; equal distances share theirs.
// It takes N² D numbers of memory.
func S4LExemplarHard(classNC, labelsI, zND, instanceN *torch.Tensor, weight float64) S4LTerms {
	const least = 1e-12 // of a squared distance: the root has no slope at 0
	sameNN := sameInstance(instanceN)
	dNN := squaredDistances(zND.Normalize(1, tiny)).ClampMin(least).Sqrt()
	ownN := dNN.MaskedFill(sameNN.LogicalNot(), math.Inf(-1)).MaskDiagonal(math.Inf(-1)).AmaxDims(false, 1)
	otherN := dNN.MaskedFill(sameNN, math.Inf(1)).AminDims(false, 1)
	return s4l(repeatedLabels(classNC, labelsI), ownN.Sub(otherN).Softplus().Mean(), weight)
}

// S4LExemplarSemihard is S4LExemplarHard with semi-hard triplets (1503.03832): for each ordered pair of rows of an instance, the
// negative is the nearest row of another instance that is farther away than the pair, and the farthest of all where none is.
//
//	margin  in squared distance of rows of length 1, > 0
//
// The triplets' loss is max(0, margin + d(pair) - d(negative)), the mean over the pairs; with no pair at all it is 0, and so is
// that of a pair without negatives. It takes N² D and N³ numbers of memory.
func S4LExemplarSemihard(classNC, labelsI, zND, instanceN *torch.Tensor, weight, margin float64) S4LTerms {
	sameNN := sameInstance(instanceN)
	dNN := squaredDistances(zND.Normalize(1, tiny))
	d1NN, dN1N := dNN.Unsqueeze(2), dNN.Unsqueeze(1) // [anchor, partner, 1] and [anchor, 1, negative]
	closerNNN := dN1N.Le(d1NN).LogicalOr(sameNN.Unsqueeze(1))
	nearestNN := dN1N.MaskedFill(closerNNN, math.Inf(1)).AminDims(false, 2)
	farthestN1 := dNN.MaskedFill(sameNN, math.Inf(-1)).AmaxDims(true, 1)
	noneNN := nearestNN.EqScalar(math.Inf(1))
	negativeNN := noneNN.Where(farthestN1, nearestNN)
	pairsNN := sameNN.MaskDiagonal(0)
	usedNN := pairsNN.LogicalAnd(negativeNN.GtScalar(math.Inf(-1)))
	hinges := dNN.Sub(negativeNN).AddScalar(margin).Relu().MaskedFill(usedNN.LogicalNot(), 0)
	triplets := hinges.Sum().Div(pairsNN.Sum().ClampMin(1).To(hinges.DType()))
	return s4l(repeatedLabels(classNC, labelsI), triplets, weight)
}

func s4l(class, self *torch.Tensor, weight float64) S4LTerms {
	return S4LTerms{Loss: class.AddScaled(self, weight), Class: class, Self: self}
}

// repeatedLabels is the cross-entropy of logits [N, C] whose rows belong, N/I each, to the labels [I].
func repeatedLabels(logitsNC, labelsI *torch.Tensor) *torch.Tensor {
	n, i := logitsNC.Dim(0), labelsI.Dim(0)
	if i == 0 || n == 0 || n%i != 0 {
		panic(fmt.Sprintf("objective: %d rows of logits for %d labels, want a multiple", n, i))
	}
	return torch.CrossEntropy(logitsNC, labelsI.RepeatInterleave(n/i, 0))
}

func sameInstance(instanceN *torch.Tensor) *torch.Tensor {
	return instanceN.Unsqueeze(0).Eq(instanceN.Unsqueeze(1))
}

// squaredDistances are those between rows of z [N, D], [N, N].
func squaredDistances(zND *torch.Tensor) *torch.Tensor {
	return zND.Unsqueeze(1).Sub(zND.Unsqueeze(0)).Square().SumDims(false, 2)
}
