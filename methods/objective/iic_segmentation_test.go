package objective_test

import (
	"math"
	"testing"

	"vssl/methods/objective"
	"vssl/torch"
)

// TestSegmentationPlainly compares with the sums over offsets, samples and pixels written out in loops.
func TestSegmentationPlainly(t *testing.T) {
	const b, k, h, w = 2, 3, 4, 5
	torch.In(func(*torch.Scope) {
		x1, x2 := drawn(3, b, k, h, w).Softmax(1), drawn(4, b, k, h, w).Softmax(1)
		for _, c := range []struct{ half, dx, dy int }{{0, 0, 0}, {1, 0, 0}, {2, 1, -2}, {5, -1, 0}, {0, 9, 0}} {
			pair := objective.SegmentationPair{X1BKHW: x1, X2BKHW: x2, ShiftX: c.dx, ShiftY: c.dy}
			cfg := objective.SegmentationConfig{Lamb: 1, HalfSide: c.half}
			collapsed := objective.IICSegmentation(pair, cfg).Joint.Float64s()
			cfg.Uncollapsed = true
			apart := objective.IICSegmentation(pair, cfg).Joint.Float64s()
			total := make([]float64, k*k)
			for i, offset := range offsets(c.half) {
				one := plainJoint(x1.Float64s(), x2.Float64s(), [4]int{b, k, h, w}, offset, [2]int{c.dy, c.dx})
				for j, v := range one {
					total[j] += v
				}
				compareJoint(t, apart[i*k*k:(i+1)*k*k], one, k)
			}
			compareJoint(t, collapsed, total, k)
		}
	})
}

// offsets are the (dy, dx) of a square in the order of the joints.
func offsets(half int) (all [][2]int) {
	for dy := -half; dy <= half; dy++ {
		for dx := -half; dx <= half; dx++ {
			all = append(all, [2]int{dy, dx})
		}
	}
	return all
}

func plainJoint(x1, x2 []float64, size [4]int, offset, shift [2]int) []float64 {
	b, k, h, w := size[0], size[1], size[2], size[3]
	at := func(x []float64, n, c, y, dx int) float64 {
		if y < 0 || y >= h || dx < 0 || dx >= w {
			return 0
		}
		return x[((n*k+c)*h+y)*w+dx]
	}
	joint := make([]float64, k*k)
	for n := range b {
		for y := range h {
			for x := range w {
				for i := range k * k {
					joint[i] += at(x1, n, i/k, y+offset[0], x+offset[1]) * at(x2, n, i%k, y+shift[0], x+shift[1])
				}
			}
		}
	}
	return joint
}

// compareJoint holds got against the sums, divided by their total and made symmetric; all zero where they are.
func compareJoint(t *testing.T, got, sums []float64, k int) {
	t.Helper()
	total := 0.0
	for _, v := range sums {
		total += v
	}
	for i := range sums {
		want := 0.0
		if total > 0 {
			want = (sums[i] + sums[i%k*k+i/k]) / (2 * total)
		}
		if math.Abs(got[i]-want) > 1e-12 {
			t.Errorf("cell %d of the joint is %g, want %g", i, got[i], want)
			return
		}
	}
}

// TestSegmentationUnderMask: what the mask leaves out counts for nothing, and an empty mask leaves a loss of nothing.
func TestSegmentationUnderMask(t *testing.T) {
	torch.In(func(*torch.Scope) {
		x1 := drawn(5, 2, 3, 4, 4).Softmax(1).RequireGrad(true)
		mask := torch.Cat([]*torch.Tensor{
			torch.Ones([]int{1, 4, 4}, torch.Float64, torch.CPU), torch.Zeros([]int{1, 4, 4}, torch.Float64, torch.CPU),
		}, 0)
		cfg := objective.SegmentationConfig{Lamb: 1, HalfSide: 1}
		half := objective.IICSegmentation(objective.SegmentationPair{X1BKHW: x1, X2BKHW: x1, MaskBHW: mask}, cfg).Loss
		first := x1.Narrow(0, 0, 1)
		alone := objective.IICSegmentation(objective.SegmentationPair{X1BKHW: first, X2BKHW: first}, cfg).Loss
		if math.Abs(half.Float()-alone.Float()) > 1e-12 {
			t.Errorf("loss under a mask is %g, of the part alone %g", half.Float(), alone.Float())
		}
		for _, uncollapsed := range []bool{false, true} {
			cfg.Uncollapsed = uncollapsed
			none := objective.SegmentationPair{X1BKHW: x1, X2BKHW: x1, MaskBHW: mask.MulScalar(0)}
			loss := objective.IICSegmentation(none, cfg).Loss
			loss.Backward()
			if math.Abs(loss.Float()) > 1e-11 || !gradientIsFinite(x1) {
				t.Errorf("loss under an empty mask is %g, want 0", loss.Float())
			}
		}
	})
}
