package objective

import (
	"fmt"

	"vssl/torch"
)

// JigsawGrid says how a picture is cut into patches.
type JigsawGrid struct {
	Cells    int  // a side, >= 1; the papers' 3
	Crop     int  // height and width of a patch in pixels; the papers' 64 of a picture of 255
	ByColumn bool // patches are numbered down the columns, as VISSL does, instead of along the rows
}

// JigsawPatches cuts a picture into one patch a cell of a grid and shuffles them, as PIRL (1912.01991) and the jigsaw puzzle
// (1603.09246) ask.
//
//	imageCSS  [C, S, S], any type; also [T, C, S, S] and the like: the last two dimensions are cut
//	offsetY, offsetX  pixels from the corner of its cell to that of each patch, by patch before the shuffle
//	perm      the patch at each place
//
// It returns [Cells², C, Crop, Crop]. It panics for lists of other lengths and for patches that leave the picture.
func JigsawPatches(imageCSS *torch.Tensor, offsetY, offsetX, perm []int, g JigsawGrid) *torch.Tensor {
	n := g.Cells * g.Cells
	if n < 1 || len(offsetY) != n || len(offsetX) != n || len(perm) != n {
		panic(fmt.Sprintf("objective: %d and %d offsets and %d places, want %d for %d cells a side",
			len(offsetY), len(offsetX), len(perm), n, g.Cells))
	}
	cellY, cellX := imageCSS.Dim(-2)/g.Cells, imageCSS.Dim(-1)/g.Cells
	patches := make([]*torch.Tensor, n)
	for place, p := range perm {
		if p < 0 || p >= n {
			panic(fmt.Sprintf("objective: patch %d, want 0..%d", p, n-1))
		}
		row, column := p/g.Cells, p%g.Cells
		if g.ByColumn {
			row, column = column, row
		}
		y, x := cellY*row+offsetY[p], cellX*column+offsetX[p]
		patches[place] = imageCSS.Narrow(-2, y, g.Crop).Narrow(-1, x, g.Crop)
	}
	return torch.Stack(patches, 0)
}
