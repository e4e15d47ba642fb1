package objective_test

import (
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"vssl/methods/objective"
	"vssl/torch"
)

func TestNoiseAsTargetsFindsItsTargets(t *testing.T) {
	torch.In(func(*torch.Scope) {
		targets := drawn(1, 7, 4).Normalize(1, 1e-12)
		order := []int{3, 0, 6, 2, 1, 5, 4}
		x := targets.IndexSelect(0, torch.FromInts(order)).MulScalar(5)
		loss, assignment := objective.NoiseAsTargets(x, targets, false)
		if !slices.Equal(assignment, order) || loss.Float() > 1e-12 {
			t.Errorf("assignment %v at loss %g, want %v at 0", assignment, loss.Float(), order)
		}
		if _, one := objective.NoiseAsTargets(drawn(2, 1, 4), targets.Narrow(0, 0, 1), true); one[0] != 0 {
			t.Errorf("a batch of 1 has target %d", one[0])
		}
	})
	panics(t, "too few targets", func() { objective.NoiseAsTargets(drawn(1, 3, 2), drawn(2, 2, 2), false) })
}

func TestANDCountsNeighbours(t *testing.T) {
	torch.In(func(*torch.Scope) {
		bank := drawn(1, 4, 3).Normalize(1, 1e-12)
		at := torch.FromInts([]int{2})
		x := bank.IndexSelect(0, at)
		all := torch.FromInts([]int{0, 1, 3}, 1, 3)
		if got := objective.AND(x, at, bank, torch.FromInts([]int{-1, -2, 0, -3}), all, 0.1).Float(); math.Abs(got) > 1e-12 {
			t.Errorf("all rows are right, and the loss is %g", got)
		}
		alone := objective.AND(x, at, bank, torch.FromInts([]int{0, -1, -2, -3}), all, 0.1).Float()
		if want := torch.CrossEntropy(x.MatMul(bank.T()).DivScalar(0.1), at).Float(); math.Abs(alone-want) > 1e-12 {
			t.Errorf("not an anchor: %g, want %g", alone, want)
		}
	})
}

// TestANDSelect checks against one pass over all similarities, with more rows than a block.
func TestANDSelect(t *testing.T) {
	torch.In(func(*torch.Scope) {
		const n, k = 1100, 2
		bank := drawn(1, n, 3).Normalize(1, 1e-12)
		got := objective.ANDSelect(bank, objective.ANDConfig{Temperature: 0.1, Rate: 0.5, Round: 2, Neighbours: k})
		s := bank.MatMul(bank.T())
		p := s.DivScalar(0.1).Softmax(1)
		entropy := p.Mul(p.Log()).SumDims(false, 1).Neg()
		if !near(got.EntropyN.Float64s(), entropy.Float64s(), 1e-10) {
			t.Error("the entropies differ from those of one pass")
		}
		_, nearest := s.MaskDiagonal(math.Inf(-1)).TopK(k, 1, true)
		want := nearest.IndexSelect(0, got.AnchorsA)
		if !slices.Equal(got.NeighboursAK.Int64s(), want.Int64s()) {
			t.Error("the neighbours differ from those of one pass")
		}
	})
	torch.In(func(*torch.Scope) {
		c := objective.ANDConfig{Temperature: 1, Rate: 0.7, Round: 1, Neighbours: 1}
		if n := objective.ANDSelect(drawn(1, 90, 2), c).AnchorsA.Dim(0); n != 63 {
			t.Errorf("%d anchors, want 0.7 of 90", n)
		}
	})
	panics(t, "more anchors than rows", func() {
		objective.ANDSelect(drawn(1, 4, 2), objective.ANDConfig{Temperature: 1, Rate: 0.5, Round: 3, Neighbours: 1})
	})
}

// TestANDSelectNumbersEveryRow: anchors know their place, the others count down.
func TestANDSelectNumbersEveryRow(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n, round := rapid.IntRange(2, 12).Draw(t, "n"), rapid.IntRange(0, 4).Draw(t, "round")
		seed := rapid.Uint64().Draw(t, "seed")
		torch.In(func(*torch.Scope) {
			bank := drawn(seed, n, 3).Normalize(1, 1e-12)
			r := objective.ANDSelect(bank, objective.ANDConfig{Temperature: 0.5, Rate: 0.25, Round: round, Neighbours: 1})
			anchors, next := r.AnchorsA.Int64s(), int64(-1)
			for i, p := range r.PositionN.Int64s() {
				switch {
				case p >= 0 && anchors[p] == int64(i):
				case p == next:
					next--
				default:
					t.Fatalf("row %d of %v has position %d, want its place in it or %d", i, anchors, p, next)
				}
			}
			if len(anchors)+int(-1-next) != n {
				t.Fatalf("%d anchors and %d others of %d rows", len(anchors), -1-next, n)
			}
		})
	})
}

// TestBallOfAllKeys: with everything near, Ball is the cross-entropy of the queue, and so is Ring with nothing too near.
func TestBallOfAllKeys(t *testing.T) {
	torch.In(func(*torch.Scope) {
		x, y, queue := drawn(1, 3, 4), drawn(2, 3, 4), drawn(3, 9, 4).Normalize(1, 1e-12)
		c := objective.RingConfig{Temperature: 0.2, Outer: 1, DynamicInner: true, SelfNegative: true}
		n, m := x.Normalize(1, 1e-12), y.Normalize(1, 1e-12)
		logits := torch.Cat([]*torch.Tensor{n.Mul(m).SumDims(true, 1), n.MatMul(queue.T())}, 1).DivScalar(0.2)
		want := torch.CrossEntropy(logits, torch.FromInts([]int{0, 0, 0})).Float()
		for name, got := range map[string]float64{
			"ball": objective.Ball(x, y, queue, c).Float(), "ring": objective.Ring(x, y, queue, c).Float(),
			"keys in another order": objective.Ball(x, y, queue.Flip(0), c).Float(),
		} {
			if math.Abs(got-want) > 1e-12 {
				t.Errorf("%s: %g, want %g", name, got, want)
			}
		}
		c.Inner = 1
		if got := objective.Ring(x, y, queue, c).Float(); math.Abs(got) > 1e-12 {
			t.Errorf("all keys are too near, and the loss is %g", got)
		}
	})
	none := objective.RingConfig{Temperature: 0.2, Outer: 0.1}
	panics(t, "no negatives", func() { objective.Ball(drawn(1, 2, 3), drawn(2, 2, 3), drawn(3, 9, 3), none) })
	panics(t, "a share of 2", func() {
		objective.Ring(drawn(1, 2, 3), drawn(2, 2, 3), drawn(3, 9, 3), objective.RingConfig{Temperature: 1, Outer: 2})
	})
}

func TestNegativeMarginWithoutMargin(t *testing.T) {
	torch.In(func(*torch.Scope) {
		x, w, labels := drawn(1, 4, 3), drawn(2, 5, 3), torch.FromInts([]int{4, 0, 2, 2})
		got, _ := objective.NegativeMarginSoftmax(x, w, labels, 0, 1)
		if want := torch.CrossEntropy(x.MatMul(w.T()), labels).Float(); math.Abs(got.Float()-want) > 1e-12 {
			t.Errorf("softmax: %g, want the cross-entropy %g", got.Float(), want)
		}
		far, _ := objective.NegativeMarginCosine(x.MulScalar(7), w.MulScalar(0.1), labels, 0.2, 10)
		same, _ := objective.NegativeMarginCosine(x, w, labels, 0.2, 10)
		if math.Abs(far.Float()-same.Float()) > 1e-12 {
			t.Errorf("cosine: lengths matter, %g and %g", far.Float(), same.Float())
		}
	})
}

// TestUnMixRegionKeepsItsShare: the share that is returned is the one of pixels that are the picture's own.
func TestUnMixRegionKeepsItsShare(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h, w := rapid.IntRange(1, 9).Draw(t, "h"), rapid.IntRange(1, 9).Draw(t, "w")
		lam := rapid.Float64Range(0, 1).Draw(t, "lam")
		cy, cx := rapid.IntRange(0, h-1).Draw(t, "cy"), rapid.IntRange(0, w-1).Draw(t, "cx")
		torch.In(func(*torch.Scope) {
			x := drawn(1, 2, 1, h, w)
			mixed, kept := objective.UnMixRegion(x, lam, cy, cx)
			own := mixed.Eq(x).To(torch.Float64).Mean().Float()
			if math.Abs(own-kept) > 1e-12 || !mixed.Eq(x).LogicalOr(mixed.Eq(x.Flip(0))).All().True() {
				t.Fatalf("%g of the pixels are the picture's own, and %g is returned", own, kept)
			}
		})
	})
	panics(t, "a share of 2", func() { objective.UnMixGlobal(drawn(1, 2, 1, 2, 2), 2) })
}

func TestJigsawPatchesTileThePicture(t *testing.T) {
	torch.In(func(*torch.Scope) {
		picture, none := drawn(1, 3, 6, 6), []int{0, 0, 0, 0}
		grid := objective.JigsawGrid{Cells: 2, Crop: 3}
		rows := objective.JigsawPatches(picture, none, none, []int{0, 1, 2, 3}, grid)
		grid.ByColumn = true
		columns := objective.JigsawPatches(picture, none, none, []int{0, 2, 1, 3}, grid)
		if !rows.Eq(columns).All().True() {
			t.Error("the second patch along the rows is not the third down the columns")
		}
		tiles := rows.Reshape(2, 2, 3, 3, 3).Permute(2, 0, 3, 1, 4).Reshape(3, 6, 6)
		if !tiles.Eq(picture).All().True() {
			t.Error("patches without offsets do not tile the picture")
		}
	})
	grid, four := objective.JigsawGrid{Cells: 2, Crop: 3}, []int{0, 1, 2, 3}
	panics(t, "outside", func() { objective.JigsawPatches(drawn(1, 3, 6, 6), four, four, four, grid) })
	panics(t, "three offsets", func() { objective.JigsawPatches(drawn(1, 3, 6, 6), four[:3], four, four, grid) })
	panics(t, "patch 4", func() {
		objective.JigsawPatches(drawn(1, 3, 6, 6), []int{0, 0, 0, 0}, []int{0, 0, 0, 0}, []int{0, 1, 2, 4}, grid)
	})
}
